/**
 * Sums over a column's present values less a shift, by which its mean and deviation are found in one pass. Four rows in turn have sums of
 * their own, so that kernel-column-sums.ts computes the same bits in WebAssembly; what is here is for where there is none, and says what
 * is right.
 */

/** See the module's comment. The squares are infinite if a value is. */
export interface ColumnSums {
  /** Of value - shift. */
  readonly sum: number;
  /** Of (value - shift)^2. */
  readonly squares: number;
  /** How many values there are; NaN is a missing one. */
  readonly present: number;
}

/** @param shift a number near the values, finite */
export type SumColumn = (column: Float32Array, shift: number) => ColumnSums;

/** In TypeScript. */
export function plainColumnSums(column: Float32Array, shift: number): ColumnSums {
  const sums = new Float64Array(8);
  let present = 0;
  for (let i = 0; i < column.length; i++) {
    const distance = column[i]! - shift;
    if (Number.isNaN(distance)) continue;
    sums[i % 4]! += distance;
    sums[4 + (i % 4)]! += distance * distance;
    present++;
  }
  return toColumnSums(sums, present);
}

/** @param sums four of distances, then four of their squares */
export function toColumnSums(sums: Float64Array, present: number): ColumnSums {
  return {
    sum: sums[0]! + sums[2]! + (sums[1]! + sums[3]!),
    squares: sums[4]! + sums[6]! + (sums[5]! + sums[7]!),
    present,
  };
}
