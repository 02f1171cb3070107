/** Second derivatives of the penalised log loss; the dear part of Newton's method, since each row costs the square of the columns. */
import { type CenteredColumns, slopesOf } from './centered-columns.js';
import { BLOCK_ROWS, type RowSums } from './row-sums.js';

/**
 * Sum over rows of weight * p (1 - p) * x x^T, where x holds the used columns, centred and scaled, and a 1; plus the penalties.
 *
 * @param sums of the same columns, and of the rows' weights
 * @returns size x size, row after row; the lower triangle is filled
 */
export function logisticHessian(
  columns: CenteredColumns,
  sums: RowSums,
  penalties: Float64Array,
  coefficients: Float64Array,
): Float64Array {
  const { matrix, used, scales } = columns;
  const intercept = used.length;
  const slopes = slopesOf(columns, coefficients);
  for (let start = 0; start < matrix.rowCount; start += BLOCK_ROWS) {
    sums.load(start, Math.min(BLOCK_ROWS, matrix.rowCount - start), slopes, coefficients[intercept]!);
    sums.toCurvatures();
    sums.addProducts();
  }
  const hessian = sums.takeProducts();
  const unit = (j: number): number => (j < intercept ? scales[used[j]!]! : 1);
  for (let j = 0; j <= intercept; j++) {
    for (let k = 0; k <= j; k++) hessian[j * (intercept + 1) + k]! /= unit(j) * unit(k);
  }
  penalties.forEach((penalty, j) => (hessian[j * (intercept + 1) + j]! += penalty));
  return hessian;
}
