import { existsSync, readFileSync } from 'node:fs';
import { seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TreeArrays } from '../tree-arrays.js';
import { treeModel } from '../tree-model.js';
import { depthFirstTreeShap } from './depth-first-tree-shap.js';
import { randomRows, randomTree, randomTrees, shapleyByDefinition } from './explained-trees.fixture.js';
import { kernelTreeShap } from './kernel-tree-shap.js';
import { PathScratch, pathTreeShap } from './path-tree-shap.fixture.js';
import { MAX_TABLE_BYTES, MAX_TREE_SLOTS, partByTableSize, quadratureTables } from './quadrature-tables.js';
import { quadratureTreeShap } from './quadrature-tree-shap.js';
import { treeExplainer } from './tree-explainer.js';
import { treeShapes } from './tree-shape.js';

/** Contributions of one row to a sum of trees. */
type Way = (trees: readonly TreeArrays[], featureCount: number) => (row: Float32Array) => Float64Array;

const way =
  (
    prepare: (trees: readonly TreeArrays[], featureCount: number) => (row: Float32Array, contributions: Float64Array) => void,
  ): Way =>
  (trees, featureCount) => {
    const add = prepare(trees, featureCount);
    return (row) => {
      const contributions = new Float64Array(featureCount);
      add(row, contributions);
      return contributions;
    };
  };

const byPaths = way((trees, featureCount) => {
  const shapes = treeShapes(trees, featureCount);
  return (row, contributions) => {
    for (const shape of shapes) pathTreeShap(shape, new PathScratch(shape.depth, shape.pathFeatures), row, contributions);
  };
});
const tablesOf = (trees: readonly TreeArrays[], featureCount: number) =>
  quadratureTables(partByTableSize(treeShapes(trees, featureCount)).packed);
const byQuadrature = way((trees, featureCount) => quadratureTreeShap(tablesOf(trees, featureCount)));
const byKernel = way((trees, featureCount) => kernelTreeShap(tablesOf(trees, featureCount), featureCount)!);

const byWalks = way((trees, featureCount) =>
  depthFirstTreeShap(partByTableSize(treeShapes(trees, featureCount)).packed, featureCount),
);

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const namesOf = (featureCount: number): string[] => Array.from({ length: featureCount }, (_, j) => `f${j}`);
const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void =>
  Array.from(found).forEach((value, j) => expect(Math.abs(value - expected[j]!)).toBeLessThan(tolerance));

describe.each([
  ['by paths', byPaths],
  ['by quadrature', byQuadrature],
  ['by the kernel', byKernel],
  ['by walks without tables', byWalks],
])('contributions %s', (_, prepare) => {
  it('are the Shapley values of their definition', () =>
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), fc.nat(15), (seed, featureCount, splits) => {
        const tree = randomTree(seededRandom(seed), { featureCount, splits, maxDepth: 4 });
        const contributionsOf = prepare([tree], featureCount);
        for (const row of randomRows(seed, 3, featureCount)) {
          expectClose(contributionsOf(row), shapleyByDefinition(tree, row), 1e-10);
        }
      }),
    ));

  it('of a feature that no tree looks at are exactly 0', () =>
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const trees = randomTrees(seed, 3, { featureCount: 4, splits: 12 });
        const contributions = prepare(trees, 6)(randomRows(seed, 1, 6)[0]!);
        expect([...contributions.subarray(4)]).toEqual([0, 0]);
      }),
    ));

  it('are equal for two features that a tree treats alike', () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (share, value) => {
          // Value only when both features are above 0, which each is in the same share of training rows.
          const both: TreeArrays = {
            feature: Int32Array.of(0, -1, 1, -1, -1),
            threshold: new Float32Array(5),
            left: Int32Array.of(1, -1, 3, -1, -1),
            right: Int32Array.of(2, -1, 4, -1, -1),
            missingLeft: new Uint8Array(5),
            value: Float64Array.of(0, 0, 0, 0, value),
            cover: Float64Array.of(1, 1 - share, share, share * (1 - share), share * share),
          };
          for (const row of [Float32Array.of(1, 1), Float32Array.of(-1, -1)]) {
            const [first, second] = prepare([both], 2)(row);
            expect(Math.abs(first! - second!)).toBeLessThan(1e-14);
          }
        },
      ),
    ));

  it('add up to the margin, on 1,000 rows with missing values', () => {
    const trees = randomTrees(7, 20, { featureCount: 12, splits: 30 });
    const model = treeModel({ featureNames: namesOf(12), baseMargin: -3, trees });
    const base = -3 + sum(treeShapes(trees, 12).map(({ expected }) => expected));
    const contributionsOf = prepare(trees, 12);
    for (const row of randomRows(8, 1000, 12)) {
      expect(Math.abs(base + sum(contributionsOf(row)) - model.margin(row))).toBeLessThan(1e-10);
    }
  });
});

