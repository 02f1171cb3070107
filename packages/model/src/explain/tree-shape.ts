/**
 * What explanations know of a tree before any row: in which order to visit its nodes, which splits above look at the same feature, how the
 * training rows were shared out at each split, and what an average row gets from the tree.
 *
 * A feature that is held back from a tree sends a row both ways, weighted by the shares of training weight that went there (cover of a
 * child over the cover of both). A child that no training row reached has the share 0; where neither child was reached, each has one half.
 * So the shares of a split always add up to 1, and no cover makes NaN.
 */
import type { TreeArrays } from '../tree-arrays.js';

/** A tree and what follows from its arrays alone. Arrays have an entry a node, ignored at leaves. */
export interface TreeShape {
  readonly tree: TreeArrays;
  /** All nodes, each before its children, the left subtree before the right one. */
  readonly preorder: Int32Array;
  /** The nearest split above on the same feature; -1 when there is none. */
  readonly sameAbove: Int32Array;
  /** Share of training weight that went left, 0 to 1; the rest went right. */
  readonly leftShare: Float64Array;
  /** Splits on the longest path. */
  readonly depth: number;
  /** Most distinct features on a path from the root to a leaf. */
  readonly pathFeatures: number;
  /** What the tree adds to the margin on average over the training rows. */
  readonly expected: number;
}

/** The shapes of valid trees, in time and memory linear in their nodes. `featureCount`: features of the model. */
export function treeShapes(trees: readonly TreeArrays[], featureCount: number): TreeShape[] {
  const nearest = new Int32Array(featureCount).fill(-1);
  return trees.map((tree) => {
    const visited = visit(tree, nearest);
    const leftShare = leftShares(tree);
    return { tree, ...visited, leftShare, expected: expectedValue(tree, visited.preorder, leftShare) };
  });
}

/**
 * Depth first, with a stack of its own, since trees may be deeper than calls may nest.
 * @param nearest for each feature the nearest split above: all -1, before and after
 */
function visit(tree: TreeArrays, nearest: Int32Array): Pick<TreeShape, 'preorder' | 'sameAbove' | 'depth' | 'pathFeatures'> {
  const preorder = new Int32Array(tree.feature.length);
  const sameAbove = new Int32Array(tree.feature.length).fill(-1);
  // A split is met twice: going down, and as its complement (-1 - node) once its subtree is done.
  const stack: number[] = [0];
  let visited = 0;
  let depth = 0;
  let deepest = 0;
  let distinct = 0;
  let pathFeatures = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const node = next < 0 ? -1 - next : next;
    const feature = tree.feature[node]!;
    if (next < 0) {
      depth--;
      nearest[feature] = sameAbove[node]!;
      if (sameAbove[node] === -1) distinct--;
      continue;
    }
    preorder[visited++] = node;
    if (feature === -1) continue;
    sameAbove[node] = nearest[feature]!;
    nearest[feature] = node;
    deepest = Math.max(deepest, ++depth);
    if (sameAbove[node] === -1) pathFeatures = Math.max(pathFeatures, ++distinct);
    stack.push(-1 - node, tree.right[node]!, tree.left[node]!);
  }
  return { preorder, sameAbove, depth: deepest, pathFeatures };
}

function leftShares(tree: TreeArrays): Float64Array {
  const shares = new Float64Array(tree.feature.length);
  for (let node = 0; node < shares.length; node++) {
    if (tree.feature[node] === -1) continue;
    const left = tree.cover[tree.left[node]!]!;
    const right = tree.cover[tree.right[node]!]!;
    // Halved, two huge covers have a finite sum.
    const scale = left + right === Number.POSITIVE_INFINITY ? 0.5 : 1;
    shares[node] = left + right === 0 ? 0.5 : (left * scale) / (left * scale + right * scale);
  }
  return shares;
}

function expectedValue(tree: TreeArrays, preorder: Int32Array, leftShare: Float64Array): number {
  const expected = tree.value.slice();
  for (let i = preorder.length - 1; i >= 0; i--) {
    const node = preorder[i]!;
    if (tree.feature[node] === -1) continue;
    const share = leftShare[node]!;
    expected[node] = share * expected[tree.left[node]!]! + (1 - share) * expected[tree.right[node]!]!;
  }
  return expected[0]!;
}
