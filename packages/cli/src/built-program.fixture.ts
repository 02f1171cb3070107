/** A fixture as a program of its own, for tests with several processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A program that was built. */
export interface BuiltProgram {
  /** The file that Node.js runs. */
  readonly file: string;
  /** An empty folder for the test. */
  readonly folder: string;
  /** Removes both. */
  dispose(): Promise<void>;
}

/** Builds a fixture of this folder, with the sources of the packages in it: no build of them is needed, and none is disturbed. */
export async function buildProgram(fixture: string): Promise<BuiltProgram> {
  const top = await mkdtemp(path.join(tmpdir(), 'fraudops-program-'));
  const folder = path.join(top, 'program');
  await build({
    entry: { program: source(`./${fixture}`) },
    outDir: folder,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    platform: 'node',
    tsconfig: source('../../../tsconfig.json'),
    noExternal: [/^(?!danfojs-node|pg-native)/],
    // Optional, and imported only where they are used.
    external: [/^danfojs-node/, 'pg-native'],
    // For dependencies that are CommonJS inside.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    config: false,
    silent: true,
    clean: false,
  });
  return {
    file: path.join(folder, 'program.mjs'),
    folder: path.join(top, 'stores'),
    dispose: () => rm(top, { recursive: true, force: true }),
  };
}
