import { alertCut, totalUpTo } from './alert-rule.js';
import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Recall at k, or capture rate: share of all frauds that is among the k rows of highest score; the expected value where rows are tied at
 * the k-th place.
 *
 * @param k rows, a whole number of 1 or more
 * @returns null when there are no frauds
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example recallAtK([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], 2); // 0.75
 */
export function recallAtK(scores: ArrayLike<number>, labels: ArrayLike<number>, k: number): number | null {
  return recallAtKOf(thresholdCounts('recallAtK', scores, labels), k);
}

/** {@link recallAtK} from counts. */
export function recallAtKOf(counts: ThresholdCounts, k: number): number | null {
  const cut = alertCut('recallAtK', counts, { k });
  const { frauds } = classTotals(counts);
  return frauds === 0 ? null : totalUpTo(counts.truePositives, cut) / frauds;
}
