/**
 * The regularised upper incomplete gamma function Q(a, x) = (1/Gamma(a)) * integral from x to infinity of t^(a-1) e^-t dt,
 * with small relative error also far into the tail, where 1 - P(a, x) would have lost every digit.
 *
 * Series below x = a + 1, Lentz's continued fraction above (Press et al., Numerical Recipes, section 6.2). Both share the factor
 * x^a e^-x / Gamma(a + 1), which is taken from Loader's saddle-point form (2000, "Fast and Accurate Computation of Binomial
 * Probabilities"): a difference of logarithms of size a ln x would cost as many digits as a has.
 */

/** Relative size of a term that no longer changes the sum. */
const NEGLIGIBLE = 2 ** -54;
/** Terms grow with sqrt(a); this is enough for a = 10^9. */
const MAX_TERMS = 1_000_000;

/**
 * Q(a, x).
 *
 * @param a shape, above 0
 * @param x at least 0; infinity gives 0
 * @example upperIncompleteGamma(1, 2); // e^-2 = 0.1353352832366127
 */
export function upperIncompleteGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const factor = gammaDensityFactor(a, x);
  // Written as 1 - P only where Q is not small, so nothing cancels.
  return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
}

/** Sum of x^k / ((a+1)...(a+k)), k from 0: P(a, x) divided by the common factor. */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < MAX_TERMS; k++) {
    term *= x / (a + k);
    sum += term;
    if (term < sum * NEGLIGIBLE) break;
  }
  return sum;
}

/** a times the continued fraction 1/(x+1-a- 1(1-a)/(x+3-a- ...)): Q(a, x) divided by the common factor. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < MAX_TERMS; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 2 * NEGLIGIBLE) break;
  }
  return a * fraction;
}

/** x^a e^-x / Gamma(a + 1) = exp(-a phi(x/a) - stirlingError(a)) / sqrt(2 pi a), phi(u) = u - 1 - ln u. */
function gammaDensityFactor(a: number, x: number): number {
  return Math.exp(-a * deviance((x - a) / a) - stirlingError(a)) / Math.sqrt(2 * Math.PI * a);
}

/** v - ln(1 + v); by its series around 0, where the two parts are nearly equal. */
function deviance(v: number): number {
  if (Math.abs(v) > 0.1) return v - Math.log1p(v);
  let power = -v;
  let sum = 0;
  for (let k = 2; k < 40; k++) {
    power *= -v;
    sum += power / k;
    if (Math.abs(power) < NEGLIGIBLE * Math.abs(sum)) break;
  }
  return sum;
}

/** ln Gamma(a + 1) - [(a + 1/2) ln a - a + ln(2 pi)/2]: what Stirling's formula leaves over. */
function stirlingError(a: number): number {
  let shifted = a;
  let error = 0;
  // The asymptotic series needs a of 16 or more; stepping there adds terms that are each small and exact.
  for (; shifted < 16; shifted++) error += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
  const inverseSquare = 1 / (shifted * shifted);
  const series =
    1 / 12 - inverseSquare * (1 / 360 - inverseSquare * (1 / 1260 - inverseSquare * (1 / 1680 - inverseSquare * (1 / 1188))));
  return error + series / shifted;
}
