import { requireLabelledProbabilities } from '../scored-labels.js';

/**
 * Brier score: mean squared distance between predicted probabilities and outcomes, (1/n) * sum (p_i - y_i)^2 (Brier 1950). 0 is perfect;
 * always answering the share of frauds r gives r (1 - r).
 *
 * @param probabilities n values from 0 to 1
 * @param labels n values, 0 or 1
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example brierScore([0.9, 0.2], [1, 0]); // 0.025
 */
export function brierScore(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const rowCount = requireLabelledProbabilities('brierScore', probabilities, labels);
  let squaredErrors = 0;
  for (let i = 0; i < rowCount; i++) {
    const error = probabilities[i]! - labels[i]!;
    squaredErrors += error * error;
  }
  return squaredErrors / rowCount;
}

/**
 * Brier skill score: 1 - Brier / (r (1 - r)), the gain over always answering the share of frauds r. 1 is perfect, 0 no gain, negative
 * worse than knowing only the share. Unlike the Brier score itself it says something where frauds are rare.
 *
 * @returns null when there is one class only
 * @throws {TrainError} what {@link brierScore} throws
 * @example brierSkill([0.9, 0.2], [1, 0]); // 0.9
 */
export function brierSkill(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const brier = brierScore(probabilities, labels);
  let frauds = 0;
  for (let i = 0; i < labels.length; i++) frauds += labels[i]!;
  const share = frauds / labels.length;
  return share === 0 || share === 1 ? null : 1 - brier / (share * (1 - share));
}