describe('the ways to explain', () => {
  it('agree to 1e-12, and both kernels to the bit', () =>
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 14 }),
        fc.nat(60),
        fc.boolean(),
        (seed, featureCount, splits, chain) => {
          const trees = randomTrees(seed, 2, { featureCount, splits, chain });
          const ways = [byPaths, byQuadrature, byKernel].map((each) => each(trees, featureCount));
          for (const row of randomRows(seed, 3, featureCount)) {
            const [paths, quadrature, kernel] = ways.map((each) => each(row));
            expect(kernel).toEqual(quadrature);
            expectClose(quadrature!, paths!, 1e-12);
          }
        },
      ),
    ));

  it('need several passes for many features on a path, and add up all the same', () => {
    const featureCount = 90;
    const trees = randomTrees(3, 2, { featureCount, splits: 300, chain: true });
    expect(treeShapes(trees, featureCount)[0]!.pathFeatures).toBeGreaterThan(64);
    const model = treeModel({ featureNames: namesOf(featureCount), baseMargin: 0, trees });
    const explainer = treeExplainer(model);
    const byTypeScript = byQuadrature(trees, featureCount);
    const contributions = new Float64Array(featureCount);
    for (const row of randomRows(4, 20, featureCount)) {
      explainer.explain(row, contributions);
      expect(contributions).toEqual(byTypeScript(row));
      expect(Math.abs(explainer.base + sum(contributions) - model.margin(row))).toBeLessThan(1e-10);
    }
  });
});

/** What `tree-explainer.golden.json` holds: models with category splits, missing values and zeros that count as missing. */
interface LightgbmGolden {
  readonly oracle: string;
  readonly rows: readonly (readonly (number | null)[])[];
  readonly models: readonly {
    readonly trees: readonly Record<keyof TreeArrays, readonly number[]>[];
    readonly contributions: readonly (readonly number[])[];
  }[];
}

/** The parts of a saved XGBoost model and its explanations that this test reads. */
interface XgboostModel {
  readonly learner: {
    readonly gradient_booster: { readonly model: { readonly trees: readonly Record<string, readonly number[]>[] } };
  };
}
interface XgboostExpected {
  readonly rows: readonly (readonly (number | null)[])[];
  readonly contribs: readonly (readonly number[])[];
}

const readJson = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));
const rowOf = (values: readonly (number | null)[]): Float32Array => Float32Array.from(values, (value) => value ?? Number.NaN);
const goldenFolder = new URL('../../../../../shared/golden/', import.meta.url);

describe('treeExplainer', () => {
  it('equals LightGBM 4.7.0 pred_contrib', () => {
    const golden = readJson(new URL('tree-explainer.golden.json', import.meta.url)) as LightgbmGolden;
    expect(golden.oracle).toContain('lightgbm 4.7.0');
    for (const { trees, contributions } of golden.models) {
      const explainer = treeExplainer({ featureNames: namesOf(5), baseMargin: 0, trees: trees.map(treeOfNumbers) });
      golden.rows.forEach((values, i) => {
        const found = new Float64Array(5);
        explainer.explain(rowOf(values), found);
        expectClose([...found, explainer.base], contributions[i]!, 1e-10);
      });
    }
  });

  it.skipIf(!existsSync(new URL('xgb_numeric.json', goldenFolder)))('equals XGBoost 1.7.4 pred_contribs', () => {
    const saved = readJson(new URL('xgb_numeric.json', goldenFolder)) as XgboostModel;
    const expected = readJson(new URL('xgb_numeric.expected.json', goldenFolder)) as XgboostExpected;
    const trees = saved.learner.gradient_booster.model.trees.map(treeOfXgboost);
    // The model's base_score is one half.
    const explainer = treeExplainer({ featureNames: namesOf(4), baseMargin: 0, trees });
    expected.rows.forEach((values, i) => {
      const found = new Float64Array(4);
      explainer.explain(rowOf(values), found);
      expectClose([...found, explainer.base], expected.contribs[i]!, 1e-6);
    });
  });

  it('gives the same bits again, and overwrites what contributions held', () => {
    const explainer = treeExplainer({
      featureNames: namesOf(6),
      baseMargin: 0.5,
      trees: randomTrees(1, 5, { featureCount: 6, splits: 20 }),
    });
    const [row, other] = randomRows(2, 2, 6);
    const first = new Float64Array(6);
    const again = new Float64Array(6).fill(9);
    explainer.explain(row!, first);
    explainer.explain(other!, again);
    explainer.explain(row!, again);
    expect(again).toEqual(first);
  });

  it('has a base and no contributions without trees, or with leaves only', () => {
    const leaf = randomTrees(1, 1, { featureCount: 2, splits: 0 });
    const contributions = Float64Array.of(1, 1);
    for (const trees of [[], leaf]) {
      const explainer = treeExplainer({ featureNames: namesOf(2), baseMargin: 2, trees });
      explainer.explain(Float32Array.of(1, 2), contributions);
      expect([...contributions, explainer.base]).toEqual([0, 0, 2 + (trees[0]?.value[0] ?? 0)]);
    }
  });

  it('explains trees of 1,000 splits on a path', () => {
    const trees = randomTrees(5, 1, { featureCount: 30, splits: 1000, chain: true });
    const model = treeModel({ featureNames: namesOf(30), baseMargin: 0, trees });
    for (const row of randomRows(6, 5, 30)) {
      const { base, contributions, margin } = model.explain(row);
      expect(Math.abs(base + sum(contributions) - margin)).toBeLessThan(1e-10);
    }
  });

  it('explains trees too large for tables without them', () => {
    const large = balancedTree(18);
    const { packed, tooLarge } = partByTableSize(treeShapes([balancedTree(3), large], 1));
    expect([packed.length, tooLarge.length]).toEqual([1, 1]);
    expect(large.feature.length).toBeGreaterThan(MAX_TREE_SLOTS);
    const explainer = treeExplainer({ featureNames: ['a'], baseMargin: 1, trees: [balancedTree(3), large] });
    const contributions = new Float64Array(1);
    explainer.explain(Float32Array.of(-1), contributions);
    // Always left, to the first of the leaves, whose values are the numbers of their nodes.
    expect(Math.abs(explainer.base + contributions[0]! - (1 + 7 + (2 ** 18 - 1)))).toBeLessThan(1e-9);
  });

  it('stops packing where the tables of a model would be too large', () => {
    // 20,000 trees by reference; none of their tables is made.
    const shape = treeShapes(randomTrees(1, 1, { featureCount: 50, splits: 500 }), 50)[0]!;
    const { packed, tooLarge } = partByTableSize(Array.from({ length: 20_000 }, () => shape));
    expect(packed.length * 500 * 64).toBeLessThan(MAX_TABLE_BYTES);
    expect(packed.length + tooLarge.length).toBe(20_000);
    expect(tooLarge.length).toBeGreaterThan(0);
  });

  it('refuses trees that do not know how they shared out training rows', () => {
    const tree = balancedTree(2);
    expect(() =>
      treeExplainer({ featureNames: ['a'], baseMargin: 0, trees: [tree, { ...tree, cover: new Float64Array(7) }] }),
    ).toThrow('explain: trees[1]: cover of the root is 0, expected the weight of its training rows');
  });
});

