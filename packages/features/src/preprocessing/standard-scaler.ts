/**
 * Standardisation: each feature minus its mean, over its standard deviation, fitted on given rows only and saved with the model.
 *
 * Values are rounded to float32 before and after, in a matrix and in a single row alike, so both give the same bits. For more than
 * this one step, see {@link fitPreprocessing}, which also reads saved scalers.
 */
import { type FeatureMatrix, type Json, featureMatrix } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { parseSaved } from '../parse-saved.js';
import { meanAndDeviation } from './column-statistics.js';
import { requireFittedNames, requireLength } from './fitted-features.js';
import { scaled } from './value-operation.js';

/** See {@link fitStandardScaler}. */
export interface StandardScaler {
  /** Feature names, in order. */
  readonly names: readonly string[];
  /** Mean of each feature. */
  readonly means: readonly number[];
  /** What each feature is divided by. */
  readonly scales: readonly number[];
  /** A scaled copy. Missing values stay NaN. @throws {FeatureError} UNKNOWN_FIELD when names or their order differ */
  apply(matrix: FeatureMatrix): FeatureMatrix;
  /** Scales one row of features in place. @throws {FeatureError} INVALID_VALUE when its length differs */
  applyRow(row: Float32Array | Float64Array): void;
  /** The scaler as data; see {@link scalerFromJson}. */
  toJson(): Json;
}

/**
 * Fits a scaler: mean and population standard deviation (ddof 0) of each feature, as scikit-learn's StandardScaler; missing values
 * are left out. A feature that doesn't vary (by scikit-learn's rule: variance <= n eps variance + (n mean eps)^2, eps = 2^-52) gets
 * the scale 1, so it becomes 0; one without any value gets mean 0 and scale 1.
 *
 * @param matrix the rows to fit on: those trained on, never those tested on
 * @example
 * const scaler = fitStandardScaler(trainingMatrix);
 * const model = trainLogistic(scaler.apply(trainingMatrix), labels);
 */
export function fitStandardScaler(matrix: FeatureMatrix): StandardScaler {
  const fitted = matrix.columns.map(meanAndDeviation);
  return standardScaler(
    matrix.names,
    fitted.map(({ mean }) => mean),
    fitted.map(({ scale }) => scale),
  );
}

const savedScaler = z.strictObject({
  formatVersion: z.literal(1),
  kind: z.literal('standard'),
  names: z.array(z.string()),
  means: z.array(z.number()),
  scales: z.array(z.number().positive()),
});

/**
 * The scaler that {@link StandardScaler.toJson} saved, giving the same bits.
 *
 * @throws {FeatureError} INVALID_JSON
 */
export function scalerFromJson(json: unknown): StandardScaler {
  const { names, means, scales } = parseSaved('scalerFromJson', savedScaler, json, 'save scalers with toJson()');
  if (means.length !== names.length || scales.length !== names.length) {
    const message = `scalerFromJson: ${names.length} names, ${means.length} means and ${scales.length} scales; they must be as many`;
    throw new FeatureError('INVALID_JSON', message);
  }
  return standardScaler(names, means, scales);
}

function standardScaler(names: readonly string[], means: readonly number[], scales: readonly number[]): StandardScaler {
  return {
    names,
    means,
    scales,
    apply: (matrix) => {
      requireFittedNames('scaler', names, matrix);
      return featureMatrix(
        names,
        matrix.columns.map((column, j) => column.map((value) => scaled(value, means[j]!, scales[j]!))),
      );
    },
    applyRow: (row) => {
      requireLength('scaler', 'the row', row.length, names.length);
      for (let j = 0; j < row.length; j++) row[j] = scaled(row[j]!, means[j]!, scales[j]!);
    },
    toJson: () => ({ formatVersion: 1, kind: 'standard', names, means, scales }),
  };
}
