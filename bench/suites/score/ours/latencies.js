/** Latencies of calls in one thread. */

const QUANTILES = [0.5, 0.9, 0.99];

/**
 * p50, p90 and p99 in microseconds, by nearest rank.
 * @param {Float64Array} latenciesUs
 */
export function latencyQuantiles(latenciesUs) {
  const sorted = latenciesUs.slice().sort();
  return QUANTILES.map((quantile) => sorted[Math.ceil(quantile * sorted.length) - 1]);
}
