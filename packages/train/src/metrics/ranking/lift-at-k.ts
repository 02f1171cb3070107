import { precisionAtKOf } from './precision-at-k.js';
import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Lift at k: how many times as many frauds are among the k rows of highest score as among k rows drawn blindly, precision at k over the
 * share of frauds. 1 is chance.
 *
 * @param k rows, a whole number of 1 or more; for the top 1 % pass `Math.ceil(scores.length / 100)`
 * @returns null when there are no frauds
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example liftAtK([0.9, 0.5, 0.4, 0.1], [1, 0, 0, 0], 1); // 4
 */
export function liftAtK(scores: ArrayLike<number>, labels: ArrayLike<number>, k: number): number | null {
  return liftAtKOf(thresholdCounts('liftAtK', scores, labels), k);
}

/** {@link liftAtK} from counts. */
export function liftAtKOf(counts: ThresholdCounts, k: number): number | null {
  const precision = precisionAtKOf(counts, k);
  const { frauds, genuine } = classTotals(counts);
  return frauds === 0 ? null : (precision * (frauds + genuine)) / frauds;
}
