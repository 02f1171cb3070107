/**
 * The inner loops of boosting, in AssemblyScript. `src/boosting/plain-kernel.ts` holds the same functions in TypeScript, says what each
 * of them does, and is the oracle: both must leave the same bytes behind. All arguments named like places are addresses in bytes; they
 * are checked there where they are made (`TrainingMemory`), not here.
 */

const LOG2_E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LARGEST_EXPONENT: f64 = 600;
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
  const one = f64x2.splat(1);
  let gradientSteps = f64x2.splat(0);
  let hessianSteps = f64x2.splat(0);
  for (let row = <usize>start; row < <usize>end; row += 2) {
    const paired = row + 1 < <usize>end;
    let label: i64 = <i64>load<u8>(labels + row);
    let margin = v128.load64_zero(margins + (row << 3));
    // Behind the last row stands one of no weight.
    let weight = f64x2.replace_lane(f64x2.splat(0), 0, 1);
    if (paired) {
      label |= <i64>load<u8>(labels + row, 1) << 32;
      margin = v128.load(margins + (row << 3));
      weight = one;
    }
    if (weights != 0) {
      const at = weights + (row << 2);
      weight = f64x2.promote_low_f32x4(paired ? v128.load64_zero(at) : v128.load32_zero(at));
    }
    const probability = f64x2.div(one, f64x2.add(one, exponential(f64x2.neg(margin))));
    const gradient = f64x2.mul(weight, f64x2.sub(probability, f64x2.convert_low_i32x4_u(i64x2.splat(label))));
    const hessian = f64x2.mul(weight, f64x2.mul(probability, f64x2.sub(one, probability)));
    const steps = f64x2.splat(SUM_STEPS);
    gradientSteps = f64x2.add(gradientSteps, f64x2.ceil(f64x2.mul(steps, f64x2.abs(gradient))));
    hessianSteps = f64x2.add(hessianSteps, f64x2.ceil(f64x2.mul(steps, hessian)));
    const pairs = v128.shuffle<f32>(f32x4.demote_f64x2_zero(hessian), f32x4.demote_f64x2_zero(gradient), 0, 4, 1, 5);
    if (paired) v128.store(derivatives + (row << 3), pairs);
    else store<i64>(derivatives + (row << 3), i64x2.extract_lane(pairs, 0));
  }
  store<f64>(sums, f64x2.extract_lane(gradientSteps, 0) + f64x2.extract_lane(gradientSteps, 1));
  store<f64>(sums + 8, f64x2.extract_lane(hessianSteps, 0) + f64x2.extract_lane(hessianSteps, 1));
}

/** e^x to about nine digits, by a polynomial of e^r with x = k ln 2 + r. */
// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  const bounded = f64x2.max(f64x2.splat(-LARGEST_EXPONENT), f64x2.min(f64x2.splat(LARGEST_EXPONENT), x));
  const k = f64x2.nearest(f64x2.mul(bounded, f64x2.splat(LOG2_E)));
  const r = f64x2.sub(f64x2.sub(bounded, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  let sum = f64x2.splat(1 / 40320.0);
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1 / 5040.0));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1 / 720.0));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1 / 120.0));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1 / 24.0));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1 / 6.0));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.5));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1));
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  return f64x2.mul(sum, i64x2.shl(i64x2.add(exponent, i64x2.splat(1023)), 52));
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
  let row = first;
  for (let i = start; i < end; i++) store<u32>(index + (<usize>i << 2), row++);
}

export function addHistogram(
  histogram: usize,
  bins: usize,
  rowStride: i32,
  derivatives: usize,
  index: usize,
  start: i32,
  end: i32,
  places: usize,
  placeCount: i32,
  block: usize,
  blockRows: i32,
): void {
  if (index == 0) {
    for (let row = start; row < end; row += blockRows) {
      const count = min(blockRows, end - row);
      addRows(histogram, bins + <usize>row * rowStride, rowStride, derivatives + (<usize>row << 3), count, places, placeCount);
    }
    return;
  }
  const pairs = block + <usize>blockRows * rowStride;
  for (let i = start; i < end; i += blockRows) {
    const count = min(blockRows, end - i);
    gather(block, bins, rowStride, pairs, derivatives, index + (<usize>i << 2), count);
    addRows(histogram, block, rowStride, pairs, count, places, placeCount);
  }
}

/** Copies the rows side by side: many reads far apart under way at once, and what follows finds everything in the first cache. */
// @ts-ignore: decorator
@inline
function gather(block: usize, bins: usize, rowStride: i32, pairs: usize, derivatives: usize, index: usize, count: i32): void {
  let to = block;
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(index + (<usize>i << 2));
    store<i64>(pairs + (<usize>i << 3), load<i64>(derivatives + (row << 3)));
    const from = bins + row * rowStride;
    for (let at: usize = 0; at < <usize>rowStride; at += 16) v128.store(to + at, v128.load(from + at));
    to += rowStride;
  }
}

