import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/** Points of a precision-recall curve, one a distinct score, thresholds descending. */
export interface PrecisionRecallCurve {
  /** A row is flagged when its score is at or above the threshold. */
  readonly thresholds: Float64Array;
  /** Share of frauds among the flagged rows. */
  readonly precision: Float64Array;
  /** Share of all frauds that is flagged; never falls. */
  readonly recall: Float64Array;
}

/**
 * Precision and recall at every threshold. Draw it as steps: between two points precision is not on the line that joins them.
 * scikit-learn gives the same points the other way round, with (1, 0) added at the end.
 *
 * @returns null when there are no frauds, for recall is undefined then
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example precisionRecallCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])!.precision; // 1, 0.5, 0.667, 0.5
 */
export function precisionRecallCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): PrecisionRecallCurve | null {
  return precisionRecallCurveOf(thresholdCounts('precisionRecallCurve', scores, labels));
}

/** {@link precisionRecallCurve} from counts. */
export function precisionRecallCurveOf(counts: ThresholdCounts): PrecisionRecallCurve | null {
  const { thresholds, truePositives, falsePositives } = counts;
  const { frauds } = classTotals(counts);
  if (frauds === 0) return null;
  const precision = truePositives.map((hits, i) => hits / (hits + falsePositives[i]!));
  return { thresholds, precision, recall: truePositives.map((hits) => hits / frauds) };
}
