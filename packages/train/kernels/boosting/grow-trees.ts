/**
 * The inner loops of boosting, in AssemblyScript. `src/boosting/plain-kernel.ts` holds the same functions in TypeScript, says what each
 * of them does, and is the oracle: both must leave the same bytes behind. All arguments named like places are addresses in bytes; they
 * are checked there where they are made (`TrainingMemory`), not here.
 */

export { addCounts, addToColumns, takeFromColumns } from './column-sums';
export { findSplit } from './find-split';

const LOG2_E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LARGEST_EXPONENT: f64 = 600;
const ROUNDER: f64 = 6755399441055744;
const SUM_STEPS: f64 = 16777216;

export function logLossDerivatives(
  derivatives: usize,
  margins: usize,
  labels: usize,
  weights: usize,
  start: i32,
  end: i32,
  sums: usize,
): void {
  let gradientSteps = f64x2.splat(0);
  let hessianSteps = f64x2.splat(0);
  const steps = f64x2.splat(SUM_STEPS);
  let row = <usize>start;
  for (; row + 1 < <usize>end; row += 2) {
    const weight = weights == 0 ? f64x2.splat(1) : f64x2.promote_low_f32x4(v128.load64_zero(weights + (row << 2)));
    const label = f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load8x8_u(labels + row)));
    const probability = sigmoid(v128.load(margins + (row << 3)));
    const gradient = f64x2.mul(weight, f64x2.sub(probability, label));
    const hessian = f64x2.mul(weight, f64x2.mul(probability, f64x2.sub(f64x2.splat(1), probability)));
    gradientSteps = f64x2.add(gradientSteps, f64x2.ceil(f64x2.mul(steps, f64x2.abs(gradient))));
    hessianSteps = f64x2.add(hessianSteps, f64x2.ceil(f64x2.mul(steps, hessian)));
    v128.store(derivatives + (row << 3), asPairs(hessian, gradient));
  }
  let lastGradient: f64 = 0;
  let lastHessian: f64 = 0;
  if (row < <usize>end) {
    const weight = weights == 0 ? 1 : <f64>load<f32>(weights + (row << 2));
    const probability = f64x2.extract_lane(sigmoid(v128.load64_zero(margins + (row << 3))), 0);
    const gradient = weight * (probability - <f64>load<u8>(labels + row));
    const hessian = weight * (probability * (1 - probability));
    lastGradient = ceil(SUM_STEPS * abs(gradient));
    lastHessian = ceil(SUM_STEPS * hessian);
    store<f32>(derivatives + (row << 3), <f32>hessian);
    store<f32>(derivatives + (row << 3), <f32>gradient, 4);
  }
  store<f64>(sums, f64x2.extract_lane(gradientSteps, 0) + f64x2.extract_lane(gradientSteps, 1) + lastGradient);
  store<f64>(sums, f64x2.extract_lane(hessianSteps, 0) + f64x2.extract_lane(hessianSteps, 1) + lastHessian, 8);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function asPairs(hessian: v128, gradient: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(hessian), f32x4.demote_f64x2_zero(gradient), 0, 4, 1, 5);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function sigmoid(margin: v128): v128 {
  const one = f64x2.splat(1);
  return f64x2.div(one, f64x2.add(one, exponential(f64x2.neg(margin))));
}

