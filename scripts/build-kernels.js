/**
 * Compiles the WebAssembly kernels of all packages from AssemblyScript. `node scripts/build-kernels.js` (`npm run kernels`) writes them;
 * with `--check` it writes nothing and fails if a committed file differs from what its source compiles to.
 *
 * `packages/NAME/kernels/kernels.json` lists a package's kernels: `{ "scoring/score-rows.ts": { "memory": "own" } }`. The source stands
 * beside the list, as `kernels/scoring/score-rows.ts`; what it compiles to goes to `src/scoring/score-rows-wasm.ts`, a module that
 * holds the bytes and exports `scoreRowsKernel()`, which instantiates them by a loader of `@fraudops/core/kernels`, and the type of what
 * that returns. It is committed, so that neither users nor tests need the compiler, whose version is pinned: the same source gives the same
 * bytes on every machine.
 *
 * A kernel sees raw memory, which the TypeScript around it lays out; there is no allocator and no garbage collection in it.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { top } from './workspaces.js';

/** Most pages of 64 KB that a shared memory may have: 2 GB. It is part of the memory's type, in the kernel and where it is made. */
const SHARED_PAGES = 32768;

const SHARED_FLAGS = [
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  `${SHARED_PAGES}`,
  '--enable',
  'threads',
];

/**
 * Flags by the kind of memory. `own`: the module has a memory of its own, which its caller grows. `shared`: it imports `env.memory`, so
 * that several threads can work on one. `joined`: it works on the memory that another kernel made.
 */
const MEMORY_FLAGS = {
  own: ['--initialMemory', '1', '--maximumMemory', '65536'],
  shared: SHARED_FLAGS,
  joined: SHARED_FLAGS,
};

/** `--use abort=` leaves out the import of a function that would report failed assertions: a kernel makes none. */
const COMMON_FLAGS = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--converge', '--use', 'abort='];

/** @typedef {{ source: string, output: string, name: string, memory: 'own' | 'shared' | 'joined' }} Kernel paths from the top folder */

/** @param {{ check?: boolean }} options @returns {Promise<string[]>} the files that were written, or that differ */
export async function buildKernels({ check = false } = {}) {
  const changed = [];
  for (const kernel of kernels()) {
    const text = moduleText(kernel, await compile(kernel));
    const file = path.join(top, kernel.output);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    changed.push(kernel.output);
    if (check) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return changed;
}

/** @returns {Kernel[]} of all packages, in the order of their paths */
function kernels() {
  return readdirSync(path.join(top, 'packages'))
    .sort()
    .flatMap((name) => {
      const list = path.join(top, 'packages', name, 'kernels', 'kernels.json');
      if (!existsSync(list)) return [];
      return Object.entries(JSON.parse(readFileSync(list, 'utf8'))).map(([source, { memory }]) => {
        if (!Object.hasOwn(MEMORY_FLAGS, memory))
          throw new Error(`${list}: memory of ${source} is ${memory}, expected own, shared or joined`);
        const stem = source.replace(/\.ts$/, '');
        return {
          source: `packages/${name}/kernels/${source}`,
          output: `packages/${name}/src/${stem}-wasm.ts`,
          name: `${camelCase(path.posix.basename(stem))}Kernel`,
          memory,
        };
      });
    });
}

const camelCase = (name) => name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());

/** @param {Kernel} kernel @returns {Promise<{ binary: Uint8Array, declarations: string }>} the WebAssembly module, and asc's types of it */
async function compile({ source, memory }) {
  const written = new Map();
  let messages = '';
  const flags = [...MEMORY_FLAGS[memory], ...COMMON_FLAGS];
  const { error } = await asc.main([source, '--outFile', 'kernel.wasm', '--bindings', 'raw', ...flags], {
    readFile: (name, folder) => {
      const file = path.resolve(top, folder, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
    writeFile: (name, contents) => written.set(name, contents),
    listFiles: () => [],
    stderr: { write: (text) => (messages += text) },
  });
  if (error) throw new Error(`${source} does not compile:\n${messages}`, { cause: error });
  return { binary: written.get('kernel.wasm'), declarations: written.get('kernel.d.ts') };
}

/** @returns {string} the generated module; what all of them share is in `@fraudops/core/kernels` */
function moduleText({ source, name, memory }, { binary, declarations }) {
  const type = name[0].toUpperCase() + name.slice(1);
  const methods = [...declarations.matchAll(/^ *export function (\w+)(\(.*\)): (.*);$/gm)].map(
    ([, method, parameters, result]) => `  readonly ${method}: ${parameters} => ${result};`,
  );
  const { imports, loader, argument, members, grown } = LOADERS[memory];
  return [
    `/** Generated by \`npm run kernels\` from ${source}, ${binary.length} bytes of WebAssembly; do not edit. */`,
    `import { ${imports} } from '@fraudops/core/kernels';`,
    '',
    '/** Functions of the kernel, which its source describes. */',
    `export interface ${type} {`,
    ...members,
    ...methods,
    '}',
    '',
    `/** A new instance of the kernel${grown}; undefined where that is not to be had. */`,
    `export const ${name} = ${loader}(`,
    `  '${Buffer.from(binary).toString('base64')}',`,
    `) as (${argument}) => ${type} | undefined;`,
    ...(memory === 'shared' ? memoryLines(name) : []),
    '',
  ].join('\n');
}

const onMemory = {
  loader: 'sharedMemoryKernel',
  argument: 'memory: SharedKernelMemory',
  members: [],
  grown: ' on a memory that threads share',
};

/** What differs between the modules, by the kind of memory. */
const LOADERS = {
  own: {
    imports: 'type KernelMemory, ownMemoryKernel',
    loader: 'ownMemoryKernel',
    argument: 'bytes: number',
    members: ['  readonly memory: KernelMemory;'],
    grown: ', with room for so many bytes behind the first page of its memory',
  },
  shared: { ...onMemory, imports: 'type SharedKernelMemory, sharedKernelMemory, sharedMemoryKernel' },
  joined: { ...onMemory, imports: 'type SharedKernelMemory, sharedMemoryKernel' },
};

const memoryLines = (name) => [
  '',
  '/** A new memory for the kernel, in pages of 64 KB; undefined where that is not to be had. */',
  `export const ${name}Memory = (initial: number) => sharedKernelMemory({ initial, maximum: ${SHARED_PAGES} });`,
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const changed = await buildKernels({ check });
  if (check && changed.length > 0) {
    console.error(
      `kernels: ${changed.join(', ')} is not what its source compiles to; run \`npm run kernels\` and commit the result`,
    );
    process.exitCode = 1;
  } else {
    console.log(changed.length === 0 ? 'kernels: all are what their sources compile to' : `kernels: wrote ${changed.join(', ')}`);
  }
}
