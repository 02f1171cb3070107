/**
 * Quantiles of numbers, exact. The q-quantile of n sorted values lies at position q (n - 1); between two values it is interpolated
 * linearly (Hyndman and Fan 1996, definition 7; the default of numpy, pandas and R).
 */

/**
 * The numbers of a column that are neither missing nor infinite, in a new array.
 *
 * @example finiteValues(Float64Array.of(1, NaN, 2)); // Float64Array [1, 2]
 */
export function finiteValues(values: Float64Array): Float64Array {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    // A difference of infinities or NaN is NaN, which equals nothing.
    if (value - value === 0) finite[count++] = value;
  }
  return finite.subarray(0, count);
}

/** The quantile of ascending values; NaN when there are none. @example sortedQuantile([1, 2, 4], 0.75); // 3 */
export function sortedQuantile(sorted: ArrayLike<number>, quantile: number): number {
  const position = quantile * (sorted.length - 1);
  const below = Math.floor(position);
  return interpolate(sorted[below] ?? Number.NaN, sorted[Math.ceil(position)] ?? Number.NaN, position - below);
}

/**
 * The quantile of values in any order, in time linear in them on average: Hoare's selection (1961, "Algorithm 65: Find") with the median
 * of three as its pivot. Reorders the given array; NaN when it is empty.
 */
export function selectQuantile(values: Float64Array, quantile: number): number {
  if (values.length === 0) return Number.NaN;
  const position = quantile * (values.length - 1);
  const below = Math.floor(position);
  const low = selectInPlace(values, below);
  if (position === below) return low;
  let high = Infinity;
  // What stands behind the selected place is not below it.
  for (let i = below + 1; i < values.length; i++) if (values[i]! < high) high = values[i]!;
  return interpolate(low, high, position - below);
}

/** Interpolates from the nearer end, as numpy does, so that equal ends give themselves. */
function interpolate(low: number, high: number, part: number): number {
  if (low === high) return low;
  // The distance of -1e308 and 1e308 is no number.
  if (high - low === Infinity) return low * (1 - part) + high * part;
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

/** Puts the k-th smallest value at place k, no larger one before and no smaller one behind it, and gives it. */
function selectInPlace(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  // Bad pivots cost more than a sort after so many rounds: then sort what is left.
  for (let rounds = 4 * Math.ceil(Math.log2(values.length + 1)); left < right && rounds > 0; rounds--) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >>> 1]!, values[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const held = values[i]!;
      values[i++] = values[j]!;
      values[j--] = held;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return values[k]!;
  }
  if (left < right) values.subarray(left, right + 1).sort();
  return values[k]!;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
