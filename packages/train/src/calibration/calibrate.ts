/**
 * Calibration of a trained model on rows of its own: probabilities that can be believed, and put beside costs.
 *
 * The rows must be later than the training rows, on which every model is too sure of itself, and must not be the test rows, on which the
 * calibrated model is judged: train, then calibrate, then test, in order of time, with matured labels (`splitByTime`).
 */
import { type FeatureMatrix, showValue } from '@fraudops/core';
import { type Model, withCalibration } from '@fraudops/model';
import { requireMatrixForm, requireModel, requireOptions } from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import { requireWeightedLabels } from '../training-data.js';
import { type IsotonicCalibration, fitIsotonic } from './fit-isotonic.js';
import { type PlattCalibration, fitPlatt } from './fit-platt.js';

/** `platt` draws a curve of two numbers, `isotonic` any rising one; see {@link fitPlatt} and {@link fitIsotonic}. */
export type CalibrationMethod = 'platt' | 'isotonic';

/** Frauds below which a method's result carries a warning: ten for each number of Platt's, scikit-learn's advice for isotonic. */
export const ADVISED_POSITIVES: Readonly<Record<CalibrationMethod, number>> = { platt: 20, isotonic: 1000 };

/** A calibrated model, and what it was calibrated on. */
export interface Calibrated<Kind extends Model> {
  readonly model: Kind;
  readonly calibration: PlattCalibration | IsotonicCalibration;
  readonly rows: number;
  /** Frauds among the rows. */
  readonly positives: number;
  /** In words, when the rows are few for the method; else empty. */
  readonly warnings: readonly string[];
}

/**
 * The model with a calibration fitted to its margins; one that it had is replaced. How rows rank stays as it was, but for ties that
 * isotonic calibration makes.
 *
 * @param model one of `linearModel`, `treeModel` or `modelFromJson`
 * @param matrix rows later than the training rows and not among the test rows, at least one of each class
 * @param labels a label for each row, 0 or 1
 * @param method default `platt`
 * @param options `weights` of the rows, such as 1 / keep rate for genuine rows of a sample
 * @throws {TrainError} what {@link fitPlatt} and {@link fitIsotonic} throw, INVALID_OPTION for another method; ModelError FEATURE_MISMATCH when the matrix is not the model's
 * @example const { model: calibrated, warnings } = calibrate(model, takeRows(matrix, later), laterLabels, 'isotonic');
 */
export function calibrate<Kind extends Model>(
  model: Kind,
  matrix: FeatureMatrix,
  labels: ArrayLike<number>,
  method: CalibrationMethod = 'platt',
  options: { readonly weights?: ArrayLike<number> } = {},
): Calibrated<Kind> {
  requireModel('calibrate', model, 'marginBatch');
  requireMatrixForm('calibrate', matrix);
  requireOptions('calibrate', options, { weights: 'array' });
  if (typeof method !== 'string' || !Object.hasOwn(ADVISED_POSITIVES, method)) {
    throw new TrainError('INVALID_OPTION', `calibrate: method is ${showValue(method)}, expected platt or isotonic`);
  }
  requireWeightedLabels('calibrate', labels, matrix.rowCount, options.weights);
  const margins = model.marginBatch(matrix);
  const fit = method === 'isotonic' ? fitIsotonic : fitPlatt;
  const calibration = fit(margins, labels, options.weights);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  return {
    model: withCalibration(model, calibration),
    calibration,
    rows: labels.length,
    positives,
    warnings: warnings(method, positives),
  };
}

function warnings(method: CalibrationMethod, positives: number): string[] {
  const advised = ADVISED_POSITIVES[method];
  if (positives >= advised) return [];
  const advice = method === 'isotonic' ? 'use platt, or a longer window' : 'use a longer window';
  return [`calibrate: ${positives} frauds among the rows, ${method} is advised from ${advised}; ${advice}`];
}
