/**
 * Loads WebAssembly kernels. A module that `npm run kernels` writes holds a kernel's bytes and the types of its functions; one of these
 * loaders makes instances of it. This is an entry of its own since only such modules, of several packages, need it.
 *
 * A kernel is compiled when it is first asked for, once a thread. Where it can't be had a loader gives undefined, and the TypeScript that
 * stands beside the kernel does its work, to the same bits.
 *
 * @packageDocumentation
 */
import { endianness } from 'node:os';

/** Memory of one instance of a kernel, in pages of 64 KB. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Memory that threads share, in pages of 64 KB; send it to workers as it is. */
export interface SharedKernelMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

const PAGE_BYTES = 65_536;

/**
 * A function that makes an instance of a kernel, whose memory is its own and has room for so many bytes behind its first page.
 *
 * It gives undefined where WebAssembly or its SIMD is not to be had, where the machine's typed arrays have the big end first, and where
 * there is no memory left.
 *
 * @param base64 the bytes of the WebAssembly module
 * @example export const rowSumsKernel = ownMemoryKernel('AGFzbQEA...') as (bytes: number) => RowSumsKernel | undefined;
 */
export function ownMemoryKernel(base64: string): (bytes: number) => { readonly memory: KernelMemory } | undefined {
  const instantiate = compiledOnce(base64);
  return (bytes) => {
    // Typed arrays have the machine's order of bytes, WebAssembly has the little end first.
    if (endianness() !== 'LE') return undefined;
    try {
      const kernel = instantiate({}) as { readonly memory: KernelMemory } | undefined;
      kernel?.memory.grow(Math.ceil(bytes / PAGE_BYTES));
      return kernel;
    } catch (error) {
      // What WebAssembly throws when the machine has no memory left for it.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  };
}

/**
 * A function that makes an instance of a kernel on a memory of {@link sharedKernelMemory}; it gives undefined where WebAssembly, its SIMD
 * or its threads are not to be had.
 *
 * @param base64 the bytes of the WebAssembly module
 */
export function sharedMemoryKernel(base64: string): (memory: SharedKernelMemory) => unknown {
  const instantiate = compiledOnce(base64);
  return (memory) => instantiate({ env: { memory } });
}

/** A new memory that threads share; undefined where WebAssembly is not to be had. */
export function sharedKernelMemory(pages: {
  readonly initial: number;
  readonly maximum: number;
}): SharedKernelMemory | undefined {
  const api = webAssembly();
  return api && new api.Memory({ ...pages, shared: true });
}

/** A function that gives what an instance of the module exports; undefined where there can be none. */
function compiledOnce(base64: string): (imports: object) => unknown {
  let compiled: object | undefined;
  return (imports) => {
    const api = webAssembly();
    if (!api) return undefined;
    if (!compiled) {
      const bytes = Buffer.from(base64, 'base64');
      if (!api.validate(bytes)) return undefined;
      compiled = new api.Module(bytes);
    }
    return new api.Instance(compiled, imports).exports;
  };
}

/** Neither ES2023 nor the types of Node.js 20 declare WebAssembly, hence the few lines that do. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
  Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => SharedKernelMemory;
}

const webAssembly = () => (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
