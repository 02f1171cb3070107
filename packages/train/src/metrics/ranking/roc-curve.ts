import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/** Points of a ROC curve from (0, 0) to (1, 1), thresholds descending. */
export interface RocCurve {
  /** A row is flagged when its score is at or above the threshold; the first is infinite and flags none. */
  readonly thresholds: Float64Array;
  /** Share of the genuine rows that is flagged. */
  readonly falsePositiveRate: Float64Array;
  /** Share of the frauds that is flagged. */
  readonly truePositiveRate: Float64Array;
}

/**
 * The ROC curve with one point a distinct score, as scikit-learn's `roc_curve` with `drop_intermediate=False`.
 *
 * @returns null when there is one class only
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example rocCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])!.truePositiveRate; // 0, 0.5, 0.5, 1, 1
 */
export function rocCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): RocCurve | null {
  return rocCurveOf(thresholdCounts('rocCurve', scores, labels));
}

/** {@link rocCurve} from counts. */
export function rocCurveOf(counts: ThresholdCounts): RocCurve | null {
  const { frauds, genuine } = classTotals(counts);
  if (frauds === 0 || genuine === 0) return null;
  return {
    thresholds: withFirst(Number.POSITIVE_INFINITY, counts.thresholds, 1),
    falsePositiveRate: withFirst(0, counts.falsePositives, genuine),
    truePositiveRate: withFirst(0, counts.truePositives, frauds),
  };
}

/** The first value, then the others over the divisor. */
function withFirst(first: number, others: Float64Array, divisor: number): Float64Array {
  const values = new Float64Array(others.length + 1);
  values[0] = first;
  for (let i = 0; i < others.length; i++) values[i + 1] = others[i]! / divisor;
  return values;
}
