import { type FeatureMatrix, type Json, isArrayLike, isPlainObject, showValue } from '@fraudops/core';
import type { Calibration } from './calibration.js';
import type { Explanation } from './explanation.js';
import { ModelError } from './model-error.js';
import { MAX_FEATURES, MAX_FEATURE_NAME_LENGTH, MAX_MAGNITUDE } from './model-limits.js';

/**
 * A binary classifier: features in, probability of fraud out.
 *
 * Features are rounded to float32 first, as they were for training; everything after is float64, added in a fixed order. So the same
 * features give the same bits, one row at a time or in a batch, before and after a round trip through JSON.
 * A missing feature is NaN; undefined counts as NaN.
 */
export interface Model {
  /** Which form the model has. */
  readonly kind: 'linear' | 'trees';
  /** Names of the features, in the order in which rows hold them. */
  readonly featureNames: readonly string[];
  /** How the margin becomes a probability; undefined: by the model's link, which is the logistic function for most. */
  readonly calibration: Calibration | undefined;
  /**
   * The sum that the score is made of, for one row of features: log-odds of fraud, unless the link of a tree model says otherwise.
   * @throws {ModelError} FEATURE_MISMATCH when the row has another length or values that are no numbers; NOT_FINITE for an infinite feature of a linear model
   */
  margin(row: ArrayLike<number>): number;
  /** {@link Model.margin} of every row. Throws what {@link Model.scoreBatch} throws. */
  marginBatch(matrix: FeatureMatrix): Float64Array;
  /** Probability of fraud, 0 to 1: link or calibration of {@link Model.margin}. Throws what that throws. */
  score(row: ArrayLike<number>): number;
  /**
   * Probability of fraud of every row; the same bits as {@link Model.score} of each.
   * @throws {ModelError} FEATURE_MISMATCH when the matrix has other names or another order; NOT_FINITE as for one row
   */
  scoreBatch(matrix: FeatureMatrix): Float64Array;
  /**
   * Why a row has its margin: exact contributions of its features, path-dependent TreeSHAP for trees (Lundberg et al. 2020), weight times
   * distance from the mean for linear models.
   * @throws {ModelError} what {@link Model.margin} throws; UNSUPPORTED_MODEL for trees without covers, as ONNX files have them
   */
  explain(row: ArrayLike<number>): Explanation;
  /** The whole model as plain data, read back by {@link modelFromJson}. */
  toJson(): Json;
}

/** @throws {ModelError} FEATURE_MISMATCH unless the row is an array of one value a feature */
export function requireRow(model: Pick<Model, 'featureNames'>, row: ArrayLike<number>): void {
  const expected = model.featureNames.length;
  if (typeof row === 'object' && (row as ArrayLike<number> | null)?.length === expected) return;
  const found = isArrayLike(row) ? `${row.length} values` : showValue(row);
  throw new ModelError(
    'FEATURE_MISMATCH',
    `row: ${found}, the model takes ${expected}; pass one value a feature, NaN if missing`,
    {
      details: { length: isArrayLike(row) ? row.length : undefined, expected },
    },
  );
}

/** The value of a feature; undefined is missing. @throws {ModelError} FEATURE_MISMATCH for what is no number, which would count as one */
export function featureOf(value: unknown, position: number): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return Number.NaN;
  throw new ModelError('FEATURE_MISMATCH', `row: value ${position} is ${showValue(value)}, expected a number, NaN if missing`, {
    details: { position },
  });
}

/** @throws {ModelError} FEATURE_MISMATCH unless the matrix has the model's features in the model's order, each a column of rowCount values */
export function requireMatrix(model: Pick<Model, 'featureNames'>, matrix: FeatureMatrix): void {
  const expected = model.featureNames;
  requireMatrixForm(matrix);
  const { names, columns, rowCount } = matrix;
  if (names.length !== expected.length || columns.length !== expected.length) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `matrix: ${names.length} names and ${columns.length} columns, the model takes ${expected.length}; select the model's featureNames`,
      { details: { names: names.length, columns: columns.length, expected: expected.length } },
    );
  }
  for (let i = 0; i < expected.length; i++) {
    if (names[i] !== expected[i]) {
      throw new ModelError(
        'FEATURE_MISMATCH',
        `matrix: feature ${i} is ${String(names[i])}, the model takes ${expected[i]} there; select the model's featureNames in their order`,
        { details: { position: i, name: names[i], expected: expected[i] } },
      );
    }
    requireNumbers(`matrix: ${names[i]}`, columns[i]);
    if (columns[i]!.length !== rowCount) {
      throw new ModelError('FEATURE_MISMATCH', `matrix: ${names[i]} has ${columns[i]!.length} values, rowCount is ${rowCount}`, {
        details: { name: names[i], length: columns[i]!.length, rowCount },
      });
    }
  }
}

