import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SharedKernelMemory, ownMemoryKernel, sharedKernelMemory, sharedMemoryKernel } from './kernels.js';

const base64Of = (...bytes: number[][]) => Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes.flat()]).toString('base64');
const MEMORY = [0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79];
/** (module (memory (export "memory") 1 4)) */
const own = base64Of([5, 4, 1, 1, 1, 4], [7, 10, 1, 6, ...MEMORY, 2, 0]);
/** (module (import "env" "memory" (memory 1 4 shared)) (export "memory" (memory 0))) */
const shared = base64Of([2, 16, 1, 3, 0x65, 0x6e, 0x76, 6, ...MEMORY, 2, 3, 1, 4], [7, 10, 1, 6, ...MEMORY, 2, 0]);

const startOwn = (bytes: number) => ownMemoryKernel(own)(bytes);
const startShared = sharedMemoryKernel(shared) as (memory: SharedKernelMemory) => { memory: SharedKernelMemory } | undefined;

interface Compiler {
  readonly Module: new (bytes: Uint8Array) => object;
}

afterEach(() => vi.unstubAllGlobals());

describe('ownMemoryKernel', () => {
  it('has room for the bytes behind its first page', () => {
    expect(startOwn(0)!.memory.buffer.byteLength).toBe(65_536);
    expect(startOwn(1)!.memory.buffer.byteLength).toBe(2 * 65_536);
    expect(startOwn(3 * 65_536)!.memory.buffer.byteLength).toBe(4 * 65_536);
  });

  it('makes instances that share nothing, of a module that is compiled once', () => {
    const { WebAssembly: actual } = globalThis as unknown as { WebAssembly: Record<'Instance' | 'validate', unknown> & Compiler };
    let compilations = 0;
    vi.stubGlobal('WebAssembly', {
      validate: actual.validate,
      Instance: actual.Instance,
      Module: function module(bytes: Uint8Array) {
        compilations += 1;
        return new actual.Module(bytes);
      },
    });
    const start = ownMemoryKernel(own);
    const [a, b] = [start(0)!, start(0)!];
    new Uint8Array(a.memory.buffer).fill(7);
    expect(new Uint8Array(b.memory.buffer, 0, 4)).toEqual(new Uint8Array(4));
    expect(compilations).toBe(1);
  });

  it('is undefined where the memory can not grow so far', () => expect(startOwn(4 * 65_536)).toBeUndefined());

  it('is undefined without WebAssembly, or a part of it that the kernel needs', () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(startOwn(0)).toBeUndefined();
    vi.stubGlobal('WebAssembly', { validate: () => false });
    expect(startOwn(0)).toBeUndefined();
  });

  it('is undefined without memory, but any other failure shows', () => {
    const failing = (error: Error) => ({
      validate: () => true,
      Module: Object,
      Instance: function instance() {
        throw error;
      },
    });
    vi.stubGlobal('WebAssembly', failing(new RangeError('could not allocate memory')));
    expect(startOwn(0)).toBeUndefined();
    vi.stubGlobal('WebAssembly', failing(new TypeError('something else')));
    expect(() => startOwn(0)).toThrow('something else');
  });
});

describe('sharedMemoryKernel', () => {
  it('works on the memory that it is given', () => {
    const memory = sharedKernelMemory({ initial: 2, maximum: 4 })!;
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(memory.buffer.byteLength).toBe(2 * 65_536);
    expect(startShared(memory)!.memory).toBe(memory);
  });

  it('is undefined without WebAssembly, as its memory is', () => {
    const memory = sharedKernelMemory({ initial: 1, maximum: 4 })!;
    vi.stubGlobal('WebAssembly', undefined);
    expect(sharedKernelMemory({ initial: 1, maximum: 4 })).toBeUndefined();
    expect(startShared(memory)).toBeUndefined();
  });
});
