import type { ConfusionCounts } from './confusion-counts.js';

/**
 * False-positive ratio: false alarms for each fraud caught, FP / TP; 5 is what fraud teams call "one to five".
 *
 * @returns null when no fraud is caught
 * @example falsePositiveRatio(confusionCounts([0.9, 0.8, 0.7], [1, 0, 0], 0.5)); // 2
 */
export function falsePositiveRatio({ truePositives, falsePositives }: ConfusionCounts): number | null {
  return truePositives === 0 ? null : falsePositives / truePositives;
}
