import { showValue } from '@fraudops/core';
import { requireArray } from '../required-arguments.js';
import { requireWeightedLabels } from '../training-data.js';
import { TrainError } from '../train-error.js';

/**
 * Throws unless a calibration can be fitted to the rows: margins, labels and weights of one length, finite margins, both classes.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_WEIGHT, ONE_CLASS, INVALID_SCORE naming the first offending index
 */
export function requireCalibrationRows(
  what: string,
  margins: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): void {
  requireArray(what, 'margins', margins);
  if (margins.length === 0) throw new TrainError('EMPTY', `${what}: no rows, expected at least one of each class`);
  requireWeightedLabels(what, labels, margins.length, weights);
  for (let i = 0; i < margins.length; i++) {
    if (Number.isFinite(margins[i])) continue;
    throw new TrainError('INVALID_SCORE', `${what}: margins[${i}] is ${showValue(margins[i])}, expected a finite number`, {
      details: { index: i, margin: margins[i] },
    });
  }
}
