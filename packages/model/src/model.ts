import type { FeatureMatrix, Json } from '@fraudops/core';
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
   * @throws {ModelError} FEATURE_MISMATCH when the row has another length; NOT_FINITE for an infinite feature of a linear model
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

/** @throws {ModelError} FEATURE_MISMATCH unless the row has one value a feature */
export function requireRow(model: Pick<Model, 'featureNames'>, row: ArrayLike<number>): void {
  const expected = model.featureNames.length;
  if (row.length !== expected) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `row: ${row.length} values, the model takes ${expected}; pass one value a feature, NaN if missing`,
      {
        details: { length: row.length, expected },
      },
    );
  }
}

/** @throws {ModelError} FEATURE_MISMATCH unless the matrix has the model's features in the model's order, each a column of rowCount values */
export function requireMatrix(model: Pick<Model, 'featureNames'>, matrix: FeatureMatrix): void {
  const { names, columns, rowCount } = matrix;
  const expected = model.featureNames;
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
        `matrix: feature ${i} is ${names[i]}, the model takes ${expected[i]} there; select the model's featureNames in their order`,
        { details: { position: i, name: names[i], expected: expected[i] } },
      );
    }
    if (columns[i]!.length !== rowCount) {
      throw new ModelError('FEATURE_MISMATCH', `matrix: ${names[i]} has ${columns[i]!.length} values, rowCount is ${rowCount}`, {
        details: { name: names[i], length: columns[i]!.length, rowCount },
      });
    }
  }
}

/** The names as a frozen copy. @throws {ModelError} INVALID_MODEL or TOO_LARGE unless there are 1 to MAX_FEATURES distinct, sensible names */
export function requireFeatureNames(names: readonly unknown[]): readonly string[] {
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

/** A value as an error message shows it: numbers as they are, anything else by its type. */
export function showValue(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === null ? 'null' : typeof value;
}
