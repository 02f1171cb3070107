import { thresholdCounts } from './threshold-counts.js';

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
  const { truePositives, falsePositives } = thresholdCounts('rocAuc', scores, labels);
  const frauds = truePositives.at(-1)!;
  const genuine = falsePositives.at(-1)!;
  if (frauds === 0 || genuine === 0) return null;
  // Twice the area, so that the sum stays in whole numbers and is exact.
  let doubleArea = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const newGenuine = falsePositives[i]! - (falsePositives[i - 1] ?? 0);
    doubleArea += newGenuine * (truePositives[i]! + (truePositives[i - 1] ?? 0));
  }
  return doubleArea / (2 * frauds * genuine);
}
