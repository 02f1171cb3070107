/**
 * One step of Newton's method with an L1 penalty: the change d that minimises the quadratic model
 *
 *     gradient . d  +  1/2 d^T H d  +  sum_j l1_j |coefficient_j + d_j|
 *
 * Without L1 that is one system of linear equations. With it, coordinates are minimised one after the other until they agree on which
 * coefficients are 0; those that are not, with their signs, then follow from linear equations again (proximal Newton: Lee, Sun and
 * Saunders 2014; coordinates: Friedman, Hastie and Tibshirani 2010).
 */
import { solvePositiveDefinite } from './cholesky.js';

/** The quadratic model at some coefficients. */
export interface QuadraticModel {
  /** size x size, row after row; the lower triangle is read. */
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  readonly coefficients: Float64Array;
  /** One a coefficient, 0 for the intercept; undefined for no penalty. */
  readonly l1: Float64Array | undefined;
}

/** Shares of the diagonal that may be added to it, see {@link penalisedStep}. */
const DAMPINGS = [1e-12, 1e-10, 1e-8];

/**
 * The step. With features in large units a penalty on the difference of two equal ones is there but below what the factorisation can
 * see: a little more on the diagonal damps the step in that direction alone, and since the gradient is the true one, steps still end at
 * the penalised solution.
 *
 * @param mayDamp whether there is a penalty, and so one solution
 * @returns undefined when the equations can't be solved
 */
export function penalisedStep(model: QuadraticModel, mayDamp: boolean): Float64Array | undefined {
  if (model.l1) return l1Step(model, model.l1);
  const everything = model.coefficients.map((_, j) => j);
  for (const damping of mayDamp ? [0, ...DAMPINGS] : [0]) {
    const step = solveFor(
      model,
      Array.from(everything),
      model.gradient.map((slope) => -slope),
      damping,
    );
    if (step) return step;
  }
  return undefined;
}

/** Solves H d = right side for some coordinates, the others staying 0. */
function solveFor(
  { hessian, gradient }: QuadraticModel,
  free: readonly number[],
  rightSide: Float64Array,
  damping: number,
): Float64Array | undefined {
  const size = gradient.length;
  const part = new Float64Array(free.length * free.length);
  free.forEach((j, a) => {
    for (let b = 0; b <= a; b++) part[a * free.length + b] = hessian[j * size + free[b]!]! * (a === b ? 1 + damping : 1);
  });
  const solution = Float64Array.from(free, (j) => rightSide[j]!);
  if (!solvePositiveDefinite(part, solution)) return undefined;
  const step = new Float64Array(size);
  free.forEach((j, a) => (step[j] = solution[a]!));
  return step;
}

/** Rounds of coordinates at most; each tries the equations at its end. */
const MAX_ROUNDS = 200;
const SWEEPS_A_ROUND = 5;

function l1Step(model: QuadraticModel, l1: Float64Array): Float64Array {
  const step = new Float64Array(model.gradient.length);
  const slopes = model.gradient.slice();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let largestMove = 0;
    for (let sweep = 0; sweep < SWEEPS_A_ROUND; sweep++) largestMove = sweepCoordinates(model, l1, step, slopes);
    const exact = solveWithSigns(model, l1, step);
    if (exact) return exact;
    if (largestMove === 0) break;
  }
  return step;
}

/** Minimises along each coordinate in turn. `slopes` is gradient + H d. Returns the largest gain of a move, in units of the model. */
function sweepCoordinates(
  { hessian, coefficients }: QuadraticModel,
  l1: Float64Array,
  step: Float64Array,
  slopes: Float64Array,
): number {
  const size = step.length;
  let largest = 0;
  for (let j = 0; j < size; j++) {
    const curvature = hessian[j * size + j]!;
    if (!(curvature > 0)) continue;
    const here = coefficients[j]! + step[j]!;
    const move = shrink(here - slopes[j]! / curvature, l1[j]! / curvature) - here;
    if (move === 0) continue;
    step[j]! += move;
    for (let k = 0; k < size; k++) slopes[k]! += move * (k < j ? hessian[j * size + k]! : hessian[k * size + j]!);
    largest = Math.max(largest, curvature * move * move);
  }
  return largest;
}

/** The value moved towards 0, at most to it. */
function shrink(value: number, by: number): number {
  if (value > by) return value - by;
  return value < -by ? value + by : 0;
}

/** Least share of l1 by which the slope at a 0 may exceed it, for rounding. */
const SLOPE_NOISE = 1e-9;

/** The minimum among steps with the same signs and zeros, if it is the minimum of all. */
function solveWithSigns(model: QuadraticModel, l1: Float64Array, near: Float64Array): Float64Array | undefined {
  const { hessian, gradient, coefficients } = model;
  const size = near.length;
  const signs = coefficients.map((value, j) => Math.sign(value + near[j]!));
  const free: number[] = [];
  signs.forEach((sign, j) => {
    if (sign !== 0 || l1[j] === 0) free.push(j);
  });
  // Coordinates at 0 move there whole; what that does to the others stands on the right side.
  const toZero = coefficients.map((value, j) => (sign0(signs[j]!, l1[j]!) ? -value : 0));
  const fixed = symmetricTimes(hessian, toZero);
  const rightSide = gradient.map((slope, j) => -(slope + l1[j]! * signs[j]! + fixed[j]!));
  const step = solveFor(model, free, rightSide, 0);
  if (!step) return undefined;
  for (let j = 0; j < size; j++) step[j]! += toZero[j]!;
  const slopes = symmetricTimes(hessian, step);
  for (let j = 0; j < size; j++) {
    const isZero = sign0(signs[j]!, l1[j]!);
    if (isZero && Math.abs(gradient[j]! + slopes[j]!) > l1[j]! * (1 + SLOPE_NOISE)) return undefined;
    if (!isZero && l1[j]! > 0 && Math.sign(coefficients[j]! + step[j]!) !== signs[j]) return undefined;
  }
  return step;
}

const sign0 = (sign: number, l1: number): boolean => sign === 0 && l1 > 0;

/** Matrix times vector, by the lower triangle. */
export function symmetricTimes(lower: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const product = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    for (let k = 0; k < j; k++) {
      product[j]! += lower[j * size + k]! * vector[k]!;
      product[k]! += lower[j * size + k]! * vector[j]!;
    }
    product[j]! += lower[j * size + j]! * vector[j]!;
  }
  return product;
}
