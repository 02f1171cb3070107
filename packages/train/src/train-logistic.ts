/**
 * Logistic regression with an L2 penalty: minimises
 *
 *     sum_i weight_i * logloss_i  +  1/2 * l2 * sum_j w_j^2
 *
 * over the weights w and an intercept that is not penalised; scikit-learn's `LogisticRegression(C)` with l2 = 1 / C. The penalty depends
 * on the features' units, so standardise them first. The problem is convex: Newton's method (iteratively reweighted least squares) with
 * step halving reaches the one solution in a few passes.
 *
 * Missing values (NaN) count as the feature's mean over the rows that have it, in training and in the model. A feature with fewer than
 * two distinct values gets weight 0. Without a penalty, classes that a plane separates have no solution: weights then grow until what
 * is left of the loss is below the tolerance. Nothing is random.
 */
import { type FeatureMatrix, type Progress, type ProgressTask, silentProgress } from '@fraudops/core';
import { type LinearModel, linearModel } from '@fraudops/model';
import { solvePositiveDefinite } from './cholesky.js';
import { type CenteredColumns, centerColumns } from './centered-columns.js';
import { LogisticLoss } from './logistic-loss.js';
import { requireOption, requireTrainingData } from './training-data.js';
import { TrainError } from './train-error.js';

/** Options of {@link trainLogistic}. */
export interface LogisticOptions {
  /** Strength of the penalty, 0 to 1e12; default 1, which is scikit-learn's C = 1. */
  readonly l2?: number;
  /** Weight of each row, 0 or more; default 1 each. A row of weight 2 counts as two rows. Those of a class add up to at least 1e-12 of all, and 1e-100. */
  readonly weights?: Float64Array;
  /** Newton steps at most, 1 to 10,000; default 100. Ten are usual. */
  readonly maxIterations?: number;
  /** Stops when a step promised to lower the objective by less than this; 1e-14 to 1, default 1e-10. */
  readonly tolerance?: number;
  /** Told of each iteration; default: nobody. */
  readonly progress?: Progress;
}

/** Most features: Newton's matrix of second derivatives has their square. */
const MAX_LOGISTIC_FEATURES = 2_000;
/** A step halved this often is below the resolution of float64. */
const MAX_HALVINGS = 40;

/**
 * Trains a linear model; see the module's comment.
 *
 * @param labels one a row, 0 or 1
 * @throws {TrainError} on bad input before any work (EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE,
 *   INVALID_WEIGHT, INVALID_OPTION); SINGULAR or NOT_CONVERGED when l2 is 0 and there is no one solution
 * @example
 * const model = trainLogistic(featureMatrix(['x'], [Float32Array.of(0, 1, 2, 3)]), Uint8Array.of(0, 1, 0, 1));
 * model.score([3]); // 0.66...
 */
export function trainLogistic(matrix: FeatureMatrix, labels: Uint8Array, options: LogisticOptions = {}): LinearModel {
  const l2 = requireOption('trainLogistic: l2', options.l2, { low: 0, high: 1e12, default: 1 });
  const maxIterations = requireOption('trainLogistic: maxIterations', options.maxIterations, {
    low: 1,
    high: 10_000,
    default: 100,
    whole: true,
  });
  const tolerance = requireOption('trainLogistic: tolerance', options.tolerance, { low: 1e-14, high: 1, default: 1e-10 });
  requireTrainingData('trainLogistic', matrix, labels, options.weights);
  if (matrix.names.length > MAX_LOGISTIC_FEATURES) {
    throw new TrainError(
      'INVALID_OPTION',
      `trainLogistic: ${matrix.names.length} features, at most ${MAX_LOGISTIC_FEATURES} are allowed; select fewer`,
    );
  }
  const columns = centerColumns(matrix);
  const loss = new LogisticLoss(columns, labels, options.weights, l2);
  const task = (options.progress ?? silentProgress).task('Training logistic regression', { unit: 'iterations' });
  try {
    const coefficients = minimise(loss, { maxIterations, tolerance, task });
    task.done();
    return toModel(matrix.names, columns, coefficients);
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

interface NewtonOptions {
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly task: ProgressTask;
}

function minimise(loss: LogisticLoss, { maxIterations, tolerance, task }: NewtonOptions): Float64Array {
  const coefficients = loss.start();
  let value = loss.evaluate(coefficients);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const step = newtonStep(loss);
    // Twice the drop that the quadratic model promises; unlike the gradient's length it doesn't depend on the features' units.
    const decrement = step.reduce((sum, change, j) => sum + change * loss.gradient[j]!, 0);
    value = descend(loss, coefficients, step, value, decrement);
    task.advance(1);
    // Checked after the step: from here on every step squares the error, so this one has made it far smaller than the tolerance.
    if (decrement / 2 <= tolerance) return coefficients;
  }
  throw new TrainError(
    'NOT_CONVERGED',
    `trainLogistic: no solution after ${maxIterations} iterations; ${fixFor(loss)}, or raise maxIterations`,
    {
      details: { maxIterations },
    },
  );
}

/**
 * Shares of the diagonal that are added to it, one after the other, until the equations can be solved. With features in large units the
 * penalty on the difference of two equal ones is there but below what the factorisation can see. A little more damps the step in that
 * direction alone; the gradient is the true one, so the steps still end at the penalised solution.
 */
const DAMPINGS = [1e-12, 1e-10, 1e-8];

function newtonStep(loss: LogisticLoss): Float64Array {
  const size = loss.gradient.length;
  for (const damping of loss.isPenalised ? [0, ...DAMPINGS] : [0]) {
    const step = loss.gradient.slice();
    const hessian = loss.hessian.slice();
    for (let j = 0; j < size; j++) hessian[j * size + j]! *= 1 + damping;
    if (solvePositiveDefinite(hessian, step)) return step;
  }
  throw new TrainError(
    'SINGULAR',
    `trainLogistic: features are linearly dependent, or classes separate perfectly; ${fixFor(loss)}`,
  );
}

function fixFor({ isPenalised }: LogisticLoss): string {
  return isPenalised ? 'standardise the features, or drop one of two that say nearly the same' : 'set l2 above 0, such as 1';
}

/** Moves the coefficients against the step, halved until the objective falls (Armijo's rule), and returns the new objective. */
function descend(loss: LogisticLoss, coefficients: Float64Array, step: Float64Array, value: number, decrement: number): number {
  const from = coefficients.slice();
  const roundingNoise = 1e-12 * Math.abs(value);
  let share = 1;
  for (let halving = 0; halving <= MAX_HALVINGS; halving++, share /= 2) {
    for (let j = 0; j < coefficients.length; j++) coefficients[j] = from[j]! - share * step[j]!;
    const reached = loss.evaluate(coefficients);
    if (reached <= value - 1e-4 * share * decrement + roundingNoise) return reached;
  }
  throw new TrainError('NOT_CONVERGED', `trainLogistic: no step lowers the objective; ${fixFor(loss)}`);
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