function requireMatrixForm(matrix: FeatureMatrix): void {
  const { names, columns, rowCount }: Partial<FeatureMatrix> = isPlainObject(matrix) ? matrix : {};
  if (Array.isArray(names) && Array.isArray(columns) && Number.isInteger(rowCount) && rowCount! >= 0) return;
  const found = isPlainObject(matrix)
    ? `names is ${showValue(names)}, columns is ${showValue(columns)}, rowCount is ${showValue(rowCount)}`
    : showValue(matrix);
  throw new ModelError(
    'FEATURE_MISMATCH',
    `matrix: ${found}, expected a FeatureMatrix; make one by featureMatrix or toFeatureMatrix`,
  );
}

/** @throws {ModelError} FEATURE_MISMATCH unless the column is an array of numbers. Plain arrays may hold anything, so they are looked through */
function requireNumbers(what: string, column: unknown): void {
  if (column instanceof Float32Array || isTypedNumbers(column)) return;
  const entry = Array.isArray(column) ? column.findIndex((value) => typeof value !== 'number' && value !== undefined) : 0;
  if (entry < 0) return;
  const found = Array.isArray(column) ? `entry ${entry} is ${showValue(column[entry])}` : showValue(column);
  throw new ModelError('FEATURE_MISMATCH', `${what}: ${found}, expected a Float32Array`);
}

function isTypedNumbers(value: unknown): boolean {
  return ArrayBuffer.isView(value) && isArrayLike(value) && typeof (value[0] ?? 0) === 'number';
}

/** The names as a frozen copy. @throws {ModelError} INVALID_MODEL or TOO_LARGE unless there are 1 to MAX_FEATURES distinct, sensible names */
export function requireFeatureNames(names: readonly unknown[]): readonly string[] {
  if (!Array.isArray(names)) {
    throw new ModelError('INVALID_MODEL', `featureNames: ${showValue(names)}, expected an array of names`);
  }
  if (names.length > MAX_FEATURES) {
    throw new ModelError('TOO_LARGE', `featureNames: ${names.length} names, at most ${MAX_FEATURES} are allowed`, {
      details: { length: names.length, limit: MAX_FEATURES },
    });
  }
  if (names.length === 0) throw new ModelError('INVALID_MODEL', 'featureNames: no names, a model needs at least one feature');
  const seen = new Set<string>();
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (typeof name !== 'string' || name.length === 0 || name.length > MAX_FEATURE_NAME_LENGTH) {
      throw new ModelError(
        'INVALID_MODEL',
        `featureNames[${i}]: expected a string of 1 to ${MAX_FEATURE_NAME_LENGTH} characters`,
        {
          details: { position: i },
        },
      );
    }
    if (seen.has(name)) {
      throw new ModelError('INVALID_MODEL', `featureNames[${i}]: ${name} comes twice, names must differ`, {
        details: { position: i, name },
      });
    }
    seen.add(name);
  }
  return Object.freeze([...seen]);
}

/** The number. @throws {ModelError} INVALID_MODEL unless it is a number from -MAX_MAGNITUDE to MAX_MAGNITUDE */
export function requireMagnitude(what: string, value: unknown): number {
  if (typeof value === 'number' && Math.abs(value) <= MAX_MAGNITUDE) return value;
  throw new ModelError(
    'INVALID_MODEL',
    `${what}: ${showValue(value)}, expected a number from -${MAX_MAGNITUDE} to ${MAX_MAGNITUDE}`,
    {
      details: { what, value: showValue(value) },
    },
  );
}
