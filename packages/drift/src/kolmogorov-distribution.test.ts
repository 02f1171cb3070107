import { describe, expect, it } from 'vitest';
import { kolmogorovUpperTail } from './kolmogorov-distribution.js';

/** [z, P(K > z)] by scipy 1.17.1 kstwobign.sf. */
const GOLDEN: readonly (readonly [number, number])[] = [
  [0.2, 0.999999999999495],
  [0.3, 0.9999906941986655],
  [0.5, 0.9639452436648751],
  [0.7, 0.7112351950296893],
  [0.9, 0.3927307079406543],
  [0.999, 0.27107316411506394],
  [1, 0.26999967167735456],
  [1.1, 0.1777181926064012],
  [1.36, 0.049485876755377876],
  [1.63, 0.009846364888486529],
  [2, 0.0006709252557796953],
  [5, 3.8574996959278356e-22],
  [12, 1.6757885067638739e-125],
  [18, 7.554499944724249e-282],
];

describe('kolmogorovUpperTail', () => {
  it.each(GOLDEN)('equals scipy kstwobign.sf at %s', (z, tail) => {
    expect(Math.abs(kolmogorovUpperTail(z) / tail - 1)).toBeLessThan(1e-14);
  });

  it('is 1 at 0 and below any number far out', () => {
    expect(kolmogorovUpperTail(0)).toBe(1);
    expect(kolmogorovUpperTail(1e-200)).toBe(1);
    expect(kolmogorovUpperTail(1e6)).toBe(0);
  });
});
