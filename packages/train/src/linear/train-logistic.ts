/**
 * Logistic regression with L2 and L1 penalties: minimises
 *
 *     sum_i weight_i * logloss_i  +  1/2 * l2 * sum_j w_j^2  +  l1 * sum_j |w_j|
 *
 * over the weights w and an intercept that is not penalised. It is scikit-learn's `LogisticRegression(C, l1_ratio)` with
 * l1 = l1_ratio / C and l2 = (1 - l1_ratio) / C. The penalties depend on the features' units, so
 * standardise the features, or set `standardise`. The problem is
 * convex: Newton's method with step halving reaches the one solution in a few passes over the rows.
 *
 * Missing values (NaN) count as the feature's mean over the rows that have it, in training and in the model. A feature with fewer than
 * two distinct values gets weight 0. Without a penalty, classes that a plane separates have no solution: weights then grow until what
 * is left of the loss is below the tolerance. Nothing is random.
 */
import { type FeatureMatrix, type OptionKinds, type Progress, silentProgress, takeRows } from '@fraudops/core';
import { type LinearModel, linearModel } from '@fraudops/model/forms';
import { requireMatrixForm, requireOptions } from '../required-arguments.js';
import { infiniteFeature, requireLabelledShape, requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { type CenteredColumns, centerColumns, slopesOf } from './centered-columns.js';
import { sampleByClass } from './class-sample.js';
import { sampleByInfluence, totalInfluence } from './influence-sample.js';
import { rowSums } from './kernel-row-sums.js';
import { logisticHessian } from './logistic-hessian.js';
import { LogisticLoss } from './logistic-loss.js';
import { type MinimiseOptions, type Objective, minimise } from './minimise.js';
import type { LabelledRows, RowSums } from './row-sums.js';

/** Options of {@link trainLogistic}. */
export interface LogisticOptions {
  /** Strength of the penalty on squares, 0 to 1e12; default 1, which is scikit-learn's C = 1. */
  readonly l2?: number;
  /** Strength of the penalty on absolute values, 0 to 1e12; default 0. Above it, weights that help too little become 0 exactly. */
  readonly l1?: number;
  /**
   * Whether the penalties are on the weights of features shifted to mean 0 and scaled to deviation 1, whatever their units; default false.
   * The model takes the features as they are all the same.
   */
  readonly standardise?: boolean;
  /** Weight of each row, 0 or more; default 1 each. A row of weight 2 counts as two rows. Those of a class add up to at least 1e-12 of all, and 1e-100. */
  readonly weights?: Float64Array;
  /** Steps over all rows at most, 1 to 10,000; default 100. Ten are usual. */
  readonly maxIterations?: number;
  /**
   * Stops when a step promises to lower the objective by less than this, or where rows are many when the next one will; 1e-14 to 1,
   * default 1e-10, or 1e-14 a row where that is more.
   * The coefficients of standardised features are then within about 1e-6 of the solution.
   */
  readonly tolerance?: number;
  /** Told of each iteration; default: nobody. */
  readonly progress?: Progress;
}

/** The kind of each option. */
export const LOGISTIC_OPTIONS: OptionKinds<LogisticOptions> = {
  l2: 'checked',
  l1: 'checked',
  standardise: 'flag',
  weights: 'array',
  maxIterations: 'checked',
  tolerance: 'checked',
  progress: 'progress',
};

/** Most features: the matrix of second derivatives has their square. */
const MAX_LOGISTIC_FEATURES = 2_000;

/**
 * Trains logistic regression: the weights w and intercept that minimise the weighted log loss + l2 / 2 * sum w_j^2 + l1 * sum |w_j|, to the one
 * solution, as scikit-learn's `LogisticRegression` does with C = 1 / (l1 + l2). Penalties depend on the features' units: standardise them,
 * or set `standardise`. Missing values (NaN) count as the feature's mean, in training and in the model.
 *
 * @param labels one a row, 0 or 1
 * @throws {TrainError} on bad input before any work (EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE,
 *   INVALID_WEIGHT, INVALID_OPTION); SINGULAR or NOT_CONVERGED when nothing is penalised and there is no one solution
 * @example
 * const model = trainLogistic(featureMatrix(['x'], [Float32Array.of(0, 1, 2, 3)]), Uint8Array.of(0, 1, 0, 1));
 * model.score([3]); // 0.66...
 */
export function trainLogistic(matrix: FeatureMatrix, labels: Uint8Array, options: LogisticOptions = {}): LinearModel {
  requireOptions('trainLogistic', options, LOGISTIC_OPTIONS);
  requireMatrixForm('trainLogistic', matrix);
  const l2 = requireOption('trainLogistic: l2', options.l2, { low: 0, high: 1e12, default: 1 });
  const l1 = requireOption('trainLogistic: l1', options.l1, { low: 0, high: 1e12, default: 0 });
  const maxIterations = requireOption('trainLogistic: maxIterations', options.maxIterations, {
    low: 1,
    high: 10_000,
    default: 100,
    whole: true,
  });
  const tolerance = requireOption('trainLogistic: tolerance', options.tolerance, {
    low: 1e-14,
    high: 1,
    default: Math.max(1e-10, 1e-14 * matrix.rowCount),
  });
  requireLabelledShape('trainLogistic', matrix, labels, options.weights);
  if (matrix.names.length > MAX_LOGISTIC_FEATURES) {
    throw new TrainError(
      'INVALID_OPTION',
      `trainLogistic: ${matrix.names.length} features, at most ${MAX_LOGISTIC_FEATURES} are allowed; select fewer`,
    );
  }
  const columns = centerColumns(matrix);
  if (!columns) throw infiniteFeature('trainLogistic', matrix)!;
  const rows = { columns, labels, weights: options.weights };
  const penalties = { l1, l2, standardise: options.standardise ?? false };
  const task = (options.progress ?? silentProgress).task('Training logistic regression', { unit: 'iterations' });
  try {
    const coefficients = solve(rows, penalties, { maxIterations, tolerance, stepped: () => task.advance(1) });
    task.done();
    return toModel(matrix.names, columns, coefficients);
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

/** The objective over all rows or a sample of them. */
function logisticObjective(rows: LabelledRows, sums: RowSums, { l1, l2, standardise }: Penalties): Objective {
  const { columns } = rows;
  // Coefficients are those of scaled columns; a feature's own weight is coefficient / scale.
  const unit = (feature: number): number => (standardise ? 1 : columns.scales[feature]!);
  const l2OfEach = Float64Array.from(columns.used, (feature) => l2 / unit(feature) ** 2);
  const l1OfEach = Float64Array.from([...columns.used, -1], (feature) => (feature < 0 ? 0 : l1 / unit(feature)));
  const loss = new LogisticLoss(rows, sums, l2OfEach);
  return {
    l1: l1 > 0 ? l1OfEach : undefined,
    isPenalised: l1 > 0 || l2 > 0,
    evaluate: (coefficients, gradient) => loss.evaluate(coefficients, gradient),
    hessian: (coefficients) => logisticHessian(columns, sums, l2OfEach, coefficients),
  };
}

interface Penalties {
  readonly standardise: boolean;
  readonly l1: number;
  readonly l2: number;
}

/** Rows of a class in the sample that a large problem is solved on first. */
const SAMPLE_ROWS_PER_CLASS = 8_192;
/** Rows at most of the sample that it is solved on next, and their share of all rows. */
const INFLUENTIAL_ROWS = 131_072;
const INFLUENTIAL_SHARE = 0.25;
/** More rows may come, since it is the first sample that tells how much influence there is. */
const INFLUENTIAL_ROOM = 1.25;
/** Promise at which a sample's solution is near enough: its error by chance is larger. */
const SAMPLE_TOLERANCE = 1;

interface Beginning {
  readonly coefficients: Float64Array;
  /** Second derivatives there, of a sample that stands for all rows. */
  readonly curvature?: Float64Array;
}

/**
 * The solution of a sample of rows that matter at the solution of a smaller one, which takes of each class alike. Nothing but the share
 * of frauds where there are few rows.
 */
function begin(rows: LabelledRows, sums: RowSums, penalties: Penalties): Beginning {
  const sample = sampleByClass(rows.labels, rows.weights, SAMPLE_ROWS_PER_CLASS);
  if (!sample) return { coefficients: startAtShare(rows) };
  const small = { ...sample, columns: { ...rows.columns, matrix: takeRows(rows.columns.matrix, sample.rows) } };
  const smallSums = rowSums(small);
  const coefficients = startAtShare(small);
  const smallObjective = logisticObjective(small, smallSums, penalties);
  minimise(smallObjective, coefficients, { maxIterations: 50, tolerance: SAMPLE_TOLERANCE });
  const curvature = smallObjective.hessian(coefficients);
  const at = { slopes: slopesOf(rows.columns, coefficients), intercept: coefficients[rows.columns.used.length]! };
  const rowsWanted = Math.min(INFLUENTIAL_ROWS, INFLUENTIAL_SHARE * rows.labels.length);
  const share = totalInfluence(small, smallSums, at) / rowsWanted;
  const influential = sampleByInfluence(rows, sums, at, { share, maxRows: Math.ceil(INFLUENTIAL_ROOM * rowsWanted) });
  if (!influential) return { coefficients, curvature };
  const objective = logisticObjective(influential, rowSums(influential), penalties);
  minimise(objective, coefficients, { maxIterations: 50, tolerance: SAMPLE_TOLERANCE, curvature });
  return { coefficients, curvature: objective.hessian(coefficients) };
}

/** No weights, and the intercept that gives the rows' share of frauds. */
function startAtShare({ columns, labels, weights }: LabelledRows): Float64Array {
  let frauds = 0;
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i]! : 1;
    frauds += weight * labels[i]!;
    total += weight;
  }
  const coefficients = new Float64Array(columns.used.length + 1);
  coefficients[columns.used.length] = Math.log(frauds / (total - frauds));
  return coefficients;
}

/** Minimises over all rows, from where samples lead. A sample may be singular or separable where all rows are not: then without. */
function solve(rows: LabelledRows, penalties: Penalties, options: MinimiseOptions): Float64Array {
  const sums = rowSums(rows);
  const objective = logisticObjective(rows, sums, penalties);
  try {
    const { coefficients, ...curvature } = begin(rows, sums, penalties);
    minimise(objective, coefficients, { ...options, ...curvature });
    return coefficients;
  } catch (error) {
    if (!(error instanceof TrainError)) throw error;
    const coefficients = startAtShare(rows);
    minimise(objective, coefficients, options);
    return coefficients;
  }
}

/** Coefficients of the centred and scaled columns as weights of the features themselves. */
function toModel(names: readonly string[], columns: CenteredColumns, coefficients: Float64Array): LinearModel {
  const weights = new Float64Array(names.length);
  let intercept = coefficients[columns.used.length]!;
  columns.used.forEach((feature, j) => {
    const weight = coefficients[j]! / columns.scales[feature]!;
    weights[feature] = weight;
    intercept -= weight * columns.means[feature]!;
  });
  return linearModel({ featureNames: names, weights, intercept, missingValues: columns.means });
}
