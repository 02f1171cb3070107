import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logistic } from './logistic.js';

describe('logistic', () => {
  it('equals scipy 1.10 expit', () => {
    expect(logistic(0)).toBe(0.5);
    expect(logistic(2)).toBeCloseTo(0.8807970779778823, 15);
    expect(logistic(-40) / 4.248354255291589e-18).toBeCloseTo(1, 14);
  });

  it('stays inside 0 to 1 and never overflows', () => {
    expect(logistic(1e300)).toBe(1);
    expect(logistic(-1e300)).toBe(0);
  });

  it('is symmetric and does not fall', () =>
    fc.assert(
      fc.property(
        fc.double({ min: -700, max: 700, noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (margin, step) => {
          expect(logistic(margin) + logistic(-margin)).toBeCloseTo(1, 14);
          expect(logistic(margin + step)).toBeGreaterThanOrEqual(logistic(margin));
        },
      ),
    ));
});
