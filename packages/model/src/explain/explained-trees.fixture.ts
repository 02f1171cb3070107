/** Random trees of every kind of split with rows that meet them, and Shapley values by their definition. */
import { type Random, seededRandom } from '@fraudops/core';
import type { TreeArrays } from '../tree-arrays.js';

/** What random trees are like. */
export interface TreeWishes {
  readonly featureCount: number;
  readonly splits: number;
  /** Longest path; 0 splits beyond it. Default: no limit. */
  readonly maxDepth?: number;
  /** Grows one path as long as there are splits. */
  readonly chain?: boolean;
}

interface Node {
  feature: number;
  threshold: number;
  left: number;
  right: number;
  missingLeft: number;
  value: number;
  cover: number;
  categories: number[];
  zeroIsMissing: number;
  depth: number;
}

/** Values that rows and thresholds are made of, so that they often meet. */
const VALUES = [-2, -1, -0.5, 0, 1e-38, 0.5, 1, 2, 3, 7];

/** A tree grown by splitting random leaves; a fifth of the splits list categories, some covers are 0. */
export function randomTree(random: Random, { featureCount, splits, maxDepth = Infinity, chain = false }: TreeWishes): TreeArrays {
  const pick = (count: number): number => random.integer(count);
  const leaf = (depth: number, cover: number): Node => ({
    feature: -1,
    threshold: 0,
    left: -1,
    right: -1,
    missingLeft: 0,
    value: random.next() * 4 - 2,
    cover,
    categories: [],
    zeroIsMissing: 0,
    depth,
  });
  const nodes = [leaf(0, 1000)];
  for (let i = 0; i < splits; i++) {
    const leaves = nodes.filter(({ feature, depth }) => feature === -1 && depth < maxDepth);
    const node = chain ? leaves.at(-1) : leaves[pick(leaves.length)];
    if (node === undefined) break;
    const isCategorySplit = random.next() < 0.2;
    const share = random.next() < 0.1 ? 0 : random.next();
    Object.assign(node, {
      feature: pick(featureCount),
      threshold: isCategorySplit ? 0 : VALUES[pick(VALUES.length)],
      left: nodes.length,
      right: nodes.length + 1,
      missingLeft: pick(2),
      categories: isCategorySplit ? [...[0, 1, 2, 3, 7].filter(() => random.next() < 0.5), 9] : [],
      zeroIsMissing: isCategorySplit ? 0 : pick(2),
    });
    nodes.push(leaf(node.depth + 1, node.cover * share), leaf(node.depth + 1, node.cover * (1 - share)));
  }
  return treeOf(nodes);
}

function treeOf(nodes: readonly Node[]): TreeArrays {
  const ends = nodes.map((_, i) => nodes.slice(0, i).reduce((sum, { categories }) => sum + categories.length, 0));
  const categories = nodes.flatMap((node) => node.categories);
  return {
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    threshold: Float32Array.from(nodes, ({ threshold }) => threshold),
    left: Int32Array.from(nodes, ({ left }) => left),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: Uint8Array.from(nodes, ({ missingLeft }) => missingLeft),
    value: Float64Array.from(nodes, ({ value }) => value),
    cover: Float64Array.from(nodes, ({ cover }) => cover),
    ...(categories.length > 0 && {
      categories: Int32Array.from(categories),
      categoryStarts: Int32Array.from([...ends, categories.length]),
    }),
    zeroIsMissing: Uint8Array.from(nodes, ({ zeroIsMissing }) => zeroIsMissing),
  };
}

/** Trees of a seed. */
export function randomTrees(seed: number, count: number, wishes: TreeWishes): TreeArrays[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => randomTree(random, wishes));
}

/** Rows of values that are often those of the trees, a fifth of them missing. */
export function randomRows(seed: number, count: number, featureCount: number): Float32Array[] {
  const random = seededRandom(seed);
  const value = (): number => {
    const kind = random.next();
    if (kind < 0.2) return Number.NaN;
    if (kind < 0.7) return VALUES[random.integer(VALUES.length)]!;
    return kind < 0.72 ? (kind < 0.71 ? Infinity : -Infinity) : random.next() * 8 - 4;
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: featureCount }, value));
}

/** Shapley values by definition, over all subsets of the features: what a tree gives when only a subset of them is known. */
export function shapleyByDefinition(tree: TreeArrays, row: Float32Array): number[] {
  const n = row.length;
  const value = Array.from({ length: 2 ** n }, (_, known) => valueKnowing(tree, row, known, 0));
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  return Array.from(row, (_, j) => {
    let contribution = 0;
    for (let known = 0; known < 2 ** n; known++) {
      if (known & (1 << j)) continue;
      const size = known.toString(2).replaceAll('0', '').length;
      const weight = (factorial(size) * factorial(n - 1 - size)) / factorial(n);
      contribution += weight * (value[known | (1 << j)]! - value[known]!);
    }
    return contribution;
  });
}

function valueKnowing(tree: TreeArrays, row: Float32Array, known: number, node: number): number {
  const feature = tree.feature[node]!;
  if (feature === -1) return tree.value[node]!;
  const left = tree.left[node]!;
  const right = tree.right[node]!;
  if (known & (1 << feature)) return valueKnowing(tree, row, known, ruleGoesLeft(tree, node, row[feature]!) ? left : right);
  const cover = tree.cover[left]! + tree.cover[right]!;
  const leftShare = cover === 0 ? 0.5 : tree.cover[left]! / cover;
  return leftShare * valueKnowing(tree, row, known, left) + (1 - leftShare) * valueKnowing(tree, row, known, right);
}

