/**
 * Linear model: margin = intercept + sum of weight_j * feature_j, in the order of the features.
 *
 * A missing feature (NaN) takes a fixed value, usually the mean of the training rows. An infinite feature is refused, since zero times
 * infinity is no number.
 */
import { type FeatureMatrix, type Json, type OptionKinds, isArrayLike, showValue } from '@fraudops/core';
import { type Calibration, calibrationFunction, calibrationJson, requireCalibration } from './calibration.js';
import type { Explanation } from './explanation.js';
import { logistic } from './logistic.js';
import { ModelError } from './model-error.js';
import { type Model, featureOf, requireFeatureNames, requireMagnitude, requireMatrix, requireRow } from './model.js';
import { requireOptions } from './required-arguments.js';

/** What a linear model is made of: three numbers a feature short of one. */
export interface LinearModelParts {
  /** 1 to {@link MAX_FEATURES} distinct names. */
  readonly featureNames: readonly string[];
  /** One weight a feature, log-odds per unit of the feature. */
  readonly weights: ArrayLike<number>;
  /** Log-odds when all features are 0. */
  readonly intercept: number;
  /** One value a feature, used where the feature is missing. */
  readonly missingValues: ArrayLike<number>;
  /** Takes the place of the logistic function. */
  readonly calibration?: Calibration | undefined;
}

/** A linear model; see {@link linearModel}. */
export interface LinearModel extends Model {
  readonly kind: 'linear';
  readonly weights: readonly number[];
  readonly intercept: number;
  readonly missingValues: readonly number[];
}

/** A model is spread into the parts of another, so its kind may be there. */
const PARTS: OptionKinds<LinearModelParts & Pick<LinearModel, 'kind'>> = {
  kind: 'checked',
  featureNames: 'checked',
  weights: 'checked',
  intercept: 'checked',
  missingValues: 'checked',
  calibration: 'checked',
};

/**
 * A linear model over copies of its parts.
 *
 * @throws {ModelError} INVALID_MODEL, INVALID_OPTION or TOO_LARGE, naming the part that breaks a rule
 * @example
 * const model = linearModel({ featureNames: ['AMOUNT'], weights: [0.01], intercept: -5, missingValues: [50] });
 * model.score([500]); // 0.5
 */
export function linearModel(parts: LinearModelParts): LinearModel {
  requireOptions('linearModel', parts, PARTS, 'parts');
  const featureNames = requireFeatureNames(parts.featureNames);
  return new LinearScorer(
    featureNames,
    requireNumbers('weights', parts.weights, featureNames.length),
    // Adding 0 turns -0 into 0, which JSON can't tell apart.
    requireMagnitude('intercept', parts.intercept) + 0,
    requireNumbers('missingValues', parts.missingValues, featureNames.length),
    parts.calibration === undefined ? undefined : requireCalibration(parts.calibration),
  );
}

function requireNumbers(what: string, values: ArrayLike<number>, length: number): readonly number[] {
  if (!isArrayLike(values)) throw new ModelError('INVALID_MODEL', `${what}: ${showValue(values)}, expected one number a feature`);
  if (values.length !== length) {
    throw new ModelError('INVALID_MODEL', `${what}: ${values.length} values for ${length} features, expected one each`, {
      details: { what, length: values.length, expected: length },
    });
  }
  return Object.freeze(Array.from(values, (value, i) => requireMagnitude(`${what}[${i}]`, value) + 0));
}

class LinearScorer implements LinearModel {
  readonly kind = 'linear';
  readonly #scoreOf: (margin: number) => number;

  constructor(
    readonly featureNames: readonly string[],
    readonly weights: readonly number[],
    readonly intercept: number,
    readonly missingValues: readonly number[],
    readonly calibration: Calibration | undefined,
  ) {
    this.#scoreOf = calibration ? calibrationFunction(calibration) : logistic;
  }

  margin(row: ArrayLike<number>): number {
    requireRow(this, row);
    const { weights, missingValues } = this;
    let margin = this.intercept;
    for (let j = 0; j < weights.length; j++) {
      const feature = Math.fround(featureOf(row[j], j));
      margin += weights[j]! * (Number.isNaN(feature) ? missingValues[j]! : feature);
    }
    // Weights and values are bounded, so only an infinite feature can have led here.
    if (!Number.isFinite(margin)) throw this.#notFinite((j) => row[j]!);
    return margin;
  }

  score(row: ArrayLike<number>): number {
    return this.#scoreOf(this.margin(row));
  }

  marginBatch(matrix: FeatureMatrix): Float64Array {
    requireMatrix(this, matrix);
    const margins = new Float64Array(matrix.rowCount).fill(this.intercept);
    for (let j = 0; j < this.weights.length; j++) {
      const column = matrix.columns[j]!;
      const weight = this.weights[j]!;
      const missingTerm = weight * this.missingValues[j]!;
      for (let i = 0; i < margins.length; i++) {
        // A caller without types may hold doubles.
        const feature = Math.fround(column[i]!);
        margins[i]! += Number.isNaN(feature) ? missingTerm : weight * feature;
      }
    }
    const row = margins.findIndex((margin) => !Number.isFinite(margin));
    if (row >= 0) throw this.#notFinite((j) => matrix.columns[j]![row]!, row);
    return margins;
  }

  scoreBatch(matrix: FeatureMatrix): Float64Array {
    const scores = this.marginBatch(matrix);
    for (let i = 0; i < scores.length; i++) scores[i] = this.#scoreOf(scores[i]!);
    return scores;
  }

  explain(row: ArrayLike<number>): Explanation {
    const margin = this.margin(row);
    const contributions = new Float64Array(this.weights.length);
    let base = this.intercept;
    for (let j = 0; j < contributions.length; j++) {
      const feature = Math.fround(row[j]!);
      base += this.weights[j]! * this.missingValues[j]!;
      // A missing feature counts as the mean, from which it doesn't differ.
      contributions[j] = Number.isNaN(feature) ? 0 : this.weights[j]! * (feature - this.missingValues[j]!);
    }
    return { method: 'linear', space: 'log_odds', base, contributions, margin, score: this.#scoreOf(margin) };
  }

  toJson(): Json {
    return {
      format: 'fraudops.model',
      formatVersion: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      intercept: this.intercept,
      weights: this.weights,
      missingValues: this.missingValues,
      ...(this.calibration && { calibration: calibrationJson(this.calibration) }),
    };
  }

  #notFinite(featureAt: (position: number) => number, row?: number): ModelError {
    const position = this.featureNames.findIndex((_, j) => Math.abs(Math.fround(featureAt(j))) === Number.POSITIVE_INFINITY);
    const name = this.featureNames[position];
    const where = row === undefined ? '' : ` at row ${row}`;
    return new ModelError(
      'NOT_FINITE',
      `feature ${name}${where}: infinite as float32, expected a finite number, or NaN for missing`,
      {
        details: { name, ...(row === undefined ? {} : { row }) },
      },
    );
  }
}
