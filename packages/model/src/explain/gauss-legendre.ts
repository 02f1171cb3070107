/**
 * Gauss-Legendre quadrature on [0, 1]: with n points it integrates every polynomial of degree 2n - 1 or less exactly,
 * integral of p(t) dt = sum of weight_i * p(t_i). Points are found by Newton's method on the Legendre polynomial (Press et al.,
 * Numerical Recipes, section 4.6), to the last bits of float64.
 */

/** A quadrature rule on [0, 1]; points ascend and lie symmetrically around 1/2, so 1 - points[i] is points[n - 1 - i]. */
export interface QuadratureRule {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The rule with n points, in O(n^2).
 *
 * @param n 1 or more
 * @example gaussLegendre(1); // { points: [0.5], weights: [1] }
 */
export function gaussLegendre(n: number): QuadratureRule {
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < (n + 1) >> 1; i++) {
    const { root, derivative } = legendreRoot(n, Math.cos((Math.PI * (i + 0.75)) / (n + 0.5)));
    // From [-1, 1] to [0, 1]; roots come from the largest down.
    points[i] = (1 - root) / 2;
    points[n - 1 - i] = (1 + root) / 2;
    weights[i] = weights[n - 1 - i] = 1 / ((1 - root) * (1 + root) * derivative * derivative);
  }
  return { points, weights };
}

/** Newton's method doubles its digits with each step; these guesses need three or four. */
const NEWTON_STEPS = 8;

function legendreRoot(n: number, guess: number): { root: number; derivative: number } {
  let root = guess;
  let derivative = 0;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let value = 1;
    let before = 0;
    for (let k = 1; k <= n; k++) [value, before] = [((2 * k - 1) * root * value - (k - 1) * before) / k, value];
    derivative = (n * (root * value - before)) / (root * root - 1);
    if (step < NEWTON_STEPS - 1) root -= value / derivative;
  }
  return { root, derivative };
}
