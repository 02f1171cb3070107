import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import {
  highPart,
  lowPart,
  meanValue,
  ratioValue,
  riskValue,
  secondsBetween,
  shareValue,
  speedValue,
  stdValue,
  sumValue,
} from './feature-value.js';
import { nearest, rootOf } from './literal-features.fixture.js';

const CENTS = { numerator: 1, denominator: 100 };
const FIVE_CENTS = { numerator: 5, denominator: 100 };
const resolutions = fc.constantFrom(CENTS, FIVE_CENTS, { numerator: 1, denominator: 1 });
const total = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
const count = fc.integer({ min: 1, max: 60_000 });

describe('sumValue and meanValue', () => {
  it('are the numbers nearest to the true sum and mean', () => {
    fc.assert(
      fc.property(total, count, resolutions, (units, n, resolution) => {
        const numerator = BigInt(units) * BigInt(resolution.numerator);
        const denominator = BigInt(resolution.denominator);
        expect(sumValue(units, resolution)).toBe(nearest(numerator, denominator));
        expect(meanValue(n, units, resolution)).toBe(nearest(numerator, denominator * BigInt(n)));
      }),
    );
  });

  it('are 0 and NaN for nothing', () => {
    expect(sumValue(0, CENTS)).toBe(0);
    expect(meanValue(0, 0, CENTS)).toBeNaN();
  });
});

describe('stdValue', () => {
  const any = fc.integer({ min: -MAX_SUMMED_UNITS, max: MAX_SUMMED_UNITS });
  const small = fc.integer({ min: -(2 ** 18), max: 2 ** 18 });
  // Values that differ little from each other, but much from 0: here the textbook formula loses all digits.
  const close = fc
    .tuple(any, fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 60 }))
    .map(([center, distances]) => distances.map((distance) => center + distance));
  const lists = fc.oneof(
    fc.array(any, { minLength: 2, maxLength: 60 }),
    fc.array(small, { minLength: 2, maxLength: 60 }),
    close.map((list) => list.filter((units) => Math.abs(units) <= MAX_SUMMED_UNITS)),
  );

  it('is within 1e-12 of the root of the exact variance', () => {
    fc.assert(
      fc.property(lists, resolutions, (units, resolution) => {
        expectClose(stdOf(units, resolution), exactStd(units, resolution));
      }),
      { numRuns: 1000 },
    );
  });

  it('is that of 60,000 of the largest values', () => {
    const units = Array.from({ length: 60_000 }, (_, i) => (i % 2 === 0 ? MAX_SUMMED_UNITS : -MAX_SUMMED_UNITS + (i % 5)));
    expectClose(stdOf(units, CENTS), exactStd(units, CENTS));
    const near = units.map((_, i) => MAX_SUMMED_UNITS - (i % 3));
    expectClose(stdOf(near, CENTS), exactStd(near, CENTS));
  });

  it('is 0 for equal values, however large', () => {
    fc.assert(fc.property(any, count, (units, n) => stdOf(new Array<number>(Math.min(n, 500) + 1).fill(units), CENTS) === 0));
  });

  it('is NaN for fewer than two values', () => {
    expect(stdOf([], CENTS)).toBeNaN();
    expect(stdOf([500], CENTS)).toBeNaN();
  });

  it('equals numpy 2.4.6 std(ddof=1)', () => {
    expect(stdOf([2, 4, 4, 4, 5, 5, 7, 9], { numerator: 1, denominator: 1 })).toBeCloseTo(2.138089935299395, 15);
  });
});

describe('highPart and lowPart', () => {
  it('make up the units, and their products stay small', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX_SUMMED_UNITS, max: MAX_SUMMED_UNITS }), (units) => {
        expect(highPart(units) * 2 ** 19 + lowPart(units)).toBe(units);
        expect(Math.abs(highPart(units))).toBeLessThanOrEqual(2 ** 18);
        expect(Math.abs(lowPart(units))).toBeLessThanOrEqual(2 ** 18);
      }),
    );
  });
});

describe('shares and ratios', () => {
  it('riskValue is 0 without transactions, shareValue NaN', () => {
    expect(riskValue(0, 0)).toBe(0);
    expect(riskValue(3, 1)).toBe(1 / 3);
    expect(shareValue(0, 0)).toBeNaN();
    expect(shareValue(3, 2)).toBe(2 / 3);
  });

  it('ratioValue is NaN over 0 and for what is missing', () => {
    expect(ratioValue(3, 30, 2, 1)).toBe(45);
    expect(ratioValue(3, 1, 0, 1)).toBeNaN();
    expect(ratioValue(3, 1, -0, 1)).toBeNaN();
    expect(ratioValue(0, 1, 0, 1)).toBeNaN();
    expect(ratioValue(Number.NaN, 1, 2, 1)).toBeNaN();
    expect(ratioValue(2, 1, Number.NaN, 1)).toBeNaN();
  });
});

describe('speedValue', () => {
  it('is kilometres an hour', () => {
    // One degree of the equator, 111.195 km, in 30 minutes.
    expect(speedValue(0, 0, 0, 1_800_000, 0, 1)).toBeCloseTo(222.3901604670658, 9);
  });

  it('is 0 at the same place, infinite elsewhere in the same moment, NaN without a place', () => {
    expect(speedValue(5, 1, 2, 5, 1, 2)).toBe(0);
    expect(speedValue(5, 1, 2, 5, 1, 3)).toBe(Infinity);
    expect(speedValue(5, 1, Number.NaN, 9, 1, 3)).toBeNaN();
    expect(speedValue(5, 1, 2, 5, Number.NaN, 2)).toBeNaN();
  });
});

describe('secondsBetween', () => {
  it('keeps milliseconds', () => expect(secondsBetween(1500, 4750)).toBe(3.25));
});

function stdOf(units: readonly number[], resolution: typeof CENTS): number {
  const sumOf = (part: (value: number) => number) => units.reduce((sum, value) => sum + part(value), 0);
  return stdValue(
    units.length,
    sumOf((value) => value),
    sumOf((value) => highPart(value) ** 2),
    sumOf((value) => highPart(value) * lowPart(value)),
    sumOf((value) => lowPart(value) ** 2),
    resolution,
  );
}

/** Root of (n * sum of squares - square of the sum) / (n (n - 1)), with 200 binary digits behind the point. */
function exactStd(values: readonly number[], { numerator, denominator }: typeof CENTS): number {
  const units = values.map(BigInt);
  const n = BigInt(units.length);
  if (n < 2n) return Number.NaN;
  const sum = units.reduce((all, value) => all + value, 0n);
  const squares = units.reduce((all, value) => all + value * value, 0n);
  const root = rootOf(((n * squares - sum * sum) << 400n) / (n * (n - 1n)));
  return nearest(root * BigInt(numerator), BigInt(denominator) << 200n);
}

function expectClose(found: number, exact: number): void {
  if (Number.isNaN(exact)) expect(found).toBeNaN();
  else expect(Math.abs(found - exact)).toBeLessThanOrEqual(1e-12 * exact);
}