// @ts-ignore: decorator
@inline
function addRows(histogram: usize, bins: usize, rowStride: i32, pairs: usize, count: i32, places: usize, placeCount: i32): void {
  const stop = pairs + (<usize>count << 3);
  for (let feature = 0; feature < placeCount; feature += 4) {
    const place = places + (<usize>feature << 2);
    const sums0 = histogram + load<u32>(place);
    const sums1 = histogram + load<u32>(place, 4);
    const sums2 = histogram + load<u32>(place, 8);
    const sums3 = histogram + load<u32>(place, 12);
    let from = bins + feature;
    let at = pairs;
    do {
      const pair = load<i64>(at);
      const at0 = sums0 + (<usize>load<u8>(from) << 3);
      store<i64>(at0, load<i64>(at0) + pair);
      const at1 = sums1 + (<usize>load<u8>(from, 1) << 3);
      store<i64>(at1, load<i64>(at1) + pair);
      const at2 = sums2 + (<usize>load<u8>(from, 2) << 3);
      store<i64>(at2, load<i64>(at2) + pair);
      const at3 = sums3 + (<usize>load<u8>(from, 3) << 3);
      store<i64>(at3, load<i64>(at3) + pair);
      from += rowStride;
      at += 8;
    } while (at < stop);
  }
}

export function addCounts(
  counts: usize,
  bins: usize,
  rowStride: i32,
  index: usize,
  start: i32,
  end: i32,
  places: usize,
  featureCount: i32,
): void {
  for (let i = start; i < end; i++) {
    const row = index == 0 ? <usize>i : <usize>load<u32>(index + (<usize>i << 2));
    const from = bins + row * rowStride;
    for (let feature = 0; feature < featureCount; feature++) {
      const at = counts + (load<u32>(places + (<usize>feature << 2)) >>> 1) + (<usize>load<u8>(from + feature) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}

export function subtract(whole: usize, part: usize, bytes: i32): void {
  for (let at: usize = 0; at < <usize>bytes; at += 16) {
    v128.store(whole + at, i64x2.sub(v128.load(whole + at), v128.load(part + at)));
  }
}

export function subtractAndSwap(whole: usize, part: usize, bytes: i32): void {
  for (let at: usize = 0; at < <usize>bytes; at += 16) {
    const left = v128.load(part + at);
    v128.store(part + at, i64x2.sub(v128.load(whole + at), left));
    v128.store(whole + at, left);
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

export function copy(to: usize, from: usize, bytes: i32): void {
  memory.copy(to, from, bytes);
}

export function findCut(
  sums: usize,
  cuts: i32,
  leftGradient: i32,
  leftHessian: i32,
  gradient: f64,
  hessian: f64,
  l2: f64,
  leastHessian: f64,
  leastScore: f64,
  found: usize,
): i32 {
  if (cuts <= 0) return -1;
  let left = (<i64>leftGradient << 32) + <i64>leftHessian;
  let best = leastScore;
  let bestBin = -1;
  let bestLeft: i64 = 0;
  let bin = 0;
  do {
    left += load<i64>(sums + (<usize>bin << 3));
    const hl = <f64>(<i32>left);
    const gl = <f64>(<i32>(left >> 32));
    const hr = hessian - hl;
    const gr = gradient - gl;
    const a = hl + l2;
    const b = hr + l2;
    const product = a * b;
    const strength = gl * gl * b + gr * gr * a;
    if (strength > best * product) {
      if (hl >= leastHessian && hr >= leastHessian) {
        best = strength / product;
        bestBin = bin;
        bestLeft = left;
      }
    }
    bin++;
  } while (bin < cuts);
  if (bestBin >= 0) {
    store<f64>(found, best);
    store<f64>(found, <f64>(<i32>(bestLeft >> 32)), 8);
    store<f64>(found, <f64>(<i32>bestLeft), 16);
  }
  return bestBin;
}

export function part(index: usize, start: i32, end: i32, column: usize, goesLeft: usize, moved: usize): i32 {
  let kept = index + (<usize>start << 2);
  let other = moved;
  const stop = index + (<usize>end << 2);
  for (let at = kept; at < stop; at += 4) {
    const row = load<u32>(at);
    const left = <usize>load<u8>(goesLeft + load<u8>(column + row));
    store<u32>(kept, row);
    store<u32>(other, row);
    kept += left << 2;
    other += (1 - left) << 2;
  }
  memory.copy(kept, moved, other - moved);
  return <i32>((kept - index) >> 2);
}

export function addToMargins(margins: usize, index: usize, start: i32, end: i32, value: f64): void {
  for (let i = start; i < end; i++) {
    const at = margins + (<usize>load<u32>(index + (<usize>i << 2)) << 3);
    store<f64>(at, load<f64>(at) + value);
  }
}
