import { describe, expect, it } from 'vitest';
import { modelFromJson } from './model-from-json.js';
import type { TreeArrays } from './tree-arrays.js';
import { treeModel } from './tree-model.js';

/** Codes 2 and 5 of the first feature go left. */
const byCategory: TreeArrays = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(0, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, -1, 1),
  cover: Float64Array.of(3, 2, 1),
  categoryStarts: Int32Array.of(0, 2, 2, 2),
  categories: Int32Array.of(2, 5),
};

/** At most 7 goes left; zeros and missing values go right. */
const { categoryStarts: _starts, categories: _codes, ...plain } = byCategory;
const byThreshold: TreeArrays = {
  ...plain,
  threshold: Float32Array.of(7, 0, 0),
  missingLeft: Uint8Array.of(0, 0, 0),
  zeroIsMissing: Uint8Array.of(1, 0, 0),
};

const modelOf = (tree: TreeArrays) => treeModel({ featureNames: ['a'], baseMargin: 0, trees: [tree] });
const marginsOf = (tree: TreeArrays, values: readonly number[]) => values.map((value) => modelOf(tree).margin([value]));

describe('a category split', () => {
  it('sends listed codes left, without their fraction, and all others right', () => {
    expect(marginsOf(byCategory, [2, 5, 5.9, 2.5])).toEqual([-1, -1, -1, -1]);
    expect(marginsOf(byCategory, [0, 3, 6, -2, 1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toEqual(
      Array(7).fill(1),
    );
    expect(marginsOf(byCategory, [Number.NaN])).toEqual([-1]);
  });

  it('survives JSON', () => {
    const again = modelFromJson(JSON.parse(JSON.stringify(modelOf(byCategory).toJson())));
    expect([2, 3, 5].map((code) => again.margin([code]))).toEqual([-1, 1, -1]);
  });

  it.each([
    [{ categories: Int32Array.of(5, 2) }, 'categories[1] is 2, expected 0 to 16777215, more than the one before it in node 0'],
    [{ categories: Int32Array.of(-1, 2) }, 'categories[0] is -1'],
    [{ categories: Int32Array.of(2, 16_777_216) }, 'categories[1] is 16777216'],
    [{ categoryStarts: Int32Array.of(0, 2, 2) }, 'categoryStarts has 3 entries, expected 4'],
    [{ categoryStarts: Int32Array.of(0, 2, 2, 1) }, 'categoryStarts goes from 0 to 1, expected 0 to 2'],
    [{ categoryStarts: Int32Array.of(0, 3, 2, 2) }, 'categoryStarts[2] is 2, expected no less'],
    [{ categoryStarts: Int32Array.of(0, 1, 2, 2) }, 'node 1 is a leaf and lists categories'],
    [{ zeroIsMissing: Uint8Array.of(1, 0, 0) }, 'zeroIsMissing[0] is 1, expected 0 at this node'],
  ])('refuses %j', (change, message) => {
    expect(() => modelOf({ ...byCategory, ...change })).toThrow(message);
  });
});

describe('a split where zero is missing', () => {
  it('takes what is at most 1e-35 in size for missing', () => {
    expect(marginsOf(byThreshold, [1, -1, 7, 1e-34])).toEqual([-1, -1, -1, -1]);
    expect(marginsOf(byThreshold, [0, -0, 1e-35, -1e-35, Number.NaN, 8])).toEqual(Array(6).fill(1));
  });

  it('survives JSON', () => {
    const again = modelFromJson(JSON.parse(JSON.stringify(modelOf(byThreshold).toJson())));
    expect([0, 1].map((value) => again.margin([value]))).toEqual([1, -1]);
  });
});
