/**
 * Finds the minimum of a smooth convex loss plus an L1 penalty, by Newton's method with step halving.
 *
 * Where second derivatives of all rows are dear, the steps begin with those of a sample and learn from how the gradient changes (BFGS:
 * Broyden, Fletcher, Goldfarb and Shanno 1970); every twelfth step takes the true ones, so that a bad sample costs time and nothing else.
 */
import { TrainError } from '../train-error.js';
import { penalisedStep, symmetricTimes } from './penalised-step.js';

/** What is minimised. */
export interface Objective {
  /** The smooth loss; writes its first derivatives to `gradient`. */
  evaluate(coefficients: Float64Array, gradient: Float64Array): number;
  /** Its second derivatives, lower triangle. */
  hessian(coefficients: Float64Array): Float64Array;
  /** One a coefficient, 0 for the intercept; undefined for none. */
  readonly l1: Float64Array | undefined;
  /** Whether there is any penalty, and so one solution whatever the features. */
  readonly isPenalised: boolean;
}

/** How to minimise. */
export interface MinimiseOptions {
  readonly maxIterations: number;
  /** Stops when a step promised to lower the objective by less. */
  readonly tolerance: number;
  /** Approximate second derivatives at the start; undefined takes the true ones at every step. */
  readonly curvature?: Float64Array;
  readonly stepped?: () => void;
}

/** Steps after which second derivatives are computed anew. */
const STEPS_BETWEEN_HESSIANS = 12;
/** A step halved this often is below the resolution of float64. */
const MAX_HALVINGS = 40;

/**
 * Moves the coefficients to the minimum.
 *
 * @throws {TrainError} SINGULAR or NOT_CONVERGED
 */
export function minimise(objective: Objective, coefficients: Float64Array, options: MinimiseOptions): void {
  const { maxIterations, tolerance, curvature, stepped } = options;
  const gradient = new Float64Array(coefficients.length);
  let value = objective.evaluate(coefficients, gradient);
  let hessian = curvature;
  let promiseBefore = 0;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const isTrue = curvature === undefined || iteration % STEPS_BETWEEN_HESSIANS === STEPS_BETWEEN_HESSIANS - 1;
    hessian = isTrue || !hessian ? objective.hessian(coefficients) : hessian;
    const step = penalisedStep({ hessian, gradient, coefficients, l1: objective.l1 }, objective.isPenalised);
    if (!step) throw singular(objective);
    const linear = dot(gradient, step) + l1Change(objective.l1, coefficients, step);
    const promise = -linear - 0.5 * dot(step, symmetricTimes(hessian, step));
    const isLast = curvature !== undefined && isNearlyThere(promise, promiseBefore, tolerance);
    if (isLast || promise <= Math.min(tolerance, roundingNoise(value))) {
      for (let j = 0; j < coefficients.length; j++) coefficients[j]! += step[j]!;
      stepped?.();
      return;
    }
    promiseBefore = promise;
    const before = { from: coefficients.slice(), gradient: gradient.slice() };
    value = descend(objective, coefficients, gradient, { step, value, linear });
    if (curvature) learnCurvature(hessian, before, coefficients, gradient);
    stepped?.();
    // Checked after the step: from here on a step makes the error far smaller, so this one has made it smaller than the tolerance.
    if (promise <= tolerance) return;
  }
  throw new TrainError(
    'NOT_CONVERGED',
    `trainLogistic: no solution after ${maxIterations} iterations; ${fixFor(objective)}, or raise maxIterations`,
    { details: { maxIterations } },
  );
}

/** Share of the promise before it that a promise may be, and of the tolerance that the next one may, for a step to be the last. */
const LAST_SHARE = 0.01;

/** Promises shrink by about the same factor each time: whether the one after this step would be far below the tolerance. */
function isNearlyThere(promise: number, before: number, tolerance: number): boolean {
  const shrinkage = promise / before;
  return shrinkage <= LAST_SHARE && shrinkage * promise <= LAST_SHARE * tolerance;
}

/** Below it the objective is too coarse to tell whether a step has lowered it: the gradient alone can say. */
const roundingNoise = (value: number): number => 1e-12 * Math.abs(value);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/** By how much a step changes the L1 penalty. */
function l1Change(l1: Float64Array | undefined, coefficients: Float64Array, step: Float64Array): number {
  let change = 0;
  if (l1)
    for (let j = 0; j < l1.length; j++) change += l1[j]! * (Math.abs(coefficients[j]! + step[j]!) - Math.abs(coefficients[j]!));
  return change;
}

interface Descent {
  readonly step: Float64Array;
  /** The smooth loss before. */
  readonly value: number;
  /** Change of the objective along the step to first order. */
  readonly linear: number;
}

/** Takes the step, halved until the objective falls (Armijo's rule), and returns the new smooth loss. */
function descend(
  objective: Objective,
  coefficients: Float64Array,
  gradient: Float64Array,
  { step, value, linear }: Descent,
): number {
  const from = coefficients.slice();
  let share = 1;
  for (let halving = 0; halving <= MAX_HALVINGS; halving++, share /= 2) {
    const part = step.map((change) => share * change);
    for (let j = 0; j < coefficients.length; j++) coefficients[j] = from[j]! + part[j]!;
    const reached = objective.evaluate(coefficients, gradient);
    if (reached + l1Change(objective.l1, from, part) <= value + 1e-4 * share * linear + roundingNoise(value)) return reached;
  }
  throw new TrainError('NOT_CONVERGED', `trainLogistic: no step lowers the objective; ${fixFor(objective)}`);
}

interface Before {
  readonly from: Float64Array;
  readonly gradient: Float64Array;
}

/** Below this share of what was expected, a change of the gradient is rounding noise. */
const LEAST_CURVATURE_SHARE = 1e-8;

/** BFGS: afterwards the matrix explains how the gradient changed over the last step. */
function learnCurvature(hessian: Float64Array, before: Before, coefficients: Float64Array, gradient: Float64Array): void {
  const size = coefficients.length;
  const step = coefficients.map((value, j) => value - before.from[j]!);
  const change = gradient.map((slope, j) => slope - before.gradient[j]!);
  const expected = symmetricTimes(hessian, step);
  const expectedCurvature = dot(step, expected);
  const curvature = dot(step, change);
  if (!(curvature > LEAST_CURVATURE_SHARE * expectedCurvature)) return;
  for (let j = 0; j < size; j++) {
    for (let k = 0; k <= j; k++) {
      hessian[j * size + k]! += (change[j]! * change[k]!) / curvature - (expected[j]! * expected[k]!) / expectedCurvature;
    }
  }
}

function singular(objective: Objective): TrainError {
  return new TrainError(
    'SINGULAR',
    `trainLogistic: features are linearly dependent, or classes separate perfectly; ${fixFor(objective)}`,
  );
}

function fixFor({ isPenalised }: Objective): string {
  return isPenalised ? 'standardise the features, or drop one of two that say nearly the same' : 'set l2 above 0, such as 1';
}
