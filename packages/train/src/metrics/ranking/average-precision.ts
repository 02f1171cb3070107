import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Average precision: sum over thresholds, from high to low, of (recall - previous recall) * precision. A step function without
 * interpolation, as in scikit-learn; the trapezoid rule would be optimistic. A random score reaches the share of frauds, so values
 * compare only between rows of one fraud rate.
 *
 * @param scores n numbers, higher is more suspicious
 * @param labels n values, 0 or 1; rows whose label is unknown are left out by the caller
 * @returns null when there is one class only
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]); // 0.8333333333333333
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  return averagePrecisionOf(thresholdCounts('averagePrecision', scores, labels));
}

/** {@link averagePrecision} from counts; weighted ones give the weighted value. */
export function averagePrecisionOf(counts: ThresholdCounts): number | null {
  const { truePositives, falsePositives } = counts;
  const { frauds, genuine } = classTotals(counts);
  if (frauds === 0 || genuine === 0) return null;
  let weightedPrecision = 0;
  let fraudsBefore = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const fraudsHere = truePositives[i]!;
    if (fraudsHere > fraudsBefore)
      weightedPrecision += ((fraudsHere - fraudsBefore) * fraudsHere) / (fraudsHere + falsePositives[i]!);
    fraudsBefore = fraudsHere;
  }
  return weightedPrecision / frauds;
}
