import { requireLabelledProbabilities } from '../scored-labels.js';

/** Probabilities are kept this far from 0 and 1 before their logarithm is taken. */
export const LOG_LOSS_CLIP = 1e-15;

/**
 * Log loss: mean of -ln of the probability given to what happened, -(1/n) sum [y ln p + (1 - y) ln(1 - p)]. A probability nearer to 0 or 1
 * than 1e-15 counts as 1e-15 away, so that one wrong certainty costs 34.5 and not infinity.
 *
 * @param probabilities n values from 0 to 1
 * @param labels n values, 0 or 1
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example logLoss([0.9, 0.2], [1, 0]); // 0.164
 */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const rowCount = requireLabelledProbabilities('logLoss', probabilities, labels);
  let loss = 0;
  for (let i = 0; i < rowCount; i++) loss += rowLogLoss(probabilities[i]!, labels[i]!);
  return loss / rowCount;
}

/** Loss of one row. */
export function rowLogLoss(probability: number, label: number): number {
  const clipped = Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, probability));
  return label === 1 ? -Math.log(clipped) : -Math.log1p(-clipped);
}
