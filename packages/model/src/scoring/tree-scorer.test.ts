import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyEdgeRow, anyMixedTree } from '../arbitrary-models.fixture.js';
import type { TreeArrays } from '../tree-arrays.js';
import { flatScorer } from './flat-scorer.js';
import { literalMargin } from './literal-margin.fixture.js';
import { maskKernel } from './mask-kernel.js';
import { maskBlocks } from './mask-tables.js';
import { type TreeScorer, treeScorer } from './tree-scorer.js';

const FEATURES = 3;

const toMatrix = (rows: readonly (readonly number[])[]) => ({
  names: ['a', 'b', 'c'],
  rowCount: rows.length,
  columns: Array.from({ length: FEATURES }, (_, j) => Float32Array.from(rows, (row) => row[j]!)),
});

const oneByOne = (scorer: TreeScorer, rows: readonly (readonly number[])[]) =>
  rows.map((row) => scorer.marginOf(Float32Array.from(row)));

function inBatch(scorer: TreeScorer, rows: readonly (readonly number[])[], baseMargin: number): number[] {
  const margins = new Float64Array(rows.length).fill(baseMargin);
  scorer.addMargins(toMatrix(rows), margins);
  return [...margins];
}

const anyCase = (splits: fc.ArrayConstraints, trees: fc.ArrayConstraints) =>
  fc.record({
    baseMargin: fc.double({ min: -5, max: 5, noNaN: true }),
    trees: fc.array(anyMixedTree(splits), trees),
    rows: fc.array(anyEdgeRow, { minLength: 1, maxLength: 70 }),
  });

/** `toEqual` tells NaN and -0 apart, so equal arrays are equal bits. */
function expectLiteralMargins(
  scorer: TreeScorer,
  { trees, rows, baseMargin }: { trees: TreeArrays[]; rows: number[][]; baseMargin: number },
) {
  const expected = rows.map((row) => literalMargin(trees, baseMargin, row));
  expect(oneByOne(scorer, rows)).toEqual(expected);
  expect(inBatch(scorer, rows, baseMargin)).toEqual(expected);
}

describe('flatScorer', () => {
  it('gives the margins of the literal rule, to the bit', () => {
    fc.assert(
      fc.property(anyCase({ maxLength: 80 }, { maxLength: 6 }), (given) => {
        expectLiteralMargins(flatScorer({ featureCount: FEATURES, ...given }), given);
      }),
    );
  });
});

describe('maskKernel', () => {
  it.each([
    ['at most 32 leaves', 0, 31],
    ['up to 64 leaves', 33, 63],
  ])('gives the margins of the literal rule for trees of %s, to the bit', (_, minLength, maxLength) => {
    fc.assert(
      fc.property(anyCase({ minLength, maxLength }, { minLength: 1, maxLength: 40 }), (given) => {
        // Planning may find that rows are better walked down so few trees.
        const trees = repeatUntilMasked(given.trees);
        expectLiteralMargins(maskKernel(maskBlocks(trees)!, given.baseMargin)!, { ...given, trees });
      }),
      { numRuns: 60 },
    );
  });

  it('adds leaves in the order of the trees across blocks', () => {
    const trees = sample(anyMixedTree({ minLength: 25, maxLength: 31 }), 300);
    const blocks = maskBlocks(trees)!;
    expect(blocks.length).toBeGreaterThan(1);
    expectLiteralMargins(maskKernel(blocks, 0.1)!, { trees, rows: sample(anyEdgeRow, 200), baseMargin: 0.1 });
  });

  it.each([1, 4, 5, 24, 25, 124, 125, 700])('finds the interval of a value among %i cuts', (cutCount) => {
    const stumps = Array.from({ length: cutCount }, (_, i) => stump(Math.fround(i / 7)));
    const trees = [...stumps, ...Array<TreeArrays>(50).fill(stump(0))];
    const values = Array.from({ length: cutCount + 2 }, (_, i) => Math.fround((i - 1) / 7));
    const near = values.flatMap((value) => [value, value + 1e-6, value - 1e-6]);
    const rows = [...near, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN].map((value) => [value, 0, 0]);
    expectLiteralMargins(maskKernel(maskBlocks(trees)!, 0)!, { trees, rows, baseMargin: 0 });
  });

  it('takes trees that are only a leaf among others', () => {
    const [leaf] = sample(anyMixedTree({ maxLength: 0 }), 1);
    const trees = [leaf!, ...sample(anyMixedTree({ minLength: 20, maxLength: 31 }), 20), leaf!];
    expectLiteralMargins(maskKernel(maskBlocks(trees)!, 0)!, { trees, rows: sample(anyEdgeRow, 65), baseMargin: 0 });
  });
});

describe('treeScorer', () => {
  const trees = sample(anyMixedTree({ minLength: 25, maxLength: 31 }), 20);
  const rows = sample(anyEdgeRow, 1_500);

  it('gives the same bits before and after it goes over to tables', () => {
    expectLiteralMargins(treeScorer({ featureCount: FEATURES, baseMargin: 1, trees }), { trees, rows, baseMargin: 1 });
    expect(inBatch(treeScorer({ featureCount: FEATURES, baseMargin: 1, trees }), rows, 1)).toEqual(
      rows.map((row) => literalMargin(trees, 1, row)),
    );
  });

  it('takes no rows, and no trees', () => {
    const scorer = treeScorer({ featureCount: FEATURES, baseMargin: 2, trees: [] });
    expect(inBatch(scorer, [], 2)).toEqual([]);
    expect(inBatch(scorer, rows, 2)).toEqual(rows.map(() => 2));
    expect(scorer.marginOf(Float32Array.of(1, 2, 3))).toBe(2);
  });
});

const stump = (threshold: number): TreeArrays => ({
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(threshold, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, -0.1, Math.SQRT2 + threshold),
  cover: Float64Array.of(2, 1, 1),
});

function sample<Value>(arbitrary: fc.Arbitrary<Value>, count: number): Value[] {
  return fc.sample(arbitrary, { numRuns: count, seed: 7 });
}

function repeatUntilMasked(trees: readonly TreeArrays[]): TreeArrays[] {
  let repeated = [...trees];
  while (maskBlocks(repeated) === undefined) repeated = [...repeated, ...trees];
  return repeated;
}
