/**
 * e^x and log(1 + x) where the log loss needs them, with an error below 5e-16 of the result. They stand beside Math.exp and Math.log1p
 * because they branch nowhere, so that the kernel can compute the same bits of two rows at once; what is here says what is right.
 *
 * e^x = 2^k e^r, where k is the whole number nearest x / ln 2, and ln 2 is taken away in two parts, so that r keeps all its digits. From
 * -ln 2 / 2 to ln 2 / 2, e^r = 1 + r + r^2 q(r).
 *
 * log(1 + x) = 2 atanh(z / 2) = z + z^3 s(z^2) with z = x / (1 + x / 2). Above sqrt(2) - 1 it is ln 2 + log((1 + x) / 2), where z is
 * (x - 1) / (3 / 2 + x / 2), so that z is never above 6 - sqrt(32).
 *
 * The polynomials q and s are those with the smallest relative error of the results (Remez; mpmath 1.3, 60 digits): 3.6e-18 and 1.2e-18.
 */

/** Added to a small number it rounds that to a whole one. */
const WHOLE_BITS = 6755399441055744;
/** The first 32 bits of ln 2, whose product with k is exact, and the rest. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Not much below it 2^k would lose digits. */
const LEAST_EXPONENT = -708;
const SQRT2_LESS_1 = 0.4142135623730951;

/** 2^0 down to 2^-1022. */
const POWERS = Float64Array.from({ length: 1023 }, (_, k) => 2 ** -k);

/** e^x for x up to 0; below -708, e^-708, which is 3e-308. */
export function exponential(x: number): number {
  const exponent = x < LEAST_EXPONENT ? LEAST_EXPONENT : x;
  const k = exponent * Math.LOG2E + WHOLE_BITS - WHOLE_BITS;
  const r = exponent - k * LN2_HIGH - k * LN2_LOW;
  const r2 = r * r;
  const r4 = r2 * r2;
  const low = 0.5000000000000011 + 0.16666666666666413 * r + r2 * (0.041666666666530267 + 0.008333333333494331 * r);
  const middle = 0.0013888888943598104 + 0.00019841269506778642 * r + r2 * (2.4801493135736637e-5 + 2.7557586269600136e-6 * r);
  const rest = middle + r4 * (2.7630234087614057e-7 + 2.5000070783710933e-8 * r);
  return (1 + (r + r2 * (low + r4 * rest))) * POWERS[0 - k]!;
}

/** log(1 + x) for x from 0 to 1. */
export function logOfOnePlus(x: number): number {
  const isLarge = x > SQRT2_LESS_1;
  const z = isLarge ? (x - 1) / (0.5 * x + 1.5) : x / (0.5 * x + 1);
  const w = z * z;
  const w2 = w * w;
  const low = 0.08333333333333418 + 0.012499999999817086 * w + w2 * (0.0022321428704991132 + 0.00043402731588047187 * w);
  const rest = 8.878693521229721e-5 + 1.8693909199268487e-5 * w + w2 * 4.515365924327532e-6;
  const logarithm = z + z * (w * (low + w2 * w2 * rest));
  return isLarge ? logarithm + Math.LN2 : logarithm;
}
