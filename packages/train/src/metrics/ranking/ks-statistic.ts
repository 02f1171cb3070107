import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Kolmogorov-Smirnov statistic of a ranking: the largest gap between the share of frauds and the share of genuine rows at or above a
 * threshold, max (TPR - FPR), also Youden's J at its best threshold. 0 when no threshold separates, 1 when one does so perfectly.
 *
 * @param scores n numbers, higher is more suspicious
 * @param labels n values, 0 or 1
 * @returns null when there is one class only
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example ksStatistic([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]); // 0.5
 */
export function ksStatistic(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  return ksStatisticOf(thresholdCounts('ksStatistic', scores, labels));
}

/** {@link ksStatistic} from counts. */
export function ksStatisticOf(counts: ThresholdCounts): number | null {
  const { frauds, genuine } = classTotals(counts);
  if (frauds === 0 || genuine === 0) return null;
  let largest = 0;
  for (let i = 0; i < counts.thresholds.length; i++) {
    largest = Math.max(largest, counts.truePositives[i]! / frauds - counts.falsePositives[i]! / genuine);
  }
  return largest;
}
