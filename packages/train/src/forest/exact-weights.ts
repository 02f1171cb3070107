/**
 * Weights rounded to whole multiples of one power of two, so small that a share of at most 2^-46 of all weights is lost, and so large
 * that every sum of weights, each counted up to 31 times, is exact in float64. Sums are then the same in any order.
 */
import { MAX_TIMES } from './bag.js';

/** @returns undefined for undefined, which means a weight of 1 each */
export function exactWeights(weights: Float64Array | undefined): Float64Array | undefined {
  if (weights === undefined) return undefined;
  let sum = 0;
  for (const weight of weights) sum += weight;
  const unit = 2 ** (Math.ceil(Math.log2(sum * MAX_TIMES)) - 52);
  return weights.map((weight) => Math.round(weight / unit) * unit);
}