/** The rule at a split, word by word. */
function ruleGoesLeft(tree: TreeArrays, node: number, x: number): boolean {
  const listed = Array.from(tree.categories?.slice(tree.categoryStarts![node], tree.categoryStarts![node + 1]) ?? []);
  const isTiny = listed.length === 0 && tree.zeroIsMissing?.[node] === 1 && Math.abs(x) <= Math.fround(1e-35);
  if (Number.isNaN(x) || isTiny) return tree.missingLeft[node] === 1;
  return listed.length > 0 ? listed.includes(Math.trunc(x)) : x <= tree.threshold[node]!;
}

/** What {@link longPath} is like. */
export interface LongPathWishes {
  readonly featureCount: number;
  /** Splits on the path, 1,000 at most; features take turns. */
  readonly splits: number;
  /** Share of training rows that goes on at each split. */
  readonly leftShare: number;
  /** Splits of a balanced subtree that stands for the first leaf beside the path. Default: 0. */
  readonly bushSplits?: number;
}

const pathValue = (leaf: number): number => Math.sin(leaf + 1);

/** One path to the left, taken by values of at most 0, with a leaf to the right of each split. */
export function longPath({ featureCount, splits, leftShare, bushSplits = 0 }: LongPathWishes): TreeArrays {
  const pathNodes = 2 * splits + 1;
  const nodes = { length: pathNodes + 2 * bushSplits };
  const isOnPath = (node: number): boolean => node < pathNodes && node % 2 === 0 && node < 2 * splits;
  // Node 1 is the first leaf; the bush below it is laid out level by level.
  const inBush = (node: number): number => (node === 1 ? 0 : node - pathNodes + 1);
  const isInBush = (node: number): boolean => (node === 1 || node >= pathNodes) && inBush(node) < bushSplits;
  const childOf = (node: number, side: number): number => {
    if (isOnPath(node)) return node + 2 - side;
    return isInBush(node) ? pathNodes - 1 + 2 * inBush(node) + 1 + side : -1;
  };
  const featureOf = (node: number): number => {
    if (isOnPath(node)) return (node / 2) % featureCount;
    return isInBush(node) ? Math.floor(Math.log2(inBush(node) + 1)) % featureCount : -1;
  };
  // Only shares matter, and covers along a long path would be too small for float64.
  const coverOf = (node: number): number => {
    if (node === 0 || node >= pathNodes) return 1;
    return node % 2 === 0 ? leftShare : 1 - leftShare;
  };
  return {
    feature: Int32Array.from(nodes, (_, node) => featureOf(node)),
    threshold: new Float32Array(nodes.length),
    left: Int32Array.from(nodes, (_, node) => childOf(node, 0)),
    right: Int32Array.from(nodes, (_, node) => childOf(node, 1)),
    missingLeft: new Uint8Array(nodes.length),
    value: Float64Array.from(nodes, (_, node) => (isOnPath(node) ? 0 : pathValue(node))),
    cover: Float64Array.from(nodes, (_, node) => coverOf(node)),
  };
}

/** What a long path without a bush gives a row. */
export function pathMargin({ featureCount, splits }: LongPathWishes, row: Float32Array): number {
  for (let split = 0; split < splits; split++) if (row[split % featureCount]! > 0) return pathValue(2 * split + 1);
  return pathValue(2 * splits);
}

/**
 * Contribution of a feature to a long path without a bush: leaf by leaf, the weights of subsets by size are put together from the features
 * on the path (EXTEND of Lundberg, Erion and Lee 2018) and never taken apart, so that only numbers of at least 0 are added.
 */
export function pathShapley({ featureCount, splits, leftShare }: LongPathWishes, row: Float32Array, wanted: number): number {
  const zero = new Float64Array(featureCount).fill(1);
  const one = Float64Array.from(zero);
  let contribution = 0;
  const addLeaf = (value: number, met: number): void => {
    let weights = [1];
    for (let j = 0; j < met; j++) if (j !== wanted) weights = extended(weights, zero[j]!, one[j]!);
    const share = weights.reduce((sum, weight) => sum + weight, 0);
    if (wanted < met) contribution += share * (one[wanted]! - zero[wanted]!) * value;
  };
  for (let split = 0; split < splits; split++) {
    const j = split % featureCount;
    const met = Math.min(split + 1, featureCount);
    const goesLeft = row[j]! <= 0;
    const [zeroAbove, oneAbove] = [zero[j]!, one[j]!];
    zero[j] = zeroAbove * (1 - leftShare);
    one[j] = goesLeft ? 0 : oneAbove;
    addLeaf(pathValue(2 * split + 1), met);
    zero[j] = zeroAbove * leftShare;
    one[j] = goesLeft ? oneAbove : 0;
  }
  addLeaf(pathValue(2 * splits), Math.min(splits, featureCount));
  return contribution;
}

/** Weights by size of subset, with one feature more. */
function extended(weights: readonly number[], zero: number, one: number): number[] {
  const length = weights.length;
  const longer = new Array<number>(length + 1).fill(0);
  weights.forEach((weight, i) => {
    longer[i]! += (zero * weight * (length - i)) / (length + 1);
    longer[i + 1]! += (one * weight * (i + 1)) / (length + 1);
  });
  return longer;
}
