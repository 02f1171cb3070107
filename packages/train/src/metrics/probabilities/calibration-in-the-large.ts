import { requireLabelledProbabilities } from '../scored-labels.js';

/**
 * Calibration in the large: frauds that the probabilities promise over frauds that happened, sum p / sum y. 1 is right, 2 promises twice
 * as many.
 *
 * @param probabilities n values from 0 to 1
 * @param labels n values, 0 or 1
 * @returns null when there are no frauds
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example calibrationInTheLarge([0.9, 0.3], [1, 0]); // 1.2
 */
export function calibrationInTheLarge(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const rowCount = requireLabelledProbabilities('calibrationInTheLarge', probabilities, labels);
  let promised = 0;
  let frauds = 0;
  for (let i = 0; i < rowCount; i++) {
    promised += probabilities[i]!;
    frauds += labels[i]!;
  }
  return frauds === 0 ? null : promised / frauds;
}
