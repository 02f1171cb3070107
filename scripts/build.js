/**
 * Builds the workspaces with tsup, dependencies first: ES modules, source maps and, unless `--no-types`, declarations.
 * `node scripts/build.js [--no-types] [--stale] [name ...]`; names such as `core` choose workspaces, none means all, `--stale` leaves
 * out those whose sources did not change since they were last built.
 *
 * A workspace is built beside its `dist`, which is replaced at the end: a program that runs meanwhile finds the old files or the new.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'tsup';
import { forgetBuild, isStale, recordBuild, sourceHash, typesHash } from './build-record.js';
import { exclusively, sayWaiting } from './exclusive.js';
import { top, turnsFolder, workspaces } from './workspaces.js';

/** @param {{ types?: boolean, onlyStale?: boolean, names?: string[] }} options */
async function buildWorkspaces({ types = true, onlyStale = false, names = [] }) {
  for (const workspace of chosen(names)) {
    if (onlyStale && !isStale(workspace, { types })) continue;
    const started = performance.now();
    await buildWorkspace(workspace, types);
    console.log(`built ${workspace.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
}

function chosen(names) {
  const all = workspaces();
  const unknown = names.filter((name) => !all.some(({ directory }) => path.basename(directory) === name));
  if (unknown.length > 0) throw new Error(`build: there is no workspace ${unknown.join(', ')}`);
  return names.length === 0 ? all : all.filter(({ directory }) => names.includes(path.basename(directory)));
}

async function buildWorkspace(workspace, types) {
  const { name, directory, manifest } = workspace;
  const entry = entriesOf(manifest);
  const missing = Object.values(entry).filter((file) => !existsSync(path.join(directory, file)));
  if (missing.length > 0) throw new Error(`${name}: package.json names entries that are not in src: ${missing.join(', ')}`);

  const record = {
    sources: sourceHash(workspace),
    ...(types && { types: typesHash(workspace) }),
    files: Object.keys(entry).map((output) => `dist/${output}.js`),
  };
  const outDir = path.join(directory, 'dist.next');
  rmSync(outDir, { recursive: true, force: true });
  await build({
    entry: Object.fromEntries(Object.entries(entry).map(([output, file]) => [output, path.join(directory, file)])),
    outDir,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    removeNodeProtocol: false,
    sourcemap: true,
    splitting: true,
    // What package.json depends on is imported, not copied: one zod, one Table class in a program.
    skipNodeModulesBundle: true,
    dts: types,
    config: false,
    silent: true,
    tsconfig: path.join(top, 'tsconfig.base.json'),
  });
  forgetBuild(workspace);
  rmSync(path.join(directory, 'dist'), { recursive: true, force: true });
  renameSync(outDir, path.join(directory, 'dist'));
  recordBuild(workspace, record);
}

/** Source files by the name of the file they become: every `./dist/NAME.js` that the manifest's exports and bin name. */
function entriesOf(manifest) {
  const targets = [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {})];
  const files = targets.map((target) => target.default ?? target).filter((file) => file.endsWith('.js'));
  return Object.fromEntries(files.map((file) => [path.basename(file, '.js'), `src/${path.basename(file, '.js')}.ts`]));
}

const options = process.argv.slice(2);
await exclusively(
  turnsFolder,
  () =>
    buildWorkspaces({
      types: !options.includes('--no-types'),
      onlyStale: options.includes('--stale'),
      names: options.filter((argument) => !argument.startsWith('--')),
    }),
  { onWait: sayWaiting },
);
