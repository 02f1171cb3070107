/** Trees from the JSON that LightGBM's `dump_model` gives, and such JSON made by chance where there is no LightGBM. */
import { seededRandom } from '@fraudops/core';

/**
 * A node of a dump that this suite reads: a split, or a leaf.
 * @typedef {{ split_feature: number, threshold: number, default_left: boolean, missing_type: string, internal_count: number, left_child: DumpNode, right_child: DumpNode }} DumpSplit
 * @typedef {{ leaf_value: number, leaf_count: number }} DumpLeaf
 * @typedef {DumpSplit | DumpLeaf} DumpNode
 */

/**
 * @param {{ tree_info: readonly { tree_structure: DumpNode }[] }} dump
 * @returns {import('@fraudops/model').TreeArrays[]}
 */
export const treesOf = (dump) => dump.tree_info.map(({ tree_structure: root }) => treeOf(root));

function treeOf(root) {
  const nodes = [];
  const add = (node) => {
    const position = nodes.length;
    const own = { feature: -1, threshold: 0, left: -1, right: -1, missingLeft: 0, value: 0, cover: 0 };
    nodes.push(own);
    if (!('split_feature' in node)) return Object.assign(own, { value: node.leaf_value, cover: node.leaf_count }) && position;
    // Where no missing value was seen in training, LightGBM takes a missing one for 0.
    const missingLeft = Number(node.missing_type === 'None' ? 0 <= node.threshold : node.default_left);
    const threshold = floatAtMost(node.threshold);
    Object.assign(own, { feature: node.split_feature, threshold, missingLeft, cover: node.internal_count });
    own.left = add(node.left_child);
    own.right = add(node.right_child);
    return position;
  };
  add(root);
  const column = (ArrayOfKind, name) => ArrayOfKind.from(nodes, (node) => node[name]);
  return {
    feature: column(Int32Array, 'feature'),
    threshold: column(Float32Array, 'threshold'),
    left: column(Int32Array, 'left'),
    right: column(Int32Array, 'right'),
    missingLeft: column(Uint8Array, 'missingLeft'),
    value: column(Float64Array, 'value'),
    cover: column(Float64Array, 'cover'),
  };
}

/** The largest float32 that is at most x, since features are float32. */
function floatAtMost(x) {
  const float = Float32Array.of(x);
  if (float[0] <= x) return float[0];
  const bits = new Int32Array(float.buffer);
  bits[0] += float[0] > 0 ? -1 : 1;
  return float[0];
}

/**
 * A dump of trees that split at the values of random rows, without regard to labels: as large as a trained model and as slow to explain.
 * @param {import('../../harness/fraud-matrix.js').FraudMatrix} matrix
 * @param {{ trees: number, leaves: number, seed: number }} options
 */
export function dumpByChance({ columns, rowCount }, { trees, leaves, seed }) {
  const random = seededRandom(seed);
  const valueOf = (feature) => {
    let value = Number.NaN;
    while (Number.isNaN(value)) value = columns[feature][random.integer(rowCount)];
    return value;
  };
  const grow = (leafCount, count) => {
    if (leafCount === 1) return { leaf_value: random.normal() / 10, leaf_count: count };
    const split_feature = random.integer(columns.length);
    const leftLeaves = 1 + random.integer(leafCount - 1);
    // At least one row for each leaf.
    const leftCount = leftLeaves + random.integer(count - leafCount + 1);
    return {
      split_feature,
      threshold: valueOf(split_feature),
      default_left: random.next() < 0.5,
      missing_type: 'NaN',
      internal_count: count,
      left_child: grow(leftLeaves, leftCount),
      right_child: grow(leafCount - leftLeaves, count - leftCount),
    };
  };
  return {
    tree_info: Array.from({ length: trees }, () => ({
      tree_structure: grow(leaves, Math.max(leaves, rowCount)),
    })),
  };
}
