import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyMixedTree } from '../arbitrary-models.fixture.js';
import type { TreeArrays } from '../tree-arrays.js';
import { maskBlocks } from './mask-tables.js';

const plainStump: TreeArrays = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(7, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, -1, 1),
  cover: Float64Array.of(3, 2, 1),
};

/** Tables of fifty stumps of a kind: cuts, and the first tree's mask of each row, of which only two leaves matter. */
function tablesOf(stump: TreeArrays) {
  const block = maskBlocks(Array<TreeArrays>(50).fill(stump))![0]!;
  const { feature, cuts, masks } = block.features[0]!;
  const firstMasks = Array.from({ length: cuts.length + 2 }, (_, row) => (masks[row * block.wordsPerRow]! & 0b11).toString(2));
  return { feature, cuts: [...cuts], masks: firstMasks };
}

describe('maskBlocks', () => {
  it('writes down which leaves each interval leaves over', () => {
    // Missing values go left, where the lower leaf is; so does what is at most 7; what is more can't reach that leaf.
    expect(tablesOf(plainStump)).toEqual({ feature: 0, cuts: [7], masks: ['11', '11', '10'] });
  });

  it('knows that zeros may be missing', () => {
    const tiny = Math.fround(1e-35);
    const { cuts, masks } = tablesOf({
      ...plainStump,
      missingLeft: Uint8Array.of(0, 0, 0),
      zeroIsMissing: Uint8Array.of(1, 0, 0),
    });
    expect(cuts.slice(1)).toEqual([tiny, 7]);
    expect(cuts[0]).toBeLessThan(-tiny);
    expect(cuts[0]).toBeGreaterThan(-tiny * (1 + 2 ** -22));
    expect(masks).toEqual(['10', '11', '10', '11', '10']);
  });

  it('makes an interval of each listed code', () => {
    const { cuts, masks } = tablesOf({
      ...plainStump,
      categoryStarts: Int32Array.of(0, 2, 2, 2),
      categories: Int32Array.of(0, 5),
    });
    // Code 0 is what lies between -1 and 1; code 5 is 5 and its fractions.
    expect(cuts).toEqual([-1, 1 - 2 ** -24, 5 - 2 ** -21, 6 - 2 ** -21]);
    expect(masks).toEqual(['11', '10', '11', '10', '11', '10']);
  });

  it('has distinct cuts in ascending order, and leaves every row a leaf of every tree', () => {
    fc.assert(
      fc.property(fc.array(anyMixedTree({ minLength: 4, maxLength: 31 }), { minLength: 20, maxLength: 30 }), (trees) => {
        for (const { features, treeCount, wordsPerRow, wordsPerTree } of maskBlocks(trees)!) {
          for (const { cuts, masks } of features) {
            expect([...cuts]).toEqual([...new Set(cuts)].sort((a, b) => a - b));
            for (let row = 0; row < cuts.length + 2; row++) {
              const words = masks.subarray(row * wordsPerRow, row * wordsPerRow + treeCount * wordsPerTree);
              expect(words.includes(0)).toBe(false);
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
