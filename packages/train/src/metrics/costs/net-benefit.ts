import { requireOption } from '../../training-data.js';
import { confusionCounts } from '../decisions/confusion-counts.js';

/**
 * Net benefit of alerts at a probability threshold t (decision curve; Vickers and Elkin 2006): TP/n - FP/n * t / (1 - t), in frauds caught
 * a row after paying for false alarms at the rate that the threshold stands for. Doing nothing is 0.
 *
 * @param probabilities n values; a row is an alert when its value is at or above the threshold
 * @param threshold above 0, below 1
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example netBenefit([0.9, 0.6, 0.1, 0.2], [1, 0, 0, 0], 0.5); // 0
 */
export function netBenefit(probabilities: ArrayLike<number>, labels: ArrayLike<number>, threshold: number): number {
  const range = { low: Number.MIN_VALUE, high: 1 - Number.EPSILON / 2, default: Number.NaN };
  const odds = requireOption('netBenefit: threshold', threshold, range) / (1 - threshold);
  const { truePositives, falsePositives } = confusionCounts(probabilities, labels, threshold);
  return (truePositives - falsePositives * odds) / probabilities.length;
}
