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
  /** Whether a feature has missing values. */
  readonly hasMissing: readonly boolean[];
}

/** Mean and deviation of each column, in float64. */
export function centerColumns(matrix: FeatureMatrix): CenteredColumns {
  const featureCount = matrix.names.length;
  const means = new Float64Array(featureCount);
  const scales = new Float64Array(featureCount).fill(1);
  const used: number[] = [];
  const hasMissing: boolean[] = [];
  matrix.columns.forEach((column, j) => {
    const { mean, squares, isConstant, present } = columnMoments(column);
    means[j] = mean;
    hasMissing.push(present < column.length);
    if (isConstant) return;
    scales[j] = Math.sqrt(squares / matrix.rowCount);
    used.push(j);
  });
  return { matrix, means, scales, used, hasMissing };
}

/** Share of the squares about the first value that must be left about the mean; with less, too many digits have cancelled. */
const LEAST_SHARE_LEFT = 1e-6;

interface Moments {
  readonly mean: number;
  readonly squares: number;
  readonly isConstant: boolean;
  readonly present: number;
}

/** Mean of the present values and the sum of their squared distances from it; one pass over the column, mostly. */
function columnMoments(column: Float32Array): Moments {
  const shift = column.find((value) => !Number.isNaN(value)) ?? 0;
  let sum = 0;
  let shiftedSquares = 0;
  let present = 0;
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    shiftedSquares += (value - shift) * (value - shift);
    present++;
  }
  // No float32 differ by so little that the square of it would be 0 in float64.
  if (shiftedSquares === 0) return { mean: shift, squares: 0, isConstant: true, present };
  const mean = sum / present;
  const squares = shiftedSquares - present * (mean - shift) ** 2;
  const isExact = squares > LEAST_SHARE_LEFT * shiftedSquares;
  return { mean, squares: isExact ? squares : squaresAbout(column, mean), isConstant: false, present };
}

function squaresAbout(column: Float32Array, mean: number): number {
  let squares = 0;
  for (const value of column) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return squares;
}
