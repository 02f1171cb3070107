import { type ThresholdCounts, classTotals, thresholdCounts } from './threshold-counts.js';

/**
 * Area under the ROC curve: the probability that a fraud scores above a genuine transaction, ties counting half
 * (the Mann-Whitney statistic over the number of pairs; Hanley and McNeil 1982). 0.5 is chance, 1 perfect.
 *
 * @param scores n numbers, higher is more suspicious; probabilities or log-odds, since only their order matters
 * @param labels n values, 0 or 1; rows whose label is unknown are left out by the caller
 * @returns null when there is one class only: the value is undefined then
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]); // 0.75
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  return rocAucOf(thresholdCounts('rocAuc', scores, labels));
}

/** {@link rocAuc} from counts; weighted ones give the weighted area. */
export function rocAucOf(counts: ThresholdCounts): number | null {
  const { truePositives, falsePositives } = counts;
  const { frauds, genuine } = classTotals(counts);
  if (frauds === 0 || genuine === 0) return null;
  // Twice the area, so that the sum of counts stays in whole numbers and is exact.
  let doubleArea = 0;
  let fraudsBefore = 0;
  let genuineBefore = 0;
  for (let i = 0; i < truePositives.length; i++) {
    doubleArea += (falsePositives[i]! - genuineBefore) * (truePositives[i]! + fraudsBefore);
    fraudsBefore = truePositives[i]!;
    genuineBefore = falsePositives[i]!;
  }
  return doubleArea / (2 * frauds * genuine);
}
