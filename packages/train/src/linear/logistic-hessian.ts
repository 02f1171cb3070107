/** Second derivatives of the penalised log loss; the dear part of Newton's method, since each row costs the square of the columns. */
import { logistic } from '@fraudops/model';
import type { CenteredColumns } from './centered-columns.js';

/** Rows gathered at a time: block and matrix stay in cache. */
const BLOCK_ROWS = 64;

/**
 * Sum over rows of weight * p (1 - p) * x x^T, where x holds the used columns, centred and scaled, and a 1; plus the penalties.
 *
 * @param rowWeights undefined for 1 each
 * @returns size x size, row after row; the lower triangle is filled
 */
export function logisticHessian(
  columns: CenteredColumns,
  rowWeights: Float64Array | undefined,
  penalties: Float64Array,
  coefficients: Float64Array,
): Float64Array {
  const size = coefficients.length;
  const { rowCount } = columns.matrix;
  const hessian = new Float64Array(size * size);
  const block = new Float64Array(BLOCK_ROWS * size).fill(1);
  const curvatures = new Float64Array(BLOCK_ROWS);
  for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - start);
    gatherRows(columns, block, start, count);
    for (let i = 0; i < count; i++) {
      let margin = 0;
      for (let j = 0; j < size; j++) margin += coefficients[j]! * block[i * size + j]!;
      const probability = logistic(margin);
      curvatures[i] = (rowWeights ? rowWeights[start + i]! : 1) * probability * (1 - probability);
    }
    addBlock(hessian, block, curvatures, size, count);
  }
  penalties.forEach((penalty, j) => (hessian[j * size + j]! += penalty));
  return hessian;
}

/** The used columns of some rows, one row after the other, centred and scaled; missing values at the mean. The last entry stays 1. */
function gatherRows({ matrix, used, means, scales }: CenteredColumns, block: Float64Array, start: number, count: number): void {
  const size = used.length + 1;
  for (let j = 0; j < used.length; j++) {
    const feature = used[j]!;
    const column = matrix.columns[feature]!;
    const mean = means[feature]!;
    const inverse = 1 / scales[feature]!;
    for (let i = 0; i < count; i++) {
      const value = column[start + i]!;
      block[i * size + j] = Number.isNaN(value) ? 0 : (value - mean) * inverse;
    }
  }
}

/** Adds the rows two at a time, so that each entry of the matrix is loaded and stored half as often. */
function addBlock(hessian: Float64Array, block: Float64Array, curvatures: Float64Array, size: number, count: number): void {
  // A row beyond the last one, of curvature 0, makes the number even.
  if (count % 2 === 1) curvatures[count] = 0;
  for (let i = 0; i < count; i += 2) {
    const first = i * size;
    const second = first + size;
    for (let j = 0; j < size; j++) {
      const a = curvatures[i]! * block[first + j]!;
      const b = curvatures[i + 1]! * block[second + j]!;
      const line = j * size;
      for (let k = 0; k <= j; k++) hessian[line + k]! += a * block[first + k]! + b * block[second + k]!;
    }
  }
}
