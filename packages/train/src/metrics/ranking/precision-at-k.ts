import { alertCut, totalUpTo } from './alert-rule.js';
import { type ThresholdCounts, thresholdCounts } from './threshold-counts.js';

/**
 * Precision at k: share of frauds among the k rows of highest score. Rows tied at the k-th place count with the probability that a fair
 * draw takes them, so this is the expected value. With fewer than k rows it is the share among all of them.
 *
 * @param k rows, a whole number of 1 or more
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example precisionAtK([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], 2); // 0.75
 */
export function precisionAtK(scores: ArrayLike<number>, labels: ArrayLike<number>, k: number): number {
  return precisionAtKOf(thresholdCounts('precisionAtK', scores, labels), k);
}

/** {@link precisionAtK} from counts. */
export function precisionAtKOf(counts: ThresholdCounts, k: number): number {
  const cut = alertCut('precisionAtK', counts, { k });
  const hits = totalUpTo(counts.truePositives, cut);
  return hits / (hits + totalUpTo(counts.falsePositives, cut));
}
