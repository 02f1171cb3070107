/**
 * One tree of an XGBoost file. Its rule differs from ours in two ways: a split of numbers sends `x < t` left, not `x <= t`, and the listed
 * categories of a split go right, all others left. So thresholds become the next float32 below, and the children of category splits swap
 * places. Leaves keep their value where splits keep the threshold.
 */
import { ModelError } from '../model-error.js';
import { MAX_CATEGORY_CODE } from '../model-limits.js';
import type { TreeArrays } from '../tree-arrays.js';
import { requireCategoryCount, requireNodeCount } from '../tree-model.js';
import { nextFloat32Below } from '../float32-neighbours.js';
import type { ForeignObject, NumberList } from './foreign-object.js';
import { unsupported } from './imported-model.js';
import { TreeBuilder } from './tree-builder.js';

/** What the trees of a file have used up of the model's bounds. */
export interface TreeBudget {
  nodes: number;
  categories: number;
}

/** The arrays of a tree in the file, one entry a node. */
interface XgboostArrays {
  readonly left: NumberList;
  readonly right: NumberList;
  readonly feature: NumberList;
  readonly condition: NumberList;
  readonly defaultLeft: NumberList;
  readonly cover: NumberList;
  /** Right-going codes of the nodes that split by category. */
  readonly codes: ReadonlyMap<number, NumberList>;
}

/**
 * @param weight what every leaf is multiplied by (dart)
 * @throws {ModelError} INVALID_MODEL naming place and value, UNSUPPORTED_MODEL for leaves that hold several values, TOO_LARGE
 */
export function xgboostTree(tree: ForeignObject, featureCount: number, weight: number, budget: TreeBudget): TreeArrays {
  const arrays = readArrays(tree, budget);
  const order = walkFromRoot(tree.place, arrays, featureCount);
  const positions = new Int32Array(arrays.left.length);
  for (let position = 0; position < order.length; position++) positions[order[position]!] = position;
  const builder = new TreeBuilder(tree.place, order.length);
  for (let position = 0; position < order.length; position++) {
    const node = order[position]!;
    const cover = Math.fround(arrays.cover[node]!);
    if (arrays.left[node] === -1) {
      builder.setLeaf(position, Math.fround(Math.fround(arrays.condition[node]!) * weight), cover);
      continue;
    }
    const feature = arrays.feature[node]!;
    const lower = positions[arrays.left[node]!]!;
    const upper = positions[arrays.right[node]!]!;
    const defaultLeft = Number(arrays.defaultLeft[node]) === 1;
    const codes = arrays.codes.get(node);
    if (codes)
      builder.setCategorySplit(position, { feature, left: upper, right: lower, missingLeft: !defaultLeft, cover, codes });
    else {
      const threshold = nextFloat32Below(Math.fround(arrays.condition[node]!));
      builder.setNumericSplit(position, { feature, threshold, left: lower, right: upper, missingLeft: defaultLeft, cover });
    }
  }
  return builder.build();
}

function readArrays(tree: ForeignObject, budget: TreeBudget): XgboostArrays {
  if (tree.object('tree_param').has('size_leaf_vector') && tree.object('tree_param').count('size_leaf_vector') > 1) {
    throw unsupported(tree.place, 'leaves that hold several values (multi_output_tree), expected one; train with one output');
  }
  const nodeCount = tree.numbers('left_children').length;
  requireNodeCount((budget.nodes += nodeCount));
  return {
    left: tree.wholeNumbers('left_children', -1, nodeCount - 1),
    right: tree.wholeNumbers('right_children', -1, nodeCount - 1, nodeCount),
    // Leaves hold any number as their feature.
    feature: tree.numbers('split_indices', nodeCount),
    condition: tree.numbers('split_conditions', nodeCount),
    defaultLeft: tree.wholeNumbers('default_left', 0, 1, nodeCount),
    cover: tree.numbers('sum_hessian', nodeCount),
    codes: readCodes(tree, nodeCount, budget),
  };
}

function readCodes(tree: ForeignObject, nodeCount: number, budget: TreeBudget): Map<number, NumberList> {
  const codes = new Map<number, NumberList>();
  // Files of XGBoost before 1.3 have no categories.
  if (!tree.has('split_type')) return codes;
  const types = tree.wholeNumbers('split_type', 0, 1, nodeCount);
  if (tree.has('categories_nodes')) {
    const nodes = tree.wholeNumbers('categories_nodes', 0, nodeCount - 1);
    const all = tree.wholeNumbers('categories', 0, MAX_CATEGORY_CODE);
    const starts = tree.wholeNumbers('categories_segments', 0, all.length, nodes.length);
    const sizes = tree.wholeNumbers('categories_sizes', 0, all.length, nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      if (starts[i]! + sizes[i]! > all.length)
        throw invalid(`${tree.placeOf('categories_sizes')}[${i}]`, 'more codes than there are');
      if (types[nodes[i]!] !== 1 || codes.has(nodes[i]!)) {
        throw invalid(
          `${tree.placeOf('categories_nodes')}[${i}]`,
          `node ${nodes[i]} has its codes twice or is no category split`,
        );
      }
      requireCategoryCount((budget.categories += sizes[i]!));
      codes.set(nodes[i]!, Array.prototype.slice.call(all, starts[i]!, starts[i]! + sizes[i]!) as number[]);
    }
  }
  // A pruned node may keep its type as a leaf; a split by no codes is refused when it is built.
  for (let node = 0; node < nodeCount; node++) if (types[node] === 1 && !codes.has(node)) codes.set(node, []);
  return codes;
}

/** The nodes that the root leads to, level by level; deleted ones stay out. */
function walkFromRoot(place: string, { left, right, feature }: XgboostArrays, featureCount: number): Int32Array {
  const nodeCount = left.length;
  if (nodeCount === 0) throw invalid(place, 'no nodes, a tree has at least a root');
  const met = new Uint8Array(nodeCount);
  const order = new Int32Array(nodeCount);
  met[0] = 1;
  let count = 1;
  for (let i = 0; i < count; i++) {
    const node = order[i]!;
    if (left[node] === -1) continue;
    if (!(Number.isInteger(feature[node]) && feature[node]! >= 0 && feature[node]! < featureCount)) {
      throw invalid(
        place,
        `node ${node} splits by feature ${feature[node]}, expected a whole number from 0 to ${featureCount - 1}`,
      );
    }
    if (right[node] !== left[node]! + 1) {
      // XGBoost follows the left child's number, whatever the right one says: such a file has two meanings.
      throw invalid(place, `node ${node} has children ${left[node]} and ${right[node]}, expected the right one to be one more`);
    }
    const leftChild = left[node]!;
    for (const child of [leftChild, leftChild + 1]) {
      if (met[child] === 1) {
        throw invalid(place, `node ${node} leads to node ${child}, expected a node that no other leads to`);
      }
      met[child] = 1;
      order[count++] = child;
    }
  }
  return order.subarray(0, count);
}

function invalid(place: string, rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `${place}: ${rule}`, { details: { place } });
}
