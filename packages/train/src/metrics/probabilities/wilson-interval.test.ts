import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { wilsonInterval } from './wilson-interval.js';

describe('wilsonInterval', () => {
  it.each([
    [0, 10, 0, 0.2775327998628892],
    [10, 10, 0.7224672001371106, 1],
    [5, 10, 0.236593090512564, 0.7634069094874361],
    [1, 1000, 0.00017654637062607809, 0.0056425585979579355],
  ])('equals scipy 1.17.1 binomtest(%i, %i).proportion_ci(method="wilson")', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 12);
    expect(interval.high).toBeCloseTo(high, 12);
  });

  it('lies within 0 and 1 around the share', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
        const successes = Math.round(share * trials);
        const { low, high } = wilsonInterval(successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials);
        expect(high).toBeGreaterThanOrEqual(successes / trials);
      }),
    ));

  it('refuses more successes than trials', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('wilsonInterval: 3 of 2, expected at least one trial');
    expect(() => wilsonInterval(0, 0)).toThrow('wilsonInterval: 0 of 0');
  });
});
