/** A tree of ml-cart as ours. Its rule is x < splitValue goes left; ours is x <= threshold, threshold being the next float32 below. */
import type { FeatureMatrix } from '@fraudops/core';
import type { TreeArrays } from '@fraudops/model';
import type { DecisionTreeNode } from 'ml-cart';

/** Shares of frauds and covers are those of the given rows, by weight. */
export function cartTree(
  root: DecisionTreeNode,
  matrix: FeatureMatrix,
  labels: Uint8Array,
  weights: Float64Array | undefined,
): TreeArrays {
  const nodes = flatten(root);
  const split = nodes.map(({ node }) => node.left !== undefined && node.right !== undefined);
  const tree: TreeArrays = {
    feature: Int32Array.from(nodes, ({ node }, i) => (split[i]! ? node.splitColumn : -1)),
    threshold: Float32Array.from(nodes, ({ node }, i) => (split[i]! ? float32Below(node.splitValue) : 0)),
    left: Int32Array.from(nodes, ({ left }) => left),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: new Uint8Array(nodes.length),
    value: new Float64Array(nodes.length),
    cover: new Float64Array(nodes.length),
  };
  countRows(tree, matrix, labels, weights);
  return tree;
}

interface FlatNode {
  readonly node: DecisionTreeNode;
  left: number;
  right: number;
}

/** Children stand after their parent. */
function flatten(root: DecisionTreeNode): FlatNode[] {
  const nodes: FlatNode[] = [{ node: root, left: -1, right: -1 }];
  for (let i = 0; i < nodes.length; i++) {
    const { left, right } = nodes[i]!.node;
    if (!left || !right) continue;
    nodes[i]!.left = nodes.push({ node: left, left: -1, right: -1 }) - 1;
    nodes[i]!.right = nodes.push({ node: right, left: -1, right: -1 }) - 1;
  }
  return nodes;
}

/** The largest finite float32 below a number. */
export function float32Below(value: number): number {
  const nearest = new Float32Array([value]);
  if (nearest[0]! < value && nearest[0]! > Number.NEGATIVE_INFINITY) return nearest[0]!;
  const bits = new Int32Array(nearest.buffer);
  // Bits count up from zero on both sides of it; below zero comes the least negative number.
  if (nearest[0] === 0) bits[0] = -0x7fff_ffff;
  else bits[0]! += nearest[0]! > 0 ? -1 : 1;
  return nearest[0]!;
}

/** Sends all rows down the tree; sets the leaves' values and all covers. */
function countRows(tree: TreeArrays, matrix: FeatureMatrix, labels: Uint8Array, weights: Float64Array | undefined): void {
  const { feature, threshold, left, right, value, cover } = tree;
  const frauds = new Float64Array(feature.length);
  for (let row = 0; row < labels.length; row++) {
    const weight = weights ? weights[row]! : 1;
    let node = 0;
    cover[0]! += weight;
    while (feature[node]! >= 0) {
      node = matrix.columns[feature[node]!]![row]! <= threshold[node]! ? left[node]! : right[node]!;
      cover[node]! += weight;
    }
    frauds[node]! += weight * labels[row]!;
  }
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] === -1 && cover[node]! > 0) value[node] = frauds[node]! / cover[node]!;
  }
}
