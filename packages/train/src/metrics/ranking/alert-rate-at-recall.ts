import { requireOption } from '../../training-data.js';
import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Alert rate at a recall: the smallest share of all rows that a threshold has to flag to catch at least `recall` of the frauds. What the
 * recall costs in alerts.
 *
 * @param recall above 0 up to 1
 * @returns null when there are no frauds
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example alertRateAtRecall([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0], 1); // 0.75
 */
export function alertRateAtRecall(scores: ArrayLike<number>, labels: ArrayLike<number>, recall: number): number | null {
  return alertRateAtRecallOf(thresholdCounts('alertRateAtRecall', scores, labels), recall);
}

/** {@link alertRateAtRecall} from counts. */
export function alertRateAtRecallOf(counts: ThresholdCounts, recall: number): number | null {
  const point = firstThresholdWithRecall('alertRateAtRecall', counts, recall);
  if (point === null) return null;
  const { frauds, genuine } = classTotals(counts);
  return (counts.truePositives[point]! + counts.falsePositives[point]!) / (frauds + genuine);
}

/**
 * False-positive rate at a recall: the smallest share of genuine rows that a threshold has to flag to catch at least `recall` of the
 * frauds.
 *
 * @param recall above 0 up to 1
 * @returns null when there is one class only
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example fprAtRecall([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0], 1); // 0.5
 */
export function fprAtRecall(scores: ArrayLike<number>, labels: ArrayLike<number>, recall: number): number | null {
  const counts = thresholdCounts('fprAtRecall', scores, labels);
  const point = firstThresholdWithRecall('fprAtRecall', counts, recall);
  const { genuine } = classTotals(counts);
  return point === null || genuine === 0 ? null : counts.falsePositives[point]! / genuine;
}

/** Null without frauds. */
function firstThresholdWithRecall(what: string, counts: ThresholdCounts, recall: number): number | null {
  requireOption(`${what}: recall`, recall, { low: Number.MIN_VALUE, high: 1, default: Number.NaN });
  const { frauds } = classTotals(counts);
  if (frauds === 0) return null;
  // Less the noise of the product's last bits; weighted counts need it at recall 1.
  const wanted = recall * frauds * (1 - 4 * Number.EPSILON);
  return counts.truePositives.findIndex((hits) => hits >= wanted);
}