function treeOfNumbers(arrays: Record<keyof TreeArrays, readonly number[]>): TreeArrays {
  return {
    feature: Int32Array.from(arrays.feature),
    threshold: Float32Array.from(arrays.threshold),
    left: Int32Array.from(arrays.left),
    right: Int32Array.from(arrays.right),
    missingLeft: Uint8Array.from(arrays.missingLeft),
    value: Float64Array.from(arrays.value),
    cover: Float64Array.from(arrays.cover),
    ...(arrays.categories && {
      categories: Int32Array.from(arrays.categories),
      categoryStarts: Int32Array.from(arrays.categoryStarts),
    }),
    ...(arrays.zeroIsMissing && { zeroIsMissing: Uint8Array.from(arrays.zeroIsMissing) }),
  };
}

/** XGBoost sends x < t left, so t becomes the float32 below; a leaf's value stands in place of its threshold. */
function treeOfXgboost(saved: Record<string, readonly number[]>): TreeArrays {
  const left = Int32Array.from(saved.left_children!);
  const isLeaf = (node: number): boolean => left[node] === -1;
  const below = (threshold: number): number => {
    const float = Float32Array.of(threshold);
    const bits = new Int32Array(float.buffer);
    if (float[0] === 0) return -1.401298464324817e-45;
    bits[0]! += float[0]! > 0 ? -1 : 1;
    return float[0]!;
  };
  return {
    feature: Int32Array.from(saved.split_indices!, (feature, node) => (isLeaf(node) ? -1 : feature)),
    threshold: Float32Array.from(saved.split_conditions!, (threshold, node) => (isLeaf(node) ? 0 : below(threshold))),
    left,
    right: Int32Array.from(saved.right_children!),
    missingLeft: Uint8Array.from(saved.default_left!),
    value: Float64Array.from(saved.split_conditions!, (value, node) => (isLeaf(node) ? value : 0)),
    cover: Float64Array.from(saved.sum_hessian!),
  };
}

/** All paths of a length, on one feature; the value of a node is its number. */
function balancedTree(depth: number): TreeArrays {
  const splits = 2 ** depth - 1;
  const nodeCount = 2 * splits + 1;
  const nodes = { length: nodeCount };
  return {
    feature: Int32Array.from(nodes, (_, node) => (node < splits ? 0 : -1)),
    threshold: new Float32Array(nodeCount),
    left: Int32Array.from(nodes, (_, node) => (node < splits ? 2 * node + 1 : -1)),
    right: Int32Array.from(nodes, (_, node) => (node < splits ? 2 * node + 2 : -1)),
    missingLeft: new Uint8Array(nodeCount),
    value: Float64Array.from(nodes, (_, node) => node),
    cover: Float64Array.from(nodes, (_, node) => 2 ** (depth - Math.floor(Math.log2(node + 1)))),
  };
}
