import { afterEach, describe, expect, it, vi } from 'vitest';
import { maskKernel } from './mask-kernel.js';
import type { MaskBlock } from './mask-tables.js';

/** No trees at all. */
const block: MaskBlock = { treeCount: 0, wordsPerTree: 1, wordsPerRow: 16, features: [], leaves: new Float64Array(0) };

describe('maskKernel', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('scores', () => expect(maskKernel([block], 3)!.marginOf(new Float32Array(0))).toBe(3));

  it('is not to be had without WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(maskKernel([block], 3)).toBeUndefined();
  });
});
