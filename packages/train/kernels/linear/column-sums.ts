/**
 * Sums over a part of a column, by which its mean and deviation are found; `packages/train/src/linear/column-sums.ts` says which, and
 * computes the same bits in TypeScript. All addresses are in bytes, and trusted.
 */

/**
 * Adds float32 values less the shift, and their squares, to four sums each (row i to sum i % 4; `sums` holds four float64, then four),
 * and returns how many values there are. Missing values (NaN) count nothing, and fill up the rows to a multiple of 4.
 */
export function addPart(values: usize, rowCount: usize, shift: f64, sums: usize): i32 {
  if (addComplete(values, rowCount, shift, sums)) return <i32>rowCount;
  return addPresent(values, rowCount, shift, sums);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function distances(address: usize, shift: v128): v128 {
  return f64x2.sub(f64x2.promote_low_f32x4(v128.load_zero<u64>(address)), shift);
}

/** Adds nothing and returns false if a value is missing. */
function addComplete(values: usize, rowCount: usize, shift: f64, sums: usize): bool {
  const shifts = f64x2.splat(shift);
  let sum = v128.load(sums);
  let sum2 = v128.load(sums, 16);
  let squares = v128.load(sums, 32);
  let squares2 = v128.load(sums, 48);
  for (const end = values + (rowCount << 2); values < end; values += 16) {
    const x = distances(values, shifts);
    const y = distances(values + 8, shifts);
    sum = f64x2.add(sum, x);
    sum2 = f64x2.add(sum2, y);
    squares = f64x2.add(squares, f64x2.mul(x, x));
    squares2 = f64x2.add(squares2, f64x2.mul(y, y));
  }
  const all = f64x2.add(squares, squares2);
  if (!v128.all_true<i64>(f64x2.eq(all, all))) return false;
  v128.store(sums, sum);
  v128.store(sums, sum2, 16);
  v128.store(sums, squares, 32);
  v128.store(sums, squares2, 48);
  return true;
}

/** Adds the present values and returns their number. */
function addPresent(values: usize, rowCount: usize, shift: f64, sums: usize): i32 {
  const shifts = f64x2.splat(shift);
  let sum = v128.load(sums);
  let sum2 = v128.load(sums, 16);
  let squares = v128.load(sums, 32);
  let squares2 = v128.load(sums, 48);
  let present = i64x2.splat(0);
  for (const end = values + (rowCount << 2); values < end; values += 16) {
    const first = distances(values, shifts);
    const second = distances(values + 8, shifts);
    const has = f64x2.eq(first, first);
    const has2 = f64x2.eq(second, second);
    const x = v128.and(first, has);
    const y = v128.and(second, has2);
    // What is present is -1 as a whole number.
    present = i64x2.sub(present, i64x2.add(has, has2));
    sum = f64x2.add(sum, x);
    sum2 = f64x2.add(sum2, y);
    squares = f64x2.add(squares, f64x2.mul(x, x));
    squares2 = f64x2.add(squares2, f64x2.mul(y, y));
  }
  v128.store(sums, sum);
  v128.store(sums, sum2, 16);
  v128.store(sums, squares, 32);
  v128.store(sums, squares2, 48);
  return <i32>(i64x2.extract_lane(present, 0) + i64x2.extract_lane(present, 1));
}
