/**
 * e^x and log(1 + x) of two rows, as logistic regression needs them: `packages/train/src/linear/exp-and-log1p.ts` explains the formulas,
 * and computes the same bits in TypeScript.
 */

/** Added to a small number it leaves its nearest whole number in the lowest bits. */
const WHOLE_BITS: f64 = 6755399441055744;
const LOG2_E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LN2: f64 = 0.6931471805599453;
const LEAST_EXPONENT: f64 = -708;
const SQRT2_LESS_1: f64 = 0.4142135623730951;

/** e^x for x up to 0; below -708, e^-708. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function exponential(x: v128): v128 {
  const exponent = f64x2.pmax(x, f64x2.splat(LEAST_EXPONENT));
  const shifted = f64x2.add(f64x2.mul(exponent, f64x2.splat(LOG2_E)), f64x2.splat(WHOLE_BITS));
  const k = f64x2.sub(shifted, f64x2.splat(WHOLE_BITS));
  const high = f64x2.sub(exponent, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const r = f64x2.sub(high, f64x2.mul(k, f64x2.splat(LN2_LOW)));
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const a = line(0.5000000000000011, 0.16666666666666413, r);
  const b = line(0.041666666666530267, 0.008333333333494331, r);
  const c = line(0.0013888888943598104, 0.00019841269506778642, r);
  const d = line(2.4801493135736637e-5, 2.7557586269600136e-6, r);
  const e = line(2.7630234087614057e-7, 2.5000070783710933e-8, r);
  const low = f64x2.add(a, f64x2.mul(r2, b));
  const rest = f64x2.add(f64x2.add(c, f64x2.mul(r2, d)), f64x2.mul(r4, e));
  const bend = f64x2.mul(r2, f64x2.add(low, f64x2.mul(r4, rest)));
  const fraction = f64x2.add(f64x2.splat(1), f64x2.add(r, bend));
  const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  return f64x2.mul(fraction, power);
}

/** log(1 + x) for x from 0 to 1. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function logOfOnePlus(x: v128): v128 {
  const isLarge = f64x2.gt(x, f64x2.splat(SQRT2_LESS_1));
  const above = f64x2.sub(x, v128.and(isLarge, f64x2.splat(1)));
  const half = f64x2.mul(f64x2.splat(0.5), x);
  const below = f64x2.add(half, v128.bitselect(f64x2.splat(1.5), f64x2.splat(1), isLarge));
  const z = f64x2.div(above, below);
  const w = f64x2.mul(z, z);
  const w2 = f64x2.mul(w, w);
  const w4 = f64x2.mul(w2, w2);
  const a = line(0.08333333333333418, 0.012499999999817086, w);
  const b = line(0.0022321428704991132, 0.00043402731588047187, w);
  const c = line(8.878693521229721e-05, 1.8693909199268487e-05, w);
  const d = f64x2.splat(4.515365924327532e-06);
  const low = f64x2.add(a, f64x2.mul(w2, b));
  const rest = f64x2.add(c, f64x2.mul(w2, d));
  const series = f64x2.add(low, f64x2.mul(w4, rest));
  const logarithm = f64x2.add(z, f64x2.mul(z, f64x2.mul(w, series)));
  return f64x2.add(logarithm, v128.and(isLarge, f64x2.splat(LN2)));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function line(start: f64, slope: f64, x: v128): v128 {
  return f64x2.add(f64x2.splat(start), f64x2.mul(f64x2.splat(slope), x));
}
