import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantile, sortedValues } from './column-statistics.js';

// Without -0, which sorts before 0 and equals it.
const drawn = fc.float({ min: -1e6, max: 1e6, noNaN: true }).map((each) => each + 0);
const values = fc.array(drawn, { minLength: 1 });

describe('quantile', () => {
  it('equals numpy 2.4.6 quantile to the last bit, which adding up from the lower value alone would miss', () => {
    expect(quantile(Float32Array.of(2.8, 5.4, 7.2, 9.6), 0.9)).toBe(8.88000020980835);
  });

  it('goes from the smallest to the largest value and never falls', () => {
    fc.assert(
      fc.property(values, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (column, shares) => {
        const sorted = sortedValues(Float32Array.from(column));
        expect([quantile(sorted, 0), quantile(sorted, 1)]).toEqual([sorted[0], sorted.at(-1)]);
        const quantiles = shares.toSorted((a, b) => a - b).map((q) => quantile(sorted, q)!);
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('median', () => {
  it('has as many values below as above', () => {
    fc.assert(
      fc.property(values, (column) => {
        const middle = median(sortedValues(Float32Array.from(column)))!;
        const below = column.filter((value) => value < middle).length;
        const above = column.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(column.length / 2);
      }),
    );
  });
});

describe('sortedValues', () => {
  it('leaves missing ones out', () => expect([...sortedValues(Float32Array.of(3, Number.NaN, -1))]).toEqual([-1, 3]));
});
