import { normalQuantile } from './normal-distribution.js';

/** From as many degrees of freedom on, two terms of the expansion around the normal quantile are exact to 1e-5. */
const MANY_DEGREES = 200;

/**
 * Quantile of Student's t distribution, of whole degrees of freedom: from the finite series for the middle probability (Abramowitz and
 * Stegun 1964, 26.7.3 and 26.7.4), inverted by halving; with more than 200 degrees of freedom by the expansion 26.7.5.
 *
 * @param share above 0.5, below 1
 * @param degrees a whole number of 1 or more
 * @example studentTQuantile(0.975, 4); // 2.776
 */
export function studentTQuantile(share: number, degrees: number): number {
  if (degrees > MANY_DEGREES) return expandedQuantile(normalQuantile(share), degrees);
  // t = sqrt(degrees) * tan(angle), and the angle has ends.
  let low = 0;
  let high = Math.PI / 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if ((1 + middleProbability(middle, degrees)) / 2 < share) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/** Probability of -t to t. */
function middleProbability(angle: number, degrees: number): number {
  const cosine = Math.cos(angle);
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

function expandedQuantile(z: number, degrees: number): number {
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / degrees + second / degrees ** 2;
}
