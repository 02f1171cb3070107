import { requireOption } from '../../training-data.js';
import { type ConfusionCounts, requireCounts } from './confusion-counts.js';

/**
 * F-beta: the weighted harmonic mean of precision and recall, (1 + beta^2) TP / ((1 + beta^2) TP + beta^2 FN + FP), where recall counts
 * `beta` times as much as precision (van Rijsbergen 1979).
 *
 * @param beta 0.001 to 1,000; default 1, the F1 score
 * @returns null when there are neither frauds nor alerts
 * @throws {TrainError} INVALID_OPTION; INVALID_VALUE for what are no counts
 * @example fBeta(confusionCounts([0.9, 0.4, 0.2], [1, 1, 0], 0.5)); // 0.667
 */
export function fBeta(counts: ConfusionCounts, beta?: number): number | null {
  const { truePositives, falsePositives, falseNegatives } = requireCounts('fBeta', counts);
  const square = requireOption('fBeta: beta', beta, { low: 0.001, high: 1_000, default: 1 }) ** 2;
  const hits = (1 + square) * truePositives;
  const all = hits + square * falseNegatives + falsePositives;
  return all === 0 ? null : hits / all;
}
