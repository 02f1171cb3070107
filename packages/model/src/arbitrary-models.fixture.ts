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

/** A tree over three features, grown by splitting random leaves. */
export const anyTree: fc.Arbitrary<TreeArrays> = fc
  .record({
    root: fc.double({ min: -5, max: 5, noNaN: true }),
    splits: fc.array(
      fc.record({
        leaf: fc.nat(1000),
        feature: fc.nat(FEATURES.length - 1),
        threshold: coarseFloat,
        missingLeft: fc.boolean(),
        values: fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true })),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ root, splits }) => {
    const nodes = [{ feature: -1, threshold: 0, left: -1, right: -1, missingLeft: 0, value: root, cover: 1 }];
    for (const { leaf, feature, threshold, missingLeft, values } of splits) {
      const leaves = nodes.flatMap((node, i) => (node.feature === -1 ? [i] : []));
      const left = nodes.length;
      Object.assign(nodes[leaves[leaf % leaves.length]!]!, {
        feature,
        threshold,
        left,
        right: left + 1,
        missingLeft: Number(missingLeft),
        value: 0,
      });
      for (const value of values) nodes.push({ feature: -1, threshold: 0, left: -1, right: -1, missingLeft: 0, value, cover: 1 });
    }
    return {
      feature: Int32Array.from(nodes, (node) => node.feature),
      threshold: Float32Array.from(nodes, (node) => node.threshold),
      left: Int32Array.from(nodes, (node) => node.left),
      right: Int32Array.from(nodes, (node) => node.right),
      missingLeft: Uint8Array.from(nodes, (node) => node.missingLeft),
      value: Float64Array.from(nodes, (node) => node.value),
      cover: Float64Array.from(nodes, (node) => node.cover),
    };
  });

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
