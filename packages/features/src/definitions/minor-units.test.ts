import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minorUnits, toUnits } from './minor-units.js';

describe('minorUnits', () => {
  it.each([
    [0.01, 1, 100],
    [0.05, 5, 100],
    [0.25, 25, 100],
    [1, 1, 1],
    [5, 5, 1],
    [1e-12, 1, 1e12],
  ])('takes %s as %s / %s', (resolution, numerator, denominator) =>
    expect(minorUnits(resolution)).toEqual({ numerator, denominator }),
  );

  it.each([1 / 3, 1e-13, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.1 + 0.2])('has none for %s', (resolution) =>
    expect(minorUnits(resolution)).toBeUndefined(),
  );
});

describe('toUnits', () => {
  it('finds the cents of every amount written with two decimals', () =>
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (cents) => {
        const amount = Number((BigInt(Math.abs(cents)) / 100n).toString() + '.' + String(Math.abs(cents) % 100).padStart(2, '0'));
        expect(toUnits(Math.sign(cents) * amount, minorUnits(0.01)!)).toBe(cents);
      }),
    ));
});
