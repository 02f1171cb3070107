/**
 * Scores of training rows by the trees that did not learn from them (Breiman 2001): an estimate of how well the forest ranks new rows
 * of the same time, without rows held back. Rows of a later time are judged better by `splitByTime`, since fraud changes.
 */
import { averagePrecision } from '../metrics/ranking/average-precision.js';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
import type { Bag } from './bag.js';
import { type ColumnBins, MISSING } from './column-bins.js';
import type { GiniTree } from './grow-gini-tree.js';

/** How a forest does on the rows that its trees left out. */
export interface OutOfBag {
  /** Probability of fraud of each training row, by the trees that did not draw it; NaN for a row that every tree drew. */
  readonly scores: Float64Array;
  /** Rows with a score. */
  readonly rowCount: number;
  /** Of the rows with a score, each counted once; null when they are of one class. */
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
}

/** Shares are counted in units of 2^-32, whose sums over 20,000 trees are exact: the same whichever thread grew which tree. */
const SHARE_UNITS = 2 ** 32;

/** Sums over the trees of a forest, or of a part of it. */
export interface OutOfBagSums {
  /** Shares of frauds in the leaves that a row reached, in units of 2^-32. */
  readonly shares: Float64Array;
  /** Trees that did not draw the row. */
  readonly trees: Uint16Array;
}

/** Nothing yet. */
export function outOfBagSums(rowCount: number): OutOfBagSums {
  return { shares: new Float64Array(rowCount), trees: new Uint16Array(rowCount) };
}

/** Adds the leaf of each row that is not in the bag. */
export function addOutOfBag(sums: OutOfBagSums, tree: GiniTree, bag: Bag, bins: ColumnBins): void {
  const shares = tree.fraud.map((fraud, node) => Math.round((SHARE_UNITS * fraud) / (fraud + tree.genuine[node]!)));
  const { times } = bag;
  for (let row = 0; row < times.length; row++) {
    if (times[row] !== 0) continue;
    sums.shares[row]! += shares[leafOf(tree, bins, row)]!;
    sums.trees[row]!++;
  }
}

function leafOf(tree: GiniTree, bins: ColumnBins, row: number): number {
  const { feature, bin, missingLeft, left, right } = tree;
  let node = 0;
  while (feature[node]! >= 0) {
    const rowBin = bins.columns[feature[node]!]![row]!;
    const goesLeft = rowBin === MISSING ? missingLeft[node]! : rowBin <= bin[node]!;
    node = goesLeft ? left[node]! : right[node]!;
  }
  return node;
}

/** The sums of two parts of a forest. */
export function mergeOutOfBag(one: OutOfBagSums, other: OutOfBagSums): OutOfBagSums {
  return {
    shares: one.shares.map((share, row) => share + other.shares[row]!),
    trees: one.trees.map((trees, row) => trees + other.trees[row]!),
  };
}

/** Means of the shares, and how they rank the rows. */
export function judgeOutOfBag({ shares, trees }: OutOfBagSums, labels: Uint8Array): OutOfBag {
  const scores = shares.map((sum, row) => (trees[row] === 0 ? Number.NaN : sum / (SHARE_UNITS * trees[row]!)));
  const keep = (_: unknown, row: number): boolean => trees[row] !== 0;
  const scored = scores.filter(keep);
  const truth = labels.filter(keep);
  if (scored.length === 0) return { scores, rowCount: 0, rocAuc: null, averagePrecision: null };
  return {
    scores,
    rowCount: scored.length,
    rocAuc: rocAuc(scored, truth),
    averagePrecision: averagePrecision(scored, truth),
  };
}
