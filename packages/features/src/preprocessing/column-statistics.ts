/**
 * What preprocessing learns from a column: its mean and deviation, its median and quantiles. Missing values (NaN) are left out everywhere.
 * Each figure is a function of the values alone, so the same rows give the same bits.
 */

/** Mean of the values that are there; undefined when there are none. */
export function presentMean(column: Float32Array): number | undefined {
  let present = 0;
  let sum = 0;
  for (const value of column) {
    if (Number.isNaN(value)) continue;
    present++;
    sum += value;
  }
  return present === 0 ? undefined : sum / present;
}

/**
 * Mean and what to divide by, as scikit-learn's StandardScaler: the population standard deviation (ddof 0), or 1 for a column that
 * doesn't vary (variance <= n eps variance + (n mean eps)^2, eps = 2^-52). A column without any value gives 0 and 1.
 */
export function meanAndDeviation(column: Float32Array): { mean: number; scale: number } {
  const mean = presentMean(column);
  if (mean === undefined) return { mean: 0, scale: 1 };
  let present = 0;
  let squares = 0;
  for (const value of column) {
    if (Number.isNaN(value)) continue;
    present++;
    squares += (value - mean) ** 2;
  }
  const variance = squares / present;
  const negligible = present * Number.EPSILON * variance + (present * mean * Number.EPSILON) ** 2;
  return { mean, scale: variance <= negligible ? 1 : Math.sqrt(variance) };
}

/** The values that are there, smallest first. */
export function sortedValues(column: Float32Array): Float32Array {
  const values = new Float32Array(column.length);
  let present = 0;
  for (const value of column) if (!Number.isNaN(value)) values[present++] = value;
  return values.subarray(0, present).sort();
}

/** Middle value, or the mean of the two middle ones; undefined without values. @param sorted smallest first */
export function median(sorted: Float32Array): number | undefined {
  const half = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Quantile by linear interpolation at (n - 1) q, numpy's default (Hyndman and Fan 1996, type 7); undefined without values.
 *
 * @param sorted smallest first
 * @param q 0 to 1
 */
export function quantile(sorted: Float32Array, q: number): number | undefined {
  if (sorted.length === 0) return undefined;
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const share = place - below;
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // From the nearer end, as numpy does, so that the quantile never falls as q grows.
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
}
