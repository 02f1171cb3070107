import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyMixedTree } from '../arbitrary-models.fixture.js';
import type { TreeArrays } from '../tree-arrays.js';
import { planBlocks } from './mask-plan.js';

/** A tree whose splits, one to the right of the other, are at most 0, 1, 2 and so on of the given features. */
function chain(splits: number, featureOf: (split: number) => number = () => 0): TreeArrays {
  const nodeCount = 2 * splits + 1;
  const isSplit = (node: number): boolean => node % 2 === 0 && node < 2 * splits;
  const perNode = (value: (node: number) => number) => Array.from({ length: nodeCount }, (_, node) => value(node));
  return {
    feature: Int32Array.from(perNode((node) => (isSplit(node) ? featureOf(node / 2) : -1))),
    threshold: Float32Array.from(perNode((node) => (isSplit(node) ? node / 2 : 0))),
    left: Int32Array.from(perNode((node) => (isSplit(node) ? node + 1 : -1))),
    right: Int32Array.from(perNode((node) => (isSplit(node) ? node + 2 : -1))),
    missingLeft: new Uint8Array(nodeCount),
    value: Float64Array.from(perNode((node) => node)),
    cover: new Float64Array(nodeCount),
  };
}

const repeat = (tree: TreeArrays, count: number): TreeArrays[] => Array<TreeArrays>(count).fill(tree);

/** The same with categories: each split lists every second code up to a number of codes. */
function categoryChain(splits: number, codes: number): TreeArrays {
  const starts = [0];
  for (let node = 0; node < 2 * splits + 1; node++)
    starts.push(starts[node]! + (node % 2 === 0 && node < 2 * splits ? codes : 0));
  const categories = Int32Array.from({ length: splits * codes }, (_, i) => 2 * (i % codes));
  return { ...chain(splits), categoryStarts: Int32Array.from(starts), categories };
}

describe('planBlocks', () => {
  it('gives a tree one word up to 32 leaves, two up to 64, and walks down larger ones', () => {
    expect(planBlocks(repeat(chain(31), 20))![0]).toMatchObject({ treeCount: 20, wordsPerTree: 1, wordsPerRow: 32 });
    expect(planBlocks([...repeat(chain(31), 20), chain(32)])![0]).toMatchObject({ wordsPerTree: 2, wordsPerRow: 48 });
    expect(planBlocks(repeat(chain(63), 20))![0]).toMatchObject({ wordsPerTree: 2 });
    expect(planBlocks([...repeat(chain(63), 20), chain(64)])).toBeUndefined();
  });

  it('numbers leaves from left to right, and keeps those on the right of a split', () => {
    const [plan] = planBlocks(repeat(chain(2), 30))!;
    expect(plan!.leaves.subarray(32, 36)).toEqual(Float64Array.of(1, 3, 4, 0));
    const [first, second] = plan!.splitsByFeature.get(0)!;
    expect(first).toMatchObject({ treePosition: 0, node: 0, lowMask: ~0b01, highMask: ~0 });
    expect(second).toMatchObject({ treePosition: 0, node: 2, lowMask: ~0b10, highMask: ~0 });
    const [wide] = planBlocks(repeat(chain(63), 30))!;
    const masks = wide!.splitsByFeature.get(0)!.slice(31, 33);
    expect(masks).toMatchObject([
      { lowMask: 0x7fffffff, highMask: ~0 },
      { lowMask: ~0, highMask: ~1 },
    ]);
  });

  it('parts many trees into blocks of neighbours whose tables fit the cache', () => {
    const plans = planBlocks(repeat(chain(31), 1_000))!;
    expect(plans.reduce((sum, { treeCount }) => sum + treeCount, 0)).toBe(1_000);
    for (const { treeCount, wordsPerRow } of plans) expect(treeCount * 31 * wordsPerRow * 4).toBeLessThan(1.5 * 2 ** 20);
  });

  it('walks down few trees over many features, of which a row would search all', () => {
    const trees = (featureOf: (tree: number, split: number) => number) =>
      Array.from({ length: 10 }, (_, t) => chain(31, (split) => featureOf(t, split)));
    expect(planBlocks(trees((_, split) => split % 3))).toBeDefined();
    expect(planBlocks(trees((t, split) => 31 * t + split))).toBeUndefined();
    expect(planBlocks([])).toBeUndefined();
  });

  it('walks down models whose tables would be large or long in making', () => {
    expect(planBlocks(repeat(chain(31), 20_000))).toBeUndefined();
    const small = repeat(categoryChain(1, 10), 100);
    expect(planBlocks(small)).toBeDefined();
    expect(planBlocks([...small, categoryChain(1, 1_000_000)])).toBeUndefined();
    // About 40 MB of tables, but each of 217 splits would be asked about each of 43,000 intervals, 14 times.
    expect(planBlocks(repeat(categoryChain(31, 100), 100))).toBeUndefined();
    expect(planBlocks(repeat(categoryChain(31, 100), 40))).toBeDefined();
  });

  it('places every split once', () => {
    fc.assert(
      fc.property(fc.array(anyMixedTree({ minLength: 4, maxLength: 63 }), { minLength: 20, maxLength: 40 }), (trees) => {
        const plans = planBlocks(trees)!;
        const placed = plans.flatMap(({ splitsByFeature }) => [...splitsByFeature.values()].flat());
        expect(placed.length).toBe(trees.reduce((sum, tree) => sum + (tree.feature.length - 1) / 2, 0));
        expect(new Set(placed.map(({ tree, node }) => `${trees.indexOf(tree)}/${node}`)).size).toBe(placed.length);
      }),
      { numRuns: 20 },
    );
  });
});
