import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitAbove, limitBelow } from './outward-limit.js';

describe('limitAbove, limitBelow', () => {
  it('have as many digits as the span is worth', () => {
    expect(limitAbove(15_512.775000000001, 10_341.85)).toBe(15_600);
    expect(limitBelow(-5170.925000000001, 10_341.85)).toBe(-5200);
    expect(limitAbove(0.041100000000000005, 0.041100000000000005)).toBe(0.0412);
    expect(limitAbove(0.07, 0.07)).toBe(0.07);
    expect(limitAbove(1_000_015, 10)).toBe(1_000_015);
    expect(limitBelow(48.10000000000001, 0.3)).toBe(48.1);
    expect(limitAbove(7.123456, 0)).toBe(7.123456);
    expect(Object.is(limitAbove(-0.001, 100), 0)).toBe(true);
  });

  it('never cut off what they hold, and stay near it', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (limit, span) => {
        const [above, below] = [limitAbove(limit, span), limitBelow(limit, span)];
        expect(above).toBeGreaterThanOrEqual(limit);
        expect(below).toBeLessThanOrEqual(limit);
        // A unit is at most a hundredth of the span, and two are the most that is added.
        expect(above / 2 - limit / 2).toBeLessThanOrEqual(span / 100 + Math.abs(limit) * 1e-15 + 5e-324);
      }),
    );
  });
});
