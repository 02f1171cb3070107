/** Checks that every metric makes before it works: scores that are numbers, labels that are known, one of each a row. */
import { showValue } from '@fraudops/core';
import { requireArray } from '../required-arguments.js';
import { requireLabels } from '../training-data.js';
import { TrainError } from '../train-error.js';

/**
 * Throws unless there is at least one row, a number as each score, and 0 or 1 as each label. Returns the number of rows.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_VALUE, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 */
export function requireScoredLabels(what: string, scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  requireArray(what, 'scores', scores);
  if (scores.length === 0) throw new TrainError('EMPTY', `${what}: no rows, expected at least one`);
  requireLabels(what, labels, scores.length);
  for (let i = 0; i < scores.length; i++) requireScore(what, scores, i);
  return scores.length;
}

/** As {@link requireScoredLabels}, for metrics of probabilities: each from 0 to 1. */
export function requireLabelledProbabilities(what: string, probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  requireArray(what, 'probabilities', probabilities);
  const rowCount = requireScoredLabels(what, probabilities, labels);
  for (let i = 0; i < rowCount; i++) {
    const probability = probabilities[i]!;
    if (probability >= 0 && probability <= 1) continue;
    const rule = 'expected a probability, 0 to 1; calibrate the scores first';
    throw new TrainError('INVALID_SCORE', `${what}: probabilities[${i}] is ${probability}, ${rule}`, { details: { index: i } });
  }
  return rowCount;
}

/** The score of a row. @throws {TrainError} INVALID_SCORE when it is no number */
export function requireScore(what: string, scores: ArrayLike<number>, row: number): number {
  const score = scores[row];
  if (typeof score === 'number' && !Number.isNaN(score)) return score;
  throw new TrainError('INVALID_SCORE', `${what}: scores[${row}] is ${showValue(score)}, expected a number`, {
    details: { index: row },
  });
}

/** Largest amount and largest cost: sums of any number of them stay finite. */
export const MAX_AMOUNT = 1e12;

/** Throws unless there is one amount a row, each from 0 to 1e12. @throws {TrainError} LENGTH_MISMATCH, INVALID_VALUE */
export function requireAmounts(what: string, amounts: ArrayLike<number>, rowCount: number): void {
  requireArray(what, 'amounts', amounts);
  if (amounts.length !== rowCount) {
    throw new TrainError('LENGTH_MISMATCH', `${what}: ${amounts.length} amounts for ${rowCount} rows, expected one each`);
  }
  for (let i = 0; i < rowCount; i++) {
    const amount = amounts[i];
    if (typeof amount === 'number' && amount >= 0 && amount <= MAX_AMOUNT) continue;
    throw new TrainError(
      'INVALID_VALUE',
      `${what}: amounts[${i}] is ${showValue(amount)}, expected a number from 0 to ${MAX_AMOUNT}`,
      {
        details: { index: i },
      },
    );
  }
}
