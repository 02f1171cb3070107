/**
 * Weights rounded to whole multiples of one power of two, so small that a share of at most 2^-46 of all weights is lost, and so large
 * that every sum of weights, each counted up to 31 times, is exact in float64. Sums are then the same in any order.
 */
import { TrainError } from '../train-error.js';
import { MAX_TIMES } from './bag.js';

/** @returns undefined for undefined, which means a weight of 1 each */
export function exactWeights(weights: Float64Array | undefined): Float64Array | undefined {
  if (weights === undefined) return undefined;
  const unit = unitOf(weights);
  return weights.map((weight) => Math.round(weight / unit) * unit);
}

/** Most that the sum of a class may change by rounding, as a share of it. */
const MOST_CHANGE = 0.01;

/**
 * The exact weights of rows that are known to have both classes.
 *
 * @throws {TrainError} INVALID_WEIGHT when rounding changes the sum of a class by more than 1 %: its rows would be lost beside the others
 */
export function requireExactWeights(
  what: string,
  labels: Uint8Array,
  weights: Float64Array | undefined,
): Float64Array | undefined {
  const exact = exactWeights(weights);
  if (weights === undefined || exact === undefined) return undefined;
  const given = classSums(labels, weights);
  classSums(labels, exact).forEach((rounded, label) => {
    const sum = given[label]!;
    if (Math.abs(rounded - sum) <= MOST_CHANGE * sum) return;
    const message = `${what}: weights of the rows with label ${label} add up to ${rounded} after rounding to multiples of ${unitOf(weights)}, expected ${sum} but for 1 %; scale them up`;
    throw new TrainError('INVALID_WEIGHT', message, { details: { label, sum, rounded } });
  });
  return exact;
}

function unitOf(weights: Float64Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return 2 ** (Math.ceil(Math.log2(sum * MAX_TIMES)) - 52);
}

function classSums(labels: Uint8Array, weights: Float64Array): number[] {
  const sums = [0, 0];
  for (let row = 0; row < labels.length; row++) sums[labels[row]!]! += weights[row]!;
  return sums;
}
