import { type ConfusionCounts, requireCounts } from './confusion-counts.js';

/**
 * Matthews correlation of alerts and frauds (Matthews 1975),
 * (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN)): 1 is perfect, 0 chance, -1 always wrong. 0 when a factor is 0, as in
 * scikit-learn.
 *
 * @throws {TrainError} INVALID_VALUE for what are no counts
 * @example matthewsCorrelation(confusionCounts([0.9, 0.4, 0.2], [1, 1, 0], 0.5)); // 0.5
 */
export function matthewsCorrelation(counts: ConfusionCounts): number {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = requireCounts('matthewsCorrelation', counts);
  const flagged = truePositives + falsePositives;
  const frauds = truePositives + falseNegatives;
  const genuine = trueNegatives + falsePositives;
  const passed = trueNegatives + falseNegatives;
  // Roots first: the product of four counts of many rows leaves the whole numbers.
  const scale = Math.sqrt(flagged * frauds) * Math.sqrt(genuine * passed);
  return scale === 0 ? 0 : (truePositives * trueNegatives - falsePositives * falseNegatives) / scale;
}
