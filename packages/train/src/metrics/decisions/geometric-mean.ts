import { classRates } from './balanced-accuracy.js';
import { type ConfusionCounts, requireCounts } from './confusion-counts.js';

/**
 * G-mean: the geometric mean of the shares of frauds and of genuine rows that are judged right, sqrt(TPR * TNR) (Kubat and Matwin 1997).
 * 0 as soon as one class is missed entirely.
 *
 * @returns null when there is one class only
 * @throws {TrainError} INVALID_VALUE for what are no counts
 * @example geometricMean(confusionCounts([0.9, 0.4, 0.2], [1, 1, 0], 0.5)); // 0.707
 */
export function geometricMean(counts: ConfusionCounts): number | null {
  const rates = classRates(requireCounts('geometricMean', counts));
  return rates && Math.sqrt(rates.frauds * rates.genuine);
}
