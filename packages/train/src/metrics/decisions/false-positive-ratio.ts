import { type ConfusionCounts, requireCounts } from './confusion-counts.js';

/**
 * False-positive ratio: false alarms for each fraud caught, FP / TP; 5 is what fraud teams call "one to five".
 *
 * @returns null when no fraud is caught
 * @throws {TrainError} INVALID_VALUE for what are no counts
 * @example falsePositiveRatio(confusionCounts([0.9, 0.8, 0.7], [1, 0, 0], 0.5)); // 2
 */
export function falsePositiveRatio(counts: ConfusionCounts): number | null {
  const { truePositives, falsePositives } = requireCounts('falsePositiveRatio', counts);
  return truePositives === 0 ? null : falsePositives / truePositives;
}
