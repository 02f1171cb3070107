/** Random tree models of any size with every kind of split, and rows that fall on their edges; a seed gives the same ones again. */
import { seededRandom } from '@fraudops/core';
import type { TreeArrays } from '../tree-arrays.js';
import { type TreeModel, type TreeModelParts, treeModel } from '../tree-model.js';
import { float32AtRank, rankOfFloat32 } from './float32-rank.js';

export interface RandomTrees {
  readonly seed: number;
  readonly trees: number;
  readonly splits: number;
  readonly features: number;
  /** Largest absolute value of a leaf. */
  readonly leafSize: number;
  readonly parts?: Partial<TreeModelParts>;
}

type Random = () => number;

/** Features 0, 3, 6... hold codes and are split by categories; at some splits of the others zero is missing. */
export function randomTreeModel({ seed, trees, splits, features, leafSize, parts }: RandomTrees): TreeModel {
  const random: Random = randomNumbers(seed);
  return treeModel({
    featureNames: Array.from({ length: features }, (_, j) => `f${j}`),
    baseMargin: Math.fround(random() * 2 - 3),
    trees: Array.from({ length: trees }, () => randomTree(random, splits, features, leafSize)),
    ...parts,
  });
}

/** Rows of ordinary values, thresholds and their neighbours, codes with fractions, zeros, infinities and missing values. */
export function randomRows(model: TreeModel, count: number, seed: number): Float32Array[] {
  const random: Random = randomNumbers(seed);
  const splits = model.trees.flatMap((tree) =>
    Array.from(tree.feature, (feature, node) => ({ feature, threshold: tree.threshold[node]! })),
  );
  return Array.from({ length: count }, () => {
    const row = Float32Array.from(model.featureNames, (_, j) => randomValue(random, j));
    const edge = splits[Math.floor(random() * splits.length)];
    const step = Math.floor(random() * 3) - 1;
    if (edge && edge.feature > 0) row[edge.feature] = float32AtRank(rankOfFloat32(edge.threshold) + step);
    return row;
  });
}

function randomNumbers(seed: number): Random {
  const random = seededRandom(seed);
  return () => random.next();
}

function randomValue(random: Random, feature: number): number {
  const kind = random();
  if (kind < 0.1) return Number.NaN;
  if (kind < 0.12) return random() < 0.5 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (kind < 0.16) return [0, -0, 1e-36, -1e-36, 1e-34, -1e-34, -0.5, 0.5][Math.floor(random() * 8)]!;
  if (feature % 3 === 0) return Math.floor(random() * 32) - 2 + (random() < 0.1 ? random() : 0);
  return random() * 6 - 3;
}

function randomTree(random: Random, splits: number, features: number, leafSize: number): TreeArrays {
  const nodeCount = 2 * splits + 1;
  const leaves = [0];
  const codes: number[][] = Array.from({ length: nodeCount }, () => []);
  const tree = {
    feature: new Int32Array(nodeCount).fill(-1),
    threshold: new Float32Array(nodeCount),
    left: new Int32Array(nodeCount).fill(-1),
    right: new Int32Array(nodeCount).fill(-1),
    missingLeft: new Uint8Array(nodeCount),
    value: new Float64Array(nodeCount),
    cover: new Float64Array(nodeCount).fill(1),
    zeroIsMissing: new Uint8Array(nodeCount),
  };
  for (let next = 1; next < nodeCount; next += 2) {
    const node = leaves.splice(Math.floor(random() * leaves.length), 1)[0]!;
    const feature = Math.floor(random() * features);
    tree.feature[node] = feature;
    tree.left[node] = next;
    tree.right[node] = next + 1;
    tree.missingLeft[node] = random() < 0.5 ? 1 : 0;
    if (feature % 3 === 0) codes[node] = Array.from({ length: 30 }, (_, code) => code).filter(() => random() < 0.3);
    if (codes[node]!.length === 0) {
      tree.threshold[node] = random() * 4 - 2;
      tree.zeroIsMissing[node] = random() < 0.2 ? 1 : 0;
    }
    leaves.push(next, next + 1);
  }
  for (const leaf of leaves) tree.value[leaf] = Math.fround((random() * 2 - 1) * leafSize);
  const categoryStarts = new Int32Array(nodeCount + 1);
  codes.forEach((each, node) => (categoryStarts[node + 1] = categoryStarts[node]! + each.length));
  return { ...tree, categoryStarts, categories: Int32Array.from(codes.flat()) };
}
