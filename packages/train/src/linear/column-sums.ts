/**
 * The inner loops of logistic regression: sums of slope * (value - mean) over columns, and of factor * (value - mean) along them, for a
 * block of rows. Four columns at a time, since each pass over the block costs a load and a store a row. They allocate nothing.
 */

/** Adds slope * (value - mean) to each row of the block; a missing value counts as the mean. */
export function addColumn(
  block: Float64Array,
  start: number,
  count: number,
  column: Float32Array,
  slope: number,
  mean: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = column[start + i]!;
    if (!Number.isNaN(value)) block[i]! += slope * (value - mean);
  }
}

/** The same for four columns without missing values. */
export function addFourColumns(
  block: Float64Array,
  start: number,
  count: number,
  columns: FourColumns,
  slopes: Float64Array,
): void {
  const { a, b, c, d, meanA, meanB, meanC, meanD } = columns;
  const slopeA = slopes[columns.first]!;
  const slopeB = slopes[columns.second]!;
  const slopeC = slopes[columns.third]!;
  const slopeD = slopes[columns.fourth]!;
  for (let i = 0; i < count; i++) {
    const row = start + i;
    block[i]! +=
      slopeA * (a[row]! - meanA) + slopeB * (b[row]! - meanB) + (slopeC * (c[row]! - meanC) + slopeD * (d[row]! - meanD));
  }
}

/** Sum over the block's rows of factor * (value - mean). */
export function sumAlongColumn(factors: Float64Array, start: number, count: number, column: Float32Array, mean: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = column[start + i]!;
    if (!Number.isNaN(value)) sum += factors[i]! * (value - mean);
  }
  return sum;
}

/** Adds the sums of four columns without missing values to their places in `sums`. */
export function sumAlongFourColumns(
  sums: Float64Array,
  factors: Float64Array,
  start: number,
  count: number,
  columns: FourColumns,
): void {
  const { a, b, c, d, meanA, meanB, meanC, meanD } = columns;
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  for (let i = 0; i < count; i++) {
    const row = start + i;
    const factor = factors[i]!;
    sumA += factor * (a[row]! - meanA);
    sumB += factor * (b[row]! - meanB);
    sumC += factor * (c[row]! - meanC);
    sumD += factor * (d[row]! - meanD);
  }
  sums[columns.first]! += sumA;
  sums[columns.second]! += sumB;
  sums[columns.third]! += sumC;
  sums[columns.fourth]! += sumD;
}

/** Four columns, their means, and their places among slopes and sums. */
export interface FourColumns {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  readonly d: Float32Array;
  readonly meanA: number;
  readonly meanB: number;
  readonly meanC: number;
  readonly meanD: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly fourth: number;
}
