import type { FeatureMatrix } from '@fraudops/core';

/** Features shifted to mean 0 and scaled to about deviation 1, which keeps Newton's equations well-conditioned whatever the units. */
export interface CenteredColumns {
  readonly matrix: FeatureMatrix;
  /** Mean of each feature over the rows that have it; 0 when none has. */
  readonly means: Float64Array;
  /** Population standard deviation of each feature, with missing values at the mean; 1 where it can't be used. */
  readonly scales: Float64Array;
  /** Positions of the features that take at least two values. */
  readonly used: readonly number[];
}

/** Mean and deviation of each column, in float64. */
export function centerColumns(matrix: FeatureMatrix): CenteredColumns {
  const featureCount = matrix.names.length;
  const means = new Float64Array(featureCount);
  const scales = new Float64Array(featureCount).fill(1);
  const used: number[] = [];
  matrix.columns.forEach((column, j) => {
    const { mean, squares, isConstant } = columnMoments(column);
    means[j] = mean;
    if (isConstant) return;
    scales[j] = Math.sqrt(squares / matrix.rowCount);
    used.push(j);
  });
  return { matrix, means, scales, used };
}

/** Share of the squares about the first value that must be left about the mean; with less, too many digits have cancelled. */
const LEAST_SHARE_LEFT = 1e-6;

interface Moments {
  readonly mean: number;
  readonly squares: number;
  readonly isConstant: boolean;
}

/** Mean of the present values and the sum of their squared distances from it; one pass over the column, mostly. */
function columnMoments(column: Float32Array): Moments {
  const shift = column.find((value) => !Number.isNaN(value)) ?? 0;
  const { sum, squares: shiftedSquares, present } = sumsOfComplete(column, shift) ?? sumsOfPresent(column, shift);
  // No float32 differ by so little that the square of it would be 0 in float64.
  if (shiftedSquares === 0) return { mean: shift, squares: 0, isConstant: true };
  const distance = sum / present;
  const mean = shift + distance;
  const squares = shiftedSquares - present * distance ** 2;
  const isExact = squares > LEAST_SHARE_LEFT * shiftedSquares;
  return { mean, squares: isExact ? squares : squaresAbout(column, mean), isConstant: false };
}

/** Sums over the present values of value - shift and of its square. */
interface Sums {
  readonly sum: number;
  readonly squares: number;
  readonly present: number;
}

/** Two rows at a time in sums of their own, since each addition waits for the one before. Undefined if a value is missing. */
function sumsOfComplete(column: Float32Array, shift: number): Sums | undefined {
  let evenSum = 0;
  let oddSum = 0;
  let evenSquares = 0;
  let oddSquares = 0;
  const even = column.length - (column.length % 2);
  for (let i = 0; i < even; i += 2) {
    const a = column[i]! - shift;
    const b = column[i + 1]! - shift;
    evenSum += a;
    oddSum += b;
    evenSquares += a * a;
    oddSquares += b * b;
  }
  const last = even < column.length ? column[even]! - shift : 0;
  const sum = evenSum + oddSum + last;
  return Number.isNaN(sum) ? undefined : { sum, squares: evenSquares + oddSquares + last * last, present: column.length };
}

function sumsOfPresent(column: Float32Array, shift: number): Sums {
  let sum = 0;
  let squares = 0;
  let present = 0;
  for (let i = 0; i < column.length; i++) {
    const distance = column[i]! - shift;
    if (Number.isNaN(distance)) continue;
    sum += distance;
    squares += distance * distance;
    present++;
  }
  return { sum, squares, present };
}

function squaresAbout(column: Float32Array, mean: number): number {
  let squares = 0;
  for (const value of column) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return squares;
}
