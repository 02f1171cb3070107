/**
 * Sums over a block of rows for logistic regression; `packages/train/src/linear/row-sums.ts` says which, and computes the same bits in
 * TypeScript. `kernel-row-sums.ts` puts everything into memory as described here. All addresses are in bytes, and trusted.
 *
 * A column is up to `BLOCK_ROWS` float32 values, and columns are `COLUMN_BYTES` apart, so that the same rows of different columns don't
 * share a place in the cache. Their number is a multiple of 4; those that fill it up are 0. `lines` holds two float64 a column: its slope
 * and its mean. A row beyond the last has factor 0, and any values but infinite ones. Missing values (NaN) count as the mean.
 *
 * Functions of the margin take four rows at a time. A row beyond the last has margin -1000, label 0 and weight 0, and so no loss.
 */
import { exponential, logOfOnePlus } from './exp-and-log1p';

const COLUMN_BYTES: usize = 16448;
/** Rows of a tile of {@link addProducts}. */
const TILE_ROWS: usize = 64;
const TILE_BYTES: usize = 512;

/** Values less the mean, 0 where missing if some may be; two rows. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function centred(address: usize, mean: v128, hasGaps: bool): v128 {
  const value = f64x2.promote_low_f32x4(v128.load_zero<u64>(address));
  const distance = f64x2.sub(value, mean);
  return hasGaps ? v128.and(distance, f64x2.eq(value, value)) : distance;
}

/**
 * factor = intercept + sum over columns of slope * (value - mean), sixteen rows at a time. The first completeCount columns lack no value,
 * here and elsewhere.
 */
