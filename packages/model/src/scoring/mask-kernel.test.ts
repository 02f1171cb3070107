import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MaskBlock } from './mask-tables.js';

/** No trees at all. */
const block: MaskBlock = { treeCount: 0, wordsPerTree: 1, wordsPerRow: 16, features: [], leaves: new Float64Array(0) };

/** The kernel of a process in which WebAssembly is what it is now. */
async function freshKernel() {
  vi.resetModules();
  const { maskKernel } = await import('./mask-kernel.js');
  return maskKernel([block], 3);
}

describe('maskKernel', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('scores', async () => expect((await freshKernel())!.marginOf(new Float32Array(0))).toBe(3));

  it('is not to be had without WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(await freshKernel()).toBeUndefined();
  });

  it('is not to be had without SIMD', async () => {
    vi.stubGlobal('WebAssembly', { validate: () => false });
    expect(await freshKernel()).toBeUndefined();
  });

  it('is not to be had without memory, but any other failure shows', async () => {
    const failing = (error: Error) => ({
      validate: () => true,
      Module: Object,
      Instance: function instance() {
        throw error;
      },
    });
    vi.stubGlobal('WebAssembly', failing(new RangeError('could not allocate memory')));
    expect(await freshKernel()).toBeUndefined();
    vi.stubGlobal('WebAssembly', failing(new TypeError('something else')));
    await expect(freshKernel()).rejects.toThrow('something else');
  });
});
