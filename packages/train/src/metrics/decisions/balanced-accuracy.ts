import { type ConfusionCounts, requireCounts } from './confusion-counts.js';

/**
 * Balanced accuracy: the mean of the shares of frauds and of genuine rows that are judged right, (TPR + TNR) / 2; 0.5 is chance. Plain
 * accuracy says nothing where one row in a hundred is fraud.
 *
 * @returns null when there is one class only
 * @throws {TrainError} INVALID_VALUE for what are no counts
 * @example balancedAccuracy(confusionCounts([0.9, 0.4, 0.2], [1, 1, 0], 0.5)); // 0.75
 */
export function balancedAccuracy(counts: ConfusionCounts): number | null {
  const rates = classRates(requireCounts('balancedAccuracy', counts));
  return rates && (rates.frauds + rates.genuine) / 2;
}

/** Share of each class that is judged right; null when there is one class only. */
export function classRates(counts: ConfusionCounts): { frauds: number; genuine: number } | null {
  const frauds = counts.truePositives + counts.falseNegatives;
  const genuine = counts.trueNegatives + counts.falsePositives;
  return frauds === 0 || genuine === 0
    ? null
    : { frauds: counts.truePositives / frauds, genuine: counts.trueNegatives / genuine };
}
