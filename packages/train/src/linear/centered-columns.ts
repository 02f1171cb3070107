import type { FeatureMatrix } from '@fraudops/core';
import type { SumColumn } from './column-sums.js';
import { columnSums } from './kernel-column-sums.js';

/** Features shifted to mean 0 and scaled to about deviation 1, which keeps Newton's equations well-conditioned whatever the units. */
export interface CenteredColumns {
  readonly matrix: FeatureMatrix;
  /** Mean of each feature over the rows that have it; 0 when none has. */
  readonly means: Float64Array;
  /** Population standard deviation of each feature, with missing values at the mean; 1 where it can't be used. */
  readonly scales: Float64Array;
  /** Positions of the features that take at least two values, first those that have one in each row. */
  readonly used: readonly number[];
  /** How many of these have a value in each row. */
  readonly completeCount: number;
}

/** Mean and deviation of each column, in float64; undefined if a value is infinite. */
export function centerColumns(matrix: FeatureMatrix): CenteredColumns | undefined {
  const featureCount = matrix.names.length;
  const means = new Float64Array(featureCount);
  const scales = new Float64Array(featureCount).fill(1);
  const complete: number[] = [];
  const withGaps: number[] = [];
  const sumColumn = columnSums();
  for (const [j, column] of matrix.columns.entries()) {
    const { mean, squares, isConstant, isComplete } = columnMoments(column, sumColumn);
    if (!Number.isFinite(squares)) return undefined;
    means[j] = mean;
    if (isConstant) continue;
    scales[j] = Math.sqrt(squares / matrix.rowCount);
    (isComplete ? complete : withGaps).push(j);
  }
  return { matrix, means, scales, used: [...complete, ...withGaps], completeCount: complete.length };
}

/** Coefficients of the used columns, centred and scaled, as those of columns that are centred only. */
export function slopesOf({ used, scales }: CenteredColumns, coefficients: Float64Array): Float64Array {
  return Float64Array.from(used, (feature, j) => coefficients[j]! / scales[feature]!);
}

/** Share of the squares about the first value that must be left about the mean; with less, too many digits have cancelled. */
const LEAST_SHARE_LEFT = 1e-6;

interface Moments {
  readonly mean: number;
  readonly squares: number;
  readonly isConstant: boolean;
  /** Whether no value is missing. */
  readonly isComplete: boolean;
}

/** Mean of the present values and the sum of their squared distances from it; one pass over the column, mostly. */
function columnMoments(column: Float32Array, sumColumn: SumColumn): Moments {
  const shift = column.find((value) => !Number.isNaN(value)) ?? 0;
  if (!Number.isFinite(shift)) return { mean: shift, squares: shift * shift, isConstant: false, isComplete: false };
  const { sum, squares: shiftedSquares, present } = sumColumn(column, shift);
  const isComplete = present === column.length;
  // No float32 differ by so little that the square of it would be 0 in float64.
  if (shiftedSquares === 0) return { mean: shift, squares: 0, isConstant: true, isComplete };
  const distance = sum / present;
  const mean = shift + distance;
  const squares = shiftedSquares - present * distance ** 2;
  const isExact = squares > LEAST_SHARE_LEFT * shiftedSquares || !Number.isFinite(squares);
  return { mean, squares: isExact ? squares : squaresAbout(column, mean), isConstant: false, isComplete };
}

function squaresAbout(column: Float32Array, mean: number): number {
  let squares = 0;
  for (const value of column) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return squares;
}
