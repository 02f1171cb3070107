/** Random models and rows for property tests. */
import fc from 'fast-check';
import { type LinearModel, linearModel } from './linear-model.js';
import type { TreeArrays } from './tree-arrays.js';
import { type TreeModel, treeModel } from './tree-model.js';

const FEATURES = ['a', 'b', 'c'];

/** A float32 out of few, so that features often fall on a threshold. */
const coarseFloat = fc.integer({ min: -4, max: 4 }).map((step) => step / 2);

/** A row of three features: coarse or any float64, or missing. */
export const anyRow: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(coarseFloat, fc.double({ min: -1e30, max: 1e30, noNaN: true }), fc.constant(Number.NaN)),
  { minLength: FEATURES.length, maxLength: FEATURES.length },
);

/** A rule of a random split. */
interface RandomRule {
  readonly threshold: number;
  /** Codes of a category split, in any order; none at a split by threshold. */
  readonly codes: readonly number[];
  readonly zeroIsMissing: boolean;
}

const thresholdRule: fc.Arbitrary<RandomRule> = coarseFloat.map((threshold) => ({ threshold, codes: [], zeroIsMissing: false }));

/** A split by threshold, one that takes zero for missing, or one on categories. */
const mixedRule: fc.Arbitrary<RandomRule> = fc.oneof(
  thresholdRule,
  coarseFloat.map((threshold) => ({ threshold, codes: [], zeroIsMissing: true })),
  fc
    .uniqueArray(
      fc.oneof(
        fc.nat(9),
        fc.nat(9).map((below) => 16_777_215 - below),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((codes) => ({ threshold: 0, codes, zeroIsMissing: false })),
);

/** Trees over three features, grown by splitting random leaves. */
function treesOf(rule: fc.Arbitrary<RandomRule>, splits: fc.ArrayConstraints): fc.Arbitrary<TreeArrays> {
  const leafValue = fc.double({ min: -5, max: 5, noNaN: true });
  const split = fc.record({
    leaf: fc.nat(1000),
    feature: fc.nat(FEATURES.length - 1),
    rule,
    missingLeft: fc.boolean(),
    values: fc.tuple(leafValue, leafValue),
  });
  return fc.record({ root: leafValue, splits: fc.array(split, splits) }).map((grown) => {
    const nodes = [newLeaf(grown.root)];
    for (const {
      leaf,
      feature,
      rule: { threshold, codes, zeroIsMissing },
      missingLeft,
      values,
    } of grown.splits) {
      const leaves = nodes.flatMap((node, i) => (node.feature === -1 ? [i] : []));
      const node = nodes[leaves[leaf % leaves.length]!]!;
      const children = { left: nodes.length, right: nodes.length + 1 };
      Object.assign(node, { feature, threshold, codes, ...children, missingLeft, zeroIsMissing, value: 0 });
      nodes.push(...values.map(newLeaf));
    }
    return treeArrays(nodes);
  });
}

type RandomNode = ReturnType<typeof newLeaf>;

const newLeaf = (value: number) => ({
  feature: -1,
  threshold: 0,
  codes: [] as readonly number[],
  left: -1,
  right: -1,
  missingLeft: false,
  zeroIsMissing: false,
  value,
});

function treeArrays(nodes: readonly RandomNode[]): TreeArrays {
  const categories = nodes.flatMap(({ codes }) => [...codes].sort((a, b) => a - b));
  const categoryStarts = new Int32Array(nodes.length + 1);
  nodes.forEach(({ codes }, i) => (categoryStarts[i + 1] = categoryStarts[i]! + codes.length));
  return {
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    threshold: Float32Array.from(nodes, ({ threshold }) => threshold),
    left: Int32Array.from(nodes, ({ left }) => left),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: Uint8Array.from(nodes, ({ missingLeft }) => Number(missingLeft)),
    value: Float64Array.from(nodes, ({ value }) => value),
    cover: new Float64Array(nodes.length).fill(1),
    ...(categories.length > 0 && { categoryStarts, categories: Int32Array.from(categories) }),
    ...(nodes.some(({ zeroIsMissing }) => zeroIsMissing) && {
      zeroIsMissing: Uint8Array.from(nodes, ({ zeroIsMissing }) => Number(zeroIsMissing)),
    }),
  };
}

/** A tree over three features that splits by thresholds. */
export const anyTree: fc.Arbitrary<TreeArrays> = treesOf(thresholdRule, { maxLength: 12 });

/** A tree over three features with splits of all kinds; `splits` bounds their number. */
export const anyMixedTree = (splits: fc.ArrayConstraints = { maxLength: 12 }): fc.Arbitrary<TreeArrays> =>
  treesOf(mixedRule, splits);

/** A row of three features on and beside thresholds and codes, and of all sizes. */
export const anyEdgeRow: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(
    coarseFloat,
    fc.tuple(coarseFloat, fc.constantFrom(-1, 1)).map(([value, direction]) => neighbour(value, direction)),
    fc.integer({ min: -2, max: 11 }),
    fc.constantFrom(-0, 1e-35, -1e-35, 1e-45, 2e-35, -0.5, -0.999, 2.9999, 16_777_215, 16_777_216, 2 ** 31, 2 ** 32 + 512, 1e30),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.float(),
  ),
  { minLength: FEATURES.length, maxLength: FEATURES.length },
);

/** The next float32 above (1) or below (-1) a value. */
function neighbour(value: number, direction: number): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  if (value === 0) return direction * 2 ** -149;
  bits[0]! += value > 0 ? direction : -direction;
  return float[0]!;
}

/** A tree model over three features. */
export const anyTreeModel: fc.Arbitrary<TreeModel> = fc
  .record({ baseMargin: fc.double({ min: -5, max: 5, noNaN: true }), trees: fc.array(anyTree, { maxLength: 5 }) })
  .map(({ baseMargin, trees }) => treeModel({ featureNames: FEATURES, baseMargin, trees }));

const threeNumbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
  minLength: FEATURES.length,
  maxLength: FEATURES.length,
});

/** A linear model over three features. */
export const anyLinearModel: fc.Arbitrary<LinearModel> = fc
  .record({ weights: threeNumbers, intercept: fc.double({ min: -1e3, max: 1e3, noNaN: true }), missingValues: threeNumbers })
  .map((parts) => linearModel({ featureNames: FEATURES, ...parts }));
