/**
 * Builds the workspaces with tsup, dependencies first: ES modules, source maps and, unless `--no-types`, declarations.
 * `node scripts/build.js [--no-types] [name ...]`; names such as `core` choose workspaces, none means all.
 */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { workspaces } from './workspaces.js';

/** @param {{ types?: boolean, names?: string[] }} options */
export async function buildWorkspaces({ types = true, names = [] } = {}) {
  for (const { directory, manifest } of workspaces()) {
    if (names.length > 0 && !names.includes(path.basename(directory))) continue;
    const entry = entriesOf(manifest);
    if (!Object.values(entry).every((file) => existsSync(path.join(directory, file)))) {
      throw new Error(`${manifest.name}: package.json names entries that are not in src: ${Object.values(entry).join(', ')}`);
    }
    const started = performance.now();
    rmSync(path.join(directory, 'dist'), { recursive: true, force: true });
    await build({
      entry: Object.fromEntries(Object.entries(entry).map(([name, file]) => [name, path.join(directory, file)])),
      outDir: path.join(directory, 'dist'),
      format: 'esm',
      target: 'node20',
      platform: 'node',
      sourcemap: true,
      splitting: true,
      dts: types,
      config: false,
      silent: true,
      tsconfig: path.join(directory, 'tsconfig.json'),
    });
    console.log(`built ${manifest.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
}

/** Source files by the name of the file they become: every `./dist/NAME.js` that the manifest's exports and bin name. */
function entriesOf(manifest) {
  const targets = [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {})];
  const files = targets.map((target) => target.default ?? target).filter((file) => file.endsWith('.js'));
  return Object.fromEntries(files.map((file) => [path.basename(file, '.js'), `src/${path.basename(file, '.js')}.ts`]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  await buildWorkspaces({ types: !process.argv.includes('--no-types'), names });
}
