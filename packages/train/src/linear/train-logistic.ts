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
import { type FeatureMatrix, type Progress, silentProgress, takeRows } from '@fraudops/core';
import { type LinearModel, linearModel } from '@fraudops/model';
import { requireOption, requireTrainingData } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { type CenteredColumns, centerColumns } from './centered-columns.js';
import { sampleByClass } from './class-sample.js';
import { rowSums } from './kernel-row-sums.js';
import { logisticHessian } from './logistic-hessian.js';
import { LogisticLoss } from './logistic-loss.js';
import { type MinimiseOptions, type Objective, minimise } from './minimise.js';

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
   * Stops when a step promised to lower the objective by less than this, 1e-14 to 1; default 1e-10, or 1e-14 a row where that is more.
   * The coefficients of standardised features are then within about 1e-6 of the solution.
   */
  readonly tolerance?: number;
  /** Told of each iteration; default: nobody. */
  readonly progress?: Progress;
}

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
  requireTrainingData('trainLogistic', matrix, labels, options.weights);
  if (matrix.names.length > MAX_LOGISTIC_FEATURES) {
    throw new TrainError(
      'INVALID_OPTION',
      `trainLogistic: ${matrix.names.length} features, at most ${MAX_LOGISTIC_FEATURES} are allowed; select fewer`,
    );
  }
  const columns = centerColumns(matrix);
  const penalties = { l1, l2, standardise: options.standardise ?? false };
  const task = (options.progress ?? silentProgress).task('Training logistic regression', { unit: 'iterations' });
  try {
    const objective = logisticObjective(columns, labels, options.weights, penalties);
    const beginAt = (): Beginning => begin(columns, labels, options.weights, penalties);
    const coefficients = solve(objective, beginAt, { maxIterations, tolerance, stepped: () => task.advance(1) });
    task.done();
    return toModel(matrix.names, columns, coefficients);
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

/** The objective over all rows or a sample of them. */
function logisticObjective(
  columns: CenteredColumns,
  labels: Uint8Array,
  weights: Float64Array | undefined,
  { l1, l2, standardise }: Penalties,
): LogisticObjective {
  // Coefficients are those of scaled columns; a feature's own weight is coefficient / scale.
  const unit = (feature: number): number => (standardise ? 1 : columns.scales[feature]!);
  const l2OfEach = Float64Array.from(columns.used, (feature) => l2 / unit(feature) ** 2);
  const l1OfEach = Float64Array.from([...columns.used, -1], (feature) => (feature < 0 ? 0 : l1 / unit(feature)));
  const rows = { columns, labels, weights };
  const sums = rowSums(rows);
  const loss = new LogisticLoss(rows, sums, l2OfEach);
  return {
    loss,
    l1: l1 > 0 ? l1OfEach : undefined,
    isPenalised: l1 > 0 || l2 > 0,
    evaluate: (coefficients, gradient) => loss.evaluate(coefficients, gradient),
    hessian: (coefficients) => logisticHessian(columns, sums, l2OfEach, coefficients),
  };
}

interface LogisticObjective extends Objective {
  readonly loss: LogisticLoss;
}

interface Penalties {
  readonly standardise: boolean;
  readonly l1: number;
  readonly l2: number;
}

/** Rows of a class in the samples that a large problem is solved on first, one after the other. */
const SAMPLE_ROWS_PER_CLASS = [8_192, 131_072];
/** Promise at which a sample's solution is near enough: its error by chance is larger. */
const SAMPLE_TOLERANCE = 1;

interface Beginning {
  readonly coefficients: Float64Array;
  /** Second derivatives there, of a sample that stands for all rows. */
  readonly curvature?: Float64Array;
}

/** The solutions of small samples, then of larger ones. Nothing but the share of frauds where there are few rows. */
function begin(columns: CenteredColumns, labels: Uint8Array, weights: Float64Array | undefined, penalties: Penalties): Beginning {
  let beginning: Beginning = { coefficients: logisticObjective(columns, labels, weights, penalties).loss.start() };
  for (const rowsPerClass of SAMPLE_ROWS_PER_CLASS) {
    const sample = sampleByClass(labels, weights, rowsPerClass);
    if (2 * sample.rows.length > labels.length) break;
    const sampled = { ...columns, matrix: takeRows(columns.matrix, sample.rows) };
    const sampledLabels = Uint8Array.from(sample.rows, (row) => labels[row]!);
    const objective = logisticObjective(sampled, sampledLabels, sample.weights, penalties);
    const { coefficients, ...curvature } = beginning;
    minimise(objective, coefficients, { maxIterations: 50, tolerance: SAMPLE_TOLERANCE, ...curvature });
    beginning = { coefficients, curvature: objective.hessian(coefficients) };
  }
  return beginning;
}

/** Minimises over all rows, from where samples lead. A sample may be singular or separable where all rows are not: then without. */
function solve(objective: LogisticObjective, beginAt: () => Beginning, options: MinimiseOptions): Float64Array {
  try {
    const { coefficients, ...curvature } = beginAt();
    minimise(objective, coefficients, { ...options, ...curvature });
    return coefficients;
  } catch (error) {
    if (!(error instanceof TrainError)) throw error;
    const coefficients = objective.loss.start();
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
