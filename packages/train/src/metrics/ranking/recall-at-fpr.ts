import { requireOption } from '../../training-data.js';
import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Recall at a false-positive rate: the largest share of frauds that a threshold flags while it flags at most `falsePositiveRate` of the
 * genuine rows. No interpolation between thresholds: a threshold that reaches the value exists. 0 when even the highest score is
 * shared by too many genuine rows.
 *
 * @param falsePositiveRate 0 to 1, such as 0.001
 * @returns null when there is one class only
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example recallAtFpr([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0], 0); // 0.5
 */
export function recallAtFpr(scores: ArrayLike<number>, labels: ArrayLike<number>, falsePositiveRate: number): number | null {
  return recallAtFprOf(thresholdCounts('recallAtFpr', scores, labels), falsePositiveRate);
}

/** {@link recallAtFpr} from counts. */
export function recallAtFprOf(counts: ThresholdCounts, falsePositiveRate: number): number | null {
  requireOption('recallAtFpr: falsePositiveRate', falsePositiveRate, { low: 0, high: 1, default: Number.NaN });
  const { frauds, genuine } = classTotals(counts);
  if (frauds === 0 || genuine === 0) return null;
  let recall = 0;
  // More by the noise of the product's last bits: 0.29 * 100 is 28.999999999999996.
  const allowed = falsePositiveRate * genuine * (1 + 4 * Number.EPSILON);
  // Both only grow, so the last threshold within the rate is the best.
  for (let i = 0; i < counts.thresholds.length && counts.falsePositives[i]! <= allowed; i++) {
    recall = counts.truePositives[i]! / frauds;
  }
  return recall;
}
