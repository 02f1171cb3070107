import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, logOfOnePlus } from './exp-and-log1p.js';

/** Math.exp and Math.log1p are themselves off by up to 2.2e-16. */
const LARGEST_ERROR = 7e-16;
const relativeError = (value: number, expected: number): number => (value === expected ? 0 : Math.abs(value / expected - 1));

/** mpmath 1.3, 60 digits, rounded to float64. */
const goldenExponentials = [
  [-1e-300, 1],
  [-1e-9, 0.999999999],
  [-0.1, 0.9048374180359595],
  [-0.34657359027997264, 0.7071067811865476],
  [-0.5, 0.6065306597126334],
  [-1, 0.36787944117144233],
  [-2.5, 0.0820849986238988],
  [-10, 4.5399929762484854e-5],
  [-36.7368005696771, 1.1102230246251573e-16],
  [-100, 3.720075976020836e-44],
  [-333.3, 1.7768435153217187e-145],
  [-700, 9.85967654375977e-305],
  [-708, 3.307553003638408e-308],
] as const;

/** The same. */
const goldenLogarithms = [
  [5e-324, 5e-324],
  [1e-300, 1e-300],
  [1e-17, 1e-17],
  [1e-9, 9.999999995e-10],
  [0.001, 0.0009995003330835331],
  [0.1, 0.09531017980432487],
  [0.4142135623730951, 0.3465735902799727],
  [0.41421356237309515, 0.3465735902799727],
  [0.5, 0.4054651081081644],
  [0.7, 0.5306282510621704],
  [1, 0.6931471805599453],
] as const;

describe('exponential', () => {
  it.each(goldenExponentials)("equals mpmath's e^%d", (x, expected) => {
    expect(relativeError(exponential(x), expected)).toBeLessThan(5e-16);
  });

  it('equals Math.exp but for the last digit, wherever it is a normal number', () => {
    const exponents = fc.oneof(fc.double({ min: -708, max: 0, noNaN: true }), fc.double({ min: -2, max: 0, noNaN: true }));
    fc.assert(
      fc.property(exponents, (x) => {
        expect(relativeError(exponential(x), Math.exp(x))).toBeLessThan(LARGEST_ERROR);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is 1 at 0, stays where it is below -708, and passes on what is no number', () => {
    expect(exponential(0)).toBe(1);
    expect(exponential(-0)).toBe(1);
    expect(exponential(-1e300)).toBe(exponential(-708));
    expect(exponential(Number.NEGATIVE_INFINITY)).toBe(exponential(-708));
    expect(exponential(Number.NaN)).toBeNaN();
  });
});

describe('logOfOnePlus', () => {
  it.each(goldenLogarithms)("equals mpmath's log(1 + %d)", (x, expected) => {
    expect(relativeError(logOfOnePlus(x), expected)).toBeLessThan(5e-16);
  });

  it('equals Math.log1p but for the last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (x) => {
        expect(relativeError(logOfOnePlus(x), Math.log1p(x))).toBeLessThan(LARGEST_ERROR);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is 0 at 0', () => expect(logOfOnePlus(0)).toBe(0));
});
