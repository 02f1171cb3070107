import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finiteValues, selectQuantile, sortedQuantile } from './order-statistics.js';

const values = [...Array.from({ length: 200 }, (_, i) => ((i * 37) % 101) ** 2 / 10), 1000, 0, 0, 0];
const sorted = Float64Array.from(values).sort();

describe('quantiles', () => {
  it.each([
    [0, 0],
    [0.01, 0],
    [0.05, 1.0050000000000003],
    [0.25, 56.425],
    [0.5, 245.05],
    [0.75, 566.275],
    [0.95, 918.7349999999999],
    [0.99, 999.403],
    [1, 1000],
  ])('at %f equal numpy 2.4.6 quantile', (quantile, expected) => {
    expect(sortedQuantile(sorted, quantile)).toBeCloseTo(expected, 11);
    expect(selectQuantile(Float64Array.from(values), quantile)).toBeCloseTo(expected, 11);
  });

  it('are the same to the bit by selection as by sorting', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }));
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (given, quantile) => {
          const expected = sortedQuantile(Float64Array.from(given).sort(), quantile);
          expect(selectQuantile(Float64Array.from(given), quantile) + 0).toBe(expected + 0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are NaN of nothing', () => {
    expect(sortedQuantile([], 0.5)).toBeNaN();
    expect(selectQuantile(new Float64Array(), 0.5)).toBeNaN();
  });
});

describe('finiteValues', () => {
  it('leaves out what is missing or infinite', () => {
    expect([...finiteValues(Float64Array.of(1, Number.NaN, Infinity, -2, -Infinity))]).toEqual([1, -2]);
  });
});
