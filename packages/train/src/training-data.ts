/** Checks that every training function makes before it works. */
import { type FeatureMatrix, showValue } from '@fraudops/core';
import { MAX_FEATURES, MAX_FEATURE_NAME_LENGTH } from '@fraudops/model/forms';
import { requireArray, requireMatrixForm, requireTypedArray } from './required-arguments.js';
import { TrainError } from './train-error.js';

/** Most rows that training takes; beyond it, sample the genuine rows and pass weights. */
const MAX_ROWS = 50_000_000;

/**
 * Throws unless the rows can be learned from: features named once each, columns and labels of one length, both classes present, no
 * infinite feature. NaN features are fine: they are missing values.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE, INVALID_WEIGHT, INVALID_OPTION,
 *   INVALID_VALUE for what is no matrix or no array
 */
export function requireTrainingData(what: string, matrix: FeatureMatrix, labels: Uint8Array, weights?: Float64Array): void {
  requireLabelledShape(what, matrix, labels, weights);
  requireFinite(what, matrix);
}

/** What {@link requireTrainingData} asks, but for infinite features, see {@link infiniteFeature}: to look for them takes a pass over the matrix. */
export function requireLabelledShape(what: string, matrix: FeatureMatrix, labels: Uint8Array, weights?: Float64Array): void {
  requireShape(what, matrix);
  requireWeightedLabels(what, labels, matrix.rowCount, weights);
  requireTypedArray(what, 'labels', labels, Uint8Array);
  if (weights !== undefined) requireTypedArray(what, 'weights', weights, Float64Array);
}

/**
 * Throws unless the rows can be learned from without labels: what {@link requireTrainingData} asks of the matrix.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, NOT_FINITE, INVALID_OPTION
 */
export function requireFeatures(what: string, matrix: FeatureMatrix): void {
  requireShape(what, matrix);
  requireFinite(what, matrix);
}

/**
 * Throws unless there is one label a row, each 0 or 1, one usable weight a row if there are weights, and both classes.
 *
 * @throws {TrainError} LENGTH_MISMATCH, INVALID_LABEL, INVALID_WEIGHT, ONE_CLASS
 */
export function requireWeightedLabels(
  what: string,
  labels: ArrayLike<number>,
  rowCount: number,
  weights: ArrayLike<number> | undefined,
): void {
  requireLabels(what, labels, rowCount);
  if (weights !== undefined) requireWeights(what, weights, rowCount);
  requireBothClasses(what, labels, weights);
  if (weights) requireWeightOfClasses(what, labels, weights);
}

function requireShape(what: string, matrix: FeatureMatrix): void {
  requireMatrixForm(what, matrix);
  const { names, columns, rowCount } = matrix;
  if (rowCount === 0 || names.length === 0) {
    throw new TrainError('EMPTY', `${what}: ${rowCount} rows of ${names.length} features, expected at least one of each`);
  }
  if (rowCount > MAX_ROWS || names.length > MAX_FEATURES) {
    throw new TrainError(
      'INVALID_OPTION',
      `${what}: ${rowCount} rows of ${names.length} features, at most ${MAX_ROWS} of ${MAX_FEATURES} are allowed; sample the genuine rows`,
    );
  }
  if (names.length !== columns.length) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `${what}: ${names.length} feature names for ${columns.length} columns, expected one each`,
    );
  }
  const seen = new Set<string>();
  names.forEach((name, j) => {
    if (name.length === 0 || name.length > MAX_FEATURE_NAME_LENGTH) {
      throw new TrainError(
        'INVALID_OPTION',
        `${what}: names[${j}] has ${name.length} characters, expected 1 to ${MAX_FEATURE_NAME_LENGTH}`,
      );
    }
    if (seen.has(name))
      throw new TrainError('DUPLICATE_FEATURE', `${what}: feature ${name} comes twice, names must differ`, { details: { name } });
    seen.add(name);
    if (columns[j]!.length !== rowCount) {
      throw new TrainError(
        'LENGTH_MISMATCH',
        `${what}: feature ${name} has ${columns[j]!.length} rows, the matrix has ${rowCount}`,
        {
          details: { name },
        },
      );
    }
  });
}

/** Throws unless there is one label a row, each 0 or 1. @throws {TrainError} LENGTH_MISMATCH, INVALID_LABEL naming the index */
export function requireLabels(what: string, labels: ArrayLike<number>, rowCount: number): void {
  requireArray(what, 'labels', labels);
  if (labels.length !== rowCount) {
    throw new TrainError('LENGTH_MISMATCH', `${what}: ${labels.length} labels for ${rowCount} rows, expected one each`, {
      details: { labels: labels.length, rowCount },
    });
  }
  for (let i = 0; i < rowCount; i++) {
    const label = labels[i];
    if (label !== 0 && label !== 1) {
      throw new TrainError(
        'INVALID_LABEL',
        `${what}: labels[${i}] is ${showValue(label)}, expected 0 or 1; leave out rows whose label is unknown`,
        {
          details: { index: i, label },
        },
      );
    }
  }
}

