/** Pivots below this share of their diagonal are rounding noise: the matrix is singular for all float64 can tell. */
const SMALLEST_PIVOT_SHARE = 1e-13;

/**
 * Solves matrix * x = rightSide for a symmetric positive definite matrix by its Cholesky factor L (matrix = L L^T).
 *
 * @param matrix size x size, row after row; the lower triangle is read, and overwritten by L
 * @param rightSide overwritten by x
 * @returns false when the matrix is not positive definite; both arrays are then spoilt
 */
export function solvePositiveDefinite(matrix: Float64Array, rightSide: Float64Array): boolean {
  const size = rightSide.length;
  for (let j = 0; j < size; j++) {
    let pivot = matrix[j * size + j]!;
    const smallest = pivot * SMALLEST_PIVOT_SHARE;
    for (let k = 0; k < j; k++) pivot -= matrix[j * size + k]! ** 2;
    if (!(pivot > smallest)) return false;
    const diagonal = Math.sqrt(pivot);
    matrix[j * size + j] = diagonal;
    for (let i = j + 1; i < size; i++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = sum / diagonal;
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = rightSide[i]!;
    for (let k = 0; k < i; k++) sum -= matrix[i * size + k]! * rightSide[k]!;
    rightSide[i] = sum / matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = rightSide[i]!;
    for (let k = i + 1; k < size; k++) sum -= matrix[k * size + i]! * rightSide[k]!;
    rightSide[i] = sum / matrix[i * size + i]!;
  }
  return true;
}
