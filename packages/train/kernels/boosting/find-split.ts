/** The search for a node's best split by numbers. Part of `grow-trees.ts`; see there. */

/** 1 - 2^-50: what is less than this share of the best is not better, however products were rounded. */
const ALMOST: f64 = 0.9999999999999991;

export function findSplit(
  histogram: usize,
  features: usize,
  searched: usize,
  searchedCount: i32,
  gradient: f64,
  hessian: f64,
  l2: f64,
  leastHessian: f64,
  leastScore: f64,
  before: f64,
  gainPerScore: f64,
  record: usize,
): void {
  store<i32>(record, 0, 24);
  const found = record + 96;
  let threshold = leastScore;
  let bestGain: f64 = 0;
  for (let i = 0; i < searchedCount; i++) {
    const feature = load<u32>(searched + (<usize>i << 2));
    const entry = features + (<usize>feature << 5);
    const sums = histogram + load<u32>(entry);
    const count = load<i32>(entry, 4);
    const missing = load<i64>(sums + (<usize>(count + 1) << 3));
    // Behind the last bin only missing values are left.
    const cuts = missing != 0 ? count + 1 : count;
    let bin = findCut(sums, cuts, 0, gradient, hessian, l2, leastHessian, threshold, found);
    let missingLeft = false;
    if (missing != 0) {
      const least = bin >= 0 ? load<f64>(found) : threshold;
      const other = findCut(sums, count, missing, gradient, hessian, l2, leastHessian, least, found);
      missingLeft = other >= 0;
      if (missingLeft) bin = other;
    }
    if (bin < 0) continue;
    const score = load<f64>(found);
    const gain = 0.5 * (score - before) * gainPerScore;
    if (gain > bestGain) {
      threshold = score;
      bestGain = gain;
      const leftHessian = <f64>load<i32>(found, 8);
      const missingGoesLeft = missing != 0 ? missingLeft : leftHessian >= hessian - leftHessian;
      writeSplit(record, gain, load<i64>(found, 8), missingGoesLeft, bin, feature);
    }
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function writeSplit(record: usize, gain: f64, left: i64, missingLeft: bool, bin: i32, feature: u32): void {
  store<f64>(record, gain);
  store<f64>(record, <f64>(<i32>(left >> 32)), 8);
  store<f64>(record, <f64>(<i32>left), 16);
  store<i32>(record, 1, 24);
  store<i32>(record, i32(missingLeft), 28);
  store<f64>(record, 0, 32);
  store<i32>(record, bin, 40);
  store<i32>(record, feature, 44);
}

/** Two cuts at a time; those that may be better, which are few, are looked at again one by one. */
function findCut(
  sums: usize,
  cuts: i32,
  leftBefore: i64,
  gradient: f64,
  hessian: f64,
  l2: f64,
  leastHessian: f64,
  leastScore: f64,
  found: usize,
): i32 {
  if (cuts <= 0) return -1;
  const gradients = f64x2.splat(gradient);
  const hessians = f64x2.splat(hessian);
  const penalties = f64x2.splat(l2);
  let before = i64x2.splat(leftBefore);
  let best = leastScore;
  let almostBest = f64x2.splat(best * ALMOST);
  let bestBin = -1;
  let bin = 0;
  do {
    const pairs = v128.load(sums + (<usize>bin << 3));
    const left = i64x2.add(before, i64x2.add(pairs, v128.shuffle<i64>(i64x2.splat(0), pairs, 0, 2)));
    if (anyAbove(almostBest, left, gradients, hessians, penalties)) {
      let one = i64x2.extract_lane(before, 0);
      for (let each = bin; each < min(bin + 2, cuts); each++) {
        one += load<i64>(sums + (<usize>each << 3));
        const leftHessian = <f64>(<i32>one);
        if (leftHessian >= leastHessian && hessian - leftHessian >= leastHessian) {
          const score = scoreOf(<f64>(<i32>(one >> 32)), leftHessian, gradient, hessian, l2);
          if (score > best) {
            best = score;
            almostBest = f64x2.splat(best * ALMOST);
            bestBin = each;
            store<f64>(found, score);
            store<i64>(found, one, 8);
          }
        }
      }
    }
    before = v128.shuffle<i64>(left, left, 1, 1);
    bin += 2;
  } while (bin < cuts);
  return bestBin;
}

/** Whether the score of either cut exceeds the least; no division is needed to know. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function anyAbove(least: v128, left: v128, gradients: v128, hessians: v128, penalties: v128): bool {
  const hl = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(left, left, 0, 2, 0, 2));
  const gl = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(left, left, 1, 3, 1, 3));
  const gr = f64x2.sub(gradients, gl);
  const a = f64x2.add(hl, penalties);
  const b = f64x2.add(f64x2.sub(hessians, hl), penalties);
  const strength = f64x2.add(f64x2.mul(f64x2.mul(gl, gl), b), f64x2.mul(f64x2.mul(gr, gr), a));
  return v128.any_true(f64x2.gt(strength, f64x2.mul(least, f64x2.mul(a, b))));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function scoreOf(gl: f64, hl: f64, gradient: f64, hessian: f64, l2: f64): f64 {
  const gr = gradient - gl;
  const a = hl + l2;
  const b = hessian - hl + l2;
  return (gl * gl * b + gr * gr * a) / (a * b);
}