function requireWeights(what: string, weights: ArrayLike<number>, rowCount: number): void {
  requireArray(what, 'weights', weights);
  if (weights.length !== rowCount) {
    throw new TrainError('LENGTH_MISMATCH', `${what}: ${weights.length} weights for ${rowCount} rows, expected one each`);
  }
  for (let i = 0; i < rowCount; i++) {
    const weight = weights[i]!;
    if (typeof weight === 'number' && weight >= 0 && weight <= MAX_WEIGHT) continue;
    throw new TrainError('INVALID_WEIGHT', `${what}: weights[${i}] is ${showValue(weight)}, expected 0 to ${MAX_WEIGHT}`, {
      details: { index: i, weight },
    });
  }
}

/** Largest weight of a row. */
const MAX_WEIGHT = 1e9;

function requireBothClasses(what: string, labels: ArrayLike<number>, weights: ArrayLike<number> | undefined): void {
  const present = [false, false];
  for (let i = 0; i < labels.length && !(present[0] && present[1]); i++) {
    if (weights === undefined || weights[i]! > 0) present[labels[i]!] = true;
  }
  if (!present[0] || !present[1]) {
    const missing = present[0] ? 'fraud (label 1)' : present[1] ? 'genuine (label 0)' : 'weighted';
    throw new TrainError(
      'ONE_CLASS',
      `${what}: no ${missing} rows among ${labels.length}, a classifier needs both classes; take a longer window`,
      {
        details: { rows: labels.length },
      },
    );
  }
}

/** Least sum of weights of a class: in smaller ones float64 has no digits left for derivatives. */
const MIN_CLASS_WEIGHT = 1e-100;
/** Least share of all weights that a class may have: a smaller one is lost when it is added to the other. */
const MIN_CLASS_SHARE = 1e-12;

function requireWeightOfClasses(what: string, labels: ArrayLike<number>, weights: ArrayLike<number>): void {
  const sums = [0, 0];
  for (let i = 0; i < labels.length; i++) sums[labels[i]!]! += weights[i]!;
  const least = Math.max(MIN_CLASS_WEIGHT, MIN_CLASS_SHARE * (sums[0]! + sums[1]!));
  sums.forEach((weight, label) => {
    if (weight >= least) return;
    const message = `${what}: weights of the rows with label ${label} add up to ${weight}, expected at least ${least}; scale them up`;
    throw new TrainError('INVALID_WEIGHT', message, { details: { label, weight, least } });
  });
}

function requireFinite(what: string, matrix: FeatureMatrix): void {
  const error = infiniteFeature(what, matrix);
  if (error) throw error;
}

/**
 * What is wrong with a matrix that has an infinite value; undefined if it has none. An infinity in history is an overflow or a division by
 * zero upstream; no bin or weight treats it sensibly, so it is refused.
 *
 * @returns a TrainError NOT_FINITE
 */
export function infiniteFeature(what: string, { names, columns }: FeatureMatrix): TrainError | undefined {
  for (const [j, column] of columns.entries()) {
    const row = firstInfinite(column);
    if (row < 0) continue;
    return new TrainError(
      'NOT_FINITE',
      `${what}: feature ${names[j]}, row ${row} is ${column[row]}, expected a finite float32 or NaN for missing; bound it or mark it missing`,
      { details: { name: names[j], row } },
    );
  }
  return undefined;
}

/** Position of the first infinite value, -1 for none. */
function firstInfinite(column: Float32Array): number {
  // Sums of finite float32 are finite, so most columns need no more; four of them, since each addition waits for the one before.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = column.length - (column.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += column[i]!;
    b += column[i + 1]!;
    c += column[i + 2]!;
    d += column[i + 3]!;
  }
  for (let i = whole; i < column.length; i++) a += column[i]!;
  if (Number.isFinite(a + b + (c + d))) return -1;
  for (let i = 0; i < column.length; i++) if (Math.abs(column[i]!) === Number.POSITIVE_INFINITY) return i;
  return -1;
}

/** The option, or its default. @throws {TrainError} INVALID_OPTION unless it is a number from low to high, whole if asked */
export function requireOption(name: string, value: number | undefined, range: OptionRange): number {
  const { low, high, whole = false } = range;
  const chosen = value === undefined ? range.default : value;
  if (typeof chosen === 'number' && chosen >= low && chosen <= high && (!whole || Number.isInteger(chosen))) return chosen;
  throw new TrainError(
    'INVALID_OPTION',
    `${name}: ${showValue(value)}, expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}`,
    {
      details: { name, value, low, high },
    },
  );
}

/** Allowed range of a numeric option, both ends included. */
export interface OptionRange {
  readonly low: number;
  readonly high: number;
  readonly default: number;
  readonly whole?: boolean;
}
