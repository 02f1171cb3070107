/**
 * The standard normal distribution, as intervals need it. The probability comes from the series of Marsaglia (2004, "Evaluating the normal
 * distribution"), P(x) = 1/2 + density(x) * (x + x^3/3 + x^5/15 + x^7/105 + ...); the quantile halves the range in which it must lie.
 */

/** Beyond this many standard deviations nothing is left that a float64 near 1 can tell. */
const FARTHEST = 8;

/** Probability of a value up to x; within 1e-15. */
export function normalProbability(x: number): number {
  if (x <= -FARTHEST) return 0;
  if (x >= FARTHEST) return 1;
  let term = x;
  let sum = x;
  // Beyond x^2 the terms shrink, so for |x| < 8 there are at most some 200 of them.
  for (let odd = 3, before = 0; sum !== before; odd += 2) {
    term *= (x * x) / odd;
    before = sum;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** The value up to which the probability is `share`; -8 and 8 at and near the ends. */
export function normalQuantile(share: number): number {
  let low = -FARTHEST;
  let high = FARTHEST;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