/** e^x to about nine digits, by a polynomial of e^r with x = k ln 2 + r. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function exponential(x: v128): v128 {
  const bounded = f64x2.pmax(f64x2.splat(-LARGEST_EXPONENT), f64x2.pmin(f64x2.splat(LARGEST_EXPONENT), x));
  // Adding rounds to a whole number, which the last digits of the sum hold.
  const rounded = f64x2.add(f64x2.mul(bounded, f64x2.splat(LOG2_E)), f64x2.splat(ROUNDER));
  const k = f64x2.sub(rounded, f64x2.splat(ROUNDER));
  const r = f64x2.sub(f64x2.sub(bounded, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const low = f64x2.add(pairOf(1, 1, r), f64x2.mul(pairOf(0.5, 1 / 6.0, r), r2));
  const high = f64x2.add(pairOf(1 / 24.0, 1 / 120.0, r), f64x2.mul(pairOf(1 / 720.0, 1 / 5040.0, r), r2));
  const sum = f64x2.add(low, f64x2.mul(f64x2.add(high, f64x2.mul(f64x2.splat(1 / 40320.0), r4)), r4));
  return f64x2.mul(sum, i64x2.shl(i64x2.add(rounded, i64x2.splat(1023)), 52));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function pairOf(constant: f64, factor: f64, r: v128): v128 {
  return f64x2.add(f64x2.splat(constant), f64x2.mul(f64x2.splat(factor), r));
}

export function quantise(derivatives: usize, start: i32, end: i32, hessianScale: f32, gradientScale: f32): void {
  const scale = f32x4.replace_lane(
    f32x4.replace_lane(f32x4.splat(hessianScale), 1, gradientScale),
    3,
    gradientScale,
  );
  let at = derivatives + (<usize>start << 3);
  const stop = derivatives + (<usize>end << 3);
  for (; at + 16 <= stop; at += 16) {
    v128.store(at, i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), scale))));
  }
  if (at < stop) {
    const last = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(i64x2.splat(load<i64>(at)), scale)));
    store<i64>(at, i64x2.extract_lane(last, 0));
  }
}

export function fillIndex(index: usize, start: i32, end: i32, first: i32): void {
  let at = index + (<usize>start << 2);
  const stop = index + (<usize>end << 2);
  let rows = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (; at + 16 <= stop; at += 16) {
    v128.store(at, rows);
    rows = i32x4.add(rows, i32x4.splat(4));
  }
  let row = i32x4.extract_lane(rows, 0);
  for (; at < stop; at += 4) store<u32>(at, row++);
}

export function subtract(whole: usize, part: usize, bytes: i32): void {
  for (let at: usize = 0; at < <usize>bytes; at += 16) {
    v128.store(whole + at, i64x2.sub(v128.load(whole + at), v128.load(part + at)));
  }
}

export function add(sum: usize, part: usize, bytes: i32): void {
  for (let at: usize = 0; at < <usize>bytes; at += 16) {
    v128.store(sum + at, i64x2.add(v128.load(sum + at), v128.load(part + at)));
  }
}

export function clear(from: usize, bytes: i32): void {
  memory.fill(from, 0, bytes);
}

export function part(
  index: usize,
  start: i32,
  end: i32,
  column: usize,
  goesLeft: usize,
  moved: usize,
  orders: usize,
): i32 {
  let kept = index + (<usize>start << 2);
  let other = moved;
  let at = kept;
  const stop = index + (<usize>end << 2);
  for (; at + 16 <= stop; at += 16) {
    const rows = v128.load(at);
    const sides =
      <usize>load<u8>(goesLeft + load<u8>(column + i32x4.extract_lane(rows, 0))) |
      (<usize>load<u8>(goesLeft + load<u8>(column + i32x4.extract_lane(rows, 1))) << 1) |
      (<usize>load<u8>(goesLeft + load<u8>(column + i32x4.extract_lane(rows, 2))) << 2) |
      (<usize>load<u8>(goesLeft + load<u8>(column + i32x4.extract_lane(rows, 3))) << 3);
    // Kept rows never overtake those that are read.
    const order = orders + (sides << 5);
    v128.store(kept, i8x16.swizzle(rows, v128.load(order)));
    v128.store(other, i8x16.swizzle(rows, v128.load(order, 16)));
    const leftBytes = <usize>popcnt<u32>(<u32>sides) << 2;
    kept += leftBytes;
    other += 16 - leftBytes;
  }
  for (; at < stop; at += 4) {
    const row = load<u32>(at);
    const left = <usize>load<u8>(goesLeft + load<u8>(column + row));
    store<u32>(kept, row);
    store<u32>(other, row);
    kept += left << 2;
    other += (1 - left) << 2;
  }
  putBack(kept, moved, other);
  return <i32>((kept - index) >> 2);
}

/** Copies the rows from moved to stop. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function putBack(kept: usize, moved: usize, stop: usize): void {
  let from = moved;
  let to = kept;
  for (; from + 16 <= stop; from += 16) {
    v128.store(to, v128.load(from));
    to += 16;
  }
  for (; from < stop; from += 4) {
    store<u32>(to, load<u32>(from));
    to += 4;
  }
}

export function addToMargins(margins: usize, index: usize, start: i32, end: i32, value: f64): void {
  for (let i = start; i < end; i++) {
    const at = margins + (<usize>load<u32>(index + (<usize>i << 2)) << 3);
    store<f64>(at, load<f64>(at) + value);
  }
}