export function margins(
  columns: usize,
  completeCount: i32,
  columnCount: i32,
  lines: usize,
  intercept: f64,
  factors: usize,
  rowCount: usize,
): void {
  const filledRows = (rowCount + 15) & ~15;
  for (let row: usize = 0; row < filledRows; row += 2) v128.store(factors + (row << 3), f64x2.splat(intercept));
  addMargins(columns, completeCount, lines, factors, rowCount, false);
  columns += <usize>completeCount * COLUMN_BYTES;
  addMargins(columns, columnCount - completeCount, lines + (<usize>completeCount << 4), factors, rowCount, true);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function addMargins(columns: usize, columnCount: i32, lines: usize, factors: usize, rowCount: usize, hasGaps: bool): void {
  if (columnCount == 0) return;
  for (let row: usize = 0; row < rowCount; row += 16) {
    const factor = factors + (row << 3);
    let a = v128.load(factor);
    let b = v128.load(factor, 16);
    let c = v128.load(factor, 32);
    let d = v128.load(factor, 48);
    let e = v128.load(factor, 64);
    let f = v128.load(factor, 80);
    let g = v128.load(factor, 96);
    let h = v128.load(factor, 112);
    let value = columns + (row << 2);
    let line = lines;
    for (let j: i32 = 0; j < columnCount; j++) {
      const slope = v128.load_splat<u64>(line);
      const mean = v128.load_splat<u64>(line + 8);
      a = f64x2.add(a, f64x2.mul(slope, centred(value, mean, hasGaps)));
      b = f64x2.add(b, f64x2.mul(slope, centred(value + 8, mean, hasGaps)));
      c = f64x2.add(c, f64x2.mul(slope, centred(value + 16, mean, hasGaps)));
      d = f64x2.add(d, f64x2.mul(slope, centred(value + 24, mean, hasGaps)));
      e = f64x2.add(e, f64x2.mul(slope, centred(value + 32, mean, hasGaps)));
      f = f64x2.add(f, f64x2.mul(slope, centred(value + 40, mean, hasGaps)));
      g = f64x2.add(g, f64x2.mul(slope, centred(value + 48, mean, hasGaps)));
      h = f64x2.add(h, f64x2.mul(slope, centred(value + 56, mean, hasGaps)));
      value += COLUMN_BYTES;
      line += 16;
    }
    v128.store(factor, a);
    v128.store(factor, b, 16);
    v128.store(factor, c, 32);
    v128.store(factor, d, 48);
    v128.store(factor, e, 64);
    v128.store(factor, f, 80);
    v128.store(factor, g, 96);
    v128.store(factor, h, 112);
  }
}

/** leverage = 1 + sum over columns of (scale * (value - mean))^2, with `scales` of one float64 a column, eight rows at a time. */
export function leverages(columns: usize, columnCount: i32, lines: usize, scales: usize, results: usize, rowCount: usize): void {
  for (let row: usize = 0; row < rowCount; row += 8) {
    let a = f64x2.splat(1);
    let b = a;
    let c = a;
    let d = a;
    let value = columns + (row << 2);
    let line = lines;
    let scale = scales;
    for (let j: i32 = 0; j < columnCount; j++) {
      const mean = v128.load_splat<u64>(line + 8);
      const unit = v128.load_splat<u64>(scale);
      const x = f64x2.mul(unit, centred(value, mean, true));
      const y = f64x2.mul(unit, centred(value + 8, mean, true));
      const z = f64x2.mul(unit, centred(value + 16, mean, true));
      const w = f64x2.mul(unit, centred(value + 24, mean, true));
      a = f64x2.add(a, f64x2.mul(x, x));
      b = f64x2.add(b, f64x2.mul(y, y));
      c = f64x2.add(c, f64x2.mul(z, z));
      d = f64x2.add(d, f64x2.mul(w, w));
      value += COLUMN_BYTES;
      line += 16;
      scale += 8;
    }
    const result = results + (row << 3);
    v128.store(result, a);
    v128.store(result, b, 16);
    v128.store(result, c, 32);
    v128.store(result, d, 48);
  }
}

/** Label of four rows, in two pairs. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function fourLabels(address: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(address)));
}

/** max(margin, 0) - label * margin: the log loss less log(1 + small). */
// @ts-ignore: decorators are AssemblyScript's
@inline
function linearLoss(margin: v128, label: v128): v128 {
  return f64x2.sub(f64x2.pmax(margin, f64x2.splat(0)), f64x2.mul(label, margin));
}

/** 1 / (1 + e^-margin) of two rows, by onePlus = 1 + small and small = e^-|margin|. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function probability(margin: v128, small: v128, onePlus: v128): v128 {
  const larger = f64x2.div(f64x2.splat(1), onePlus);
  return v128.bitselect(larger, f64x2.mul(small, larger), f64x2.ge(margin, f64x2.splat(0)));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function smallOf(margin: v128): v128 {
  return exponential(f64x2.neg(f64x2.abs(margin)));
}

/**
 * Turns margins into probability - label. The log loss of the rows is what it returns, and the logarithms of the four numbers that it
 * writes to `products`: each is a product over every fourth row, at most 2^512 for 2048 rows.
 */
export function toResiduals(factors: usize, labels: usize, rowCount: usize, products: usize): f64 {
  const one = f64x2.splat(1);
  let product = one;
  let product2 = one;
  let loss = f64x2.splat(0);
  let loss2 = loss;
  for (let row: usize = 0; row < rowCount; row += 4) {
    const factor = factors + (row << 3);
    const fours = fourLabels(labels + row);
    const label = f64x2.convert_low_i32x4_u(fours);
    const label2 = f64x2.convert_low_i32x4_u(v128.shuffle<i64>(fours, fours, 1, 0));
    const margin = v128.load(factor);
    const margin2 = v128.load(factor, 16);
    const small = smallOf(margin);
    const small2 = smallOf(margin2);
    const onePlus = f64x2.add(one, small);
    const onePlus2 = f64x2.add(one, small2);
    product = f64x2.mul(product, onePlus);
    product2 = f64x2.mul(product2, onePlus2);
    loss = f64x2.add(loss, linearLoss(margin, label));
    loss2 = f64x2.add(loss2, linearLoss(margin2, label2));
    v128.store(factor, f64x2.sub(probability(margin, small, onePlus), label));
    v128.store(factor, f64x2.sub(probability(margin2, small2, onePlus2), label2), 16);
  }
  v128.store(products, product);
  v128.store(products, product2, 16);
  return sumOfLanes(f64x2.add(loss, loss2));
}

/** Turns margins into weight * (probability - label), and returns the weighted log loss of the rows. */
export function toWeightedResiduals(factors: usize, labels: usize, weights: usize, rowCount: usize): f64 {
  const one = f64x2.splat(1);
  let loss = f64x2.splat(0);
  let loss2 = loss;
  for (let row: usize = 0; row < rowCount; row += 4) {
    const factor = factors + (row << 3);
    const fours = fourLabels(labels + row);
    const label = f64x2.convert_low_i32x4_u(fours);
    const label2 = f64x2.convert_low_i32x4_u(v128.shuffle<i64>(fours, fours, 1, 0));
    const weight = v128.load(weights + (row << 3));
    const weight2 = v128.load(weights + (row << 3), 16);
    const margin = v128.load(factor);
    const margin2 = v128.load(factor, 16);
    const small = smallOf(margin);
    const small2 = smallOf(margin2);
    const rowLoss = f64x2.add(logOfOnePlus(small), linearLoss(margin, label));
    const rowLoss2 = f64x2.add(logOfOnePlus(small2), linearLoss(margin2, label2));
    loss = f64x2.add(loss, f64x2.mul(weight, rowLoss));
    loss2 = f64x2.add(loss2, f64x2.mul(weight2, rowLoss2));
    const residual = f64x2.sub(probability(margin, small, f64x2.add(one, small)), label);
    const residual2 = f64x2.sub(probability(margin2, small2, f64x2.add(one, small2)), label2);
    v128.store(factor, f64x2.mul(weight, residual));
    v128.store(factor, f64x2.mul(weight2, residual2), 16);
  }
  return sumOfLanes(f64x2.add(loss, loss2));
}

/** Turns margins into weight * probability * (1 - probability). */
export function toCurvatures(factors: usize, weights: usize, rowCount: usize): void {
  for (let row: usize = 0; row < rowCount; row += 2) {
    const factor = factors + (row << 3);
    const small = smallOf(v128.load(factor));
    const onePlus = f64x2.add(f64x2.splat(1), small);
    const weighted = f64x2.mul(v128.load(weights + (row << 3)), small);
    v128.store(factor, f64x2.div(weighted, f64x2.mul(onePlus, onePlus)));
  }
}

/** The sum of the rows' factors. */
export function sumOfFactors(factors: usize, rowCount: usize): f64 {
  let sum = f64x2.splat(0);
  let sum2 = sum;
  for (let row: usize = 0; row < rowCount; row += 4) {
    sum = f64x2.add(sum, v128.load(factors + (row << 3)));
    sum2 = f64x2.add(sum2, v128.load(factors + (row << 3), 16));
  }
  return sumOfLanes(f64x2.add(sum, sum2));
}

/** Adds to each column's sum its rows' factor * (value - mean), four columns at a time. */
export function addSums(
  columns: usize,
  completeCount: i32,
  columnCount: i32,
  lines: usize,
  factors: usize,
  rowCount: usize,
  sums: usize,
): void {
  for (let j: i32 = 0; j < columnCount; j += 4) {
    if (j + 4 <= completeCount) addFourSums(columns, lines, factors, rowCount, sums, false);
    else addFourSums(columns, lines, factors, rowCount, sums, true);
    columns += 4 * COLUMN_BYTES;
    lines += 64;
    sums += 32;
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function addFourSums(columns: usize, lines: usize, factors: usize, rowCount: usize, sums: usize, hasGaps: bool): void {
  const meanA = v128.load_splat<u64>(lines + 8);
  const meanB = v128.load_splat<u64>(lines + 24);
  const meanC = v128.load_splat<u64>(lines + 40);
  const meanD = v128.load_splat<u64>(lines + 56);
  let a = f64x2.splat(0);
  let b = a, c = a, d = a;
  let a2 = a, b2 = a, c2 = a, d2 = a;
  for (let row: usize = 0; row < rowCount; row += 4) {
    const first = v128.load(factors + (row << 3));
    const second = v128.load(factors + (row << 3), 16);
    const value = columns + (row << 2);
    a = f64x2.add(a, f64x2.mul(first, centred(value, meanA, hasGaps)));
    a2 = f64x2.add(a2, f64x2.mul(second, centred(value + 8, meanA, hasGaps)));
    b = f64x2.add(b, f64x2.mul(first, centred(value + COLUMN_BYTES, meanB, hasGaps)));
    b2 = f64x2.add(b2, f64x2.mul(second, centred(value + COLUMN_BYTES + 8, meanB, hasGaps)));
    c = f64x2.add(c, f64x2.mul(first, centred(value + 2 * COLUMN_BYTES, meanC, hasGaps)));
    c2 = f64x2.add(c2, f64x2.mul(second, centred(value + 2 * COLUMN_BYTES + 8, meanC, hasGaps)));
    d = f64x2.add(d, f64x2.mul(first, centred(value + 3 * COLUMN_BYTES, meanD, hasGaps)));
    d2 = f64x2.add(d2, f64x2.mul(second, centred(value + 3 * COLUMN_BYTES + 8, meanD, hasGaps)));
  }
  addFourLanes(sums, f64x2.add(a, a2), f64x2.add(b, b2), f64x2.add(c, c2), f64x2.add(d, d2));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function addFourLanes(sums: usize, a: v128, b: v128, c: v128, d: v128): void {
  addLanes(sums, a);
  addLanes(sums + 8, b);
  addLanes(sums + 16, c);
  addLanes(sums + 24, d);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function addLanes(sum: usize, lanes: v128): void {
  store<f64>(sum, load<f64>(sum) + sumOfLanes(lanes));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function sumOfLanes(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/**
 * Adds to products (a square of float64, row after row, whose size is a multiple of 4) the rows' factor * x * x^T for the x that holds
 * the columns, centred, then a 1. Above the diagonal it holds nothing of use. `tile` has room for size + 2 columns of TILE_ROWS float64;
 * the one behind the columns holds ones, those that fill up the size hold zeros.
 */
export function addProducts(
  columns: usize,
  columnCount: i32,
  size: i32,
  lines: usize,
  factors: usize,
  rowCount: usize,
  tile: usize,
  products: usize,
): void {
  const weighted = tile + <usize>size * TILE_BYTES;
  for (let start: usize = 0; start < rowCount; start += TILE_ROWS) {
    fillTile(columns + (start << 2), columnCount, lines, tile);
    for (let j: i32 = 0; j < size; j += 2) {
      const rows = products + ((<usize>(j * size)) << 3);
      weigh(tile + <usize>j * TILE_BYTES, factors + (start << 3), weighted);
      for (let k: i32 = 0; k < j + 2; k += 4) {
        addEight(weighted, tile + <usize>k * TILE_BYTES, rows + ((<usize>k) << 3), (<usize>size) << 3);
      }
    }
  }
}

/** The tile's columns, centred. */
function fillTile(columns: usize, columnCount: i32, lines: usize, tile: usize): void {
  for (let j: i32 = 0; j < columnCount; j++) {
    const mean = v128.load_splat<u64>(lines + 8);
    for (let row: usize = 0; row < TILE_ROWS; row += 2) v128.store(tile + (row << 3), centred(columns + (row << 2), mean, true));
    columns += COLUMN_BYTES;
    lines += 16;
    tile += TILE_BYTES;
  }
}

/** Two columns times the rows' factors. */
function weigh(column: usize, factors: usize, weighted: usize): void {
  for (let byte: usize = 0; byte < TILE_BYTES; byte += 16) {
    const factor = v128.load(factors + byte);
    v128.store(weighted + byte, f64x2.mul(factor, v128.load(column + byte)));
    v128.store(weighted + TILE_BYTES + byte, f64x2.mul(factor, v128.load(column + TILE_BYTES + byte)));
  }
}

/** Adds the sums of products of two weighted columns with four others. */
function addEight(weighted: usize, others: usize, products: usize, lineBytes: usize): void {
  let a = f64x2.splat(0);
  let b = a, c = a, d = a;
  let a2 = a, b2 = a, c2 = a, d2 = a;
  for (let byte: usize = 0; byte < TILE_BYTES; byte += 16) {
    const first = v128.load(weighted + byte);
    const second = v128.load(weighted + TILE_BYTES + byte);
    const x = v128.load(others + byte);
    const y = v128.load(others + TILE_BYTES + byte);
    const z = v128.load(others + 2 * TILE_BYTES + byte);
    const w = v128.load(others + 3 * TILE_BYTES + byte);
    a = f64x2.add(a, f64x2.mul(first, x));
    b = f64x2.add(b, f64x2.mul(first, y));
    c = f64x2.add(c, f64x2.mul(first, z));
    d = f64x2.add(d, f64x2.mul(first, w));
    a2 = f64x2.add(a2, f64x2.mul(second, x));
    b2 = f64x2.add(b2, f64x2.mul(second, y));
    c2 = f64x2.add(c2, f64x2.mul(second, z));
    d2 = f64x2.add(d2, f64x2.mul(second, w));
  }
  addFourLanes(products, a, b, c, d);
  addFourLanes(products + lineBytes, a2, b2, c2, d2);
}
