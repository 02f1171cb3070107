import { existsSync, readFileSync } from 'node:fs';
import { seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquaredHomogeneityTest, chiSquaredTest, cramersV } from './chi-squared-test.js';
import { DriftError } from './drift-error.js';

/**
 * By scipy 1.17.1: chisquare(current, reference scaled), chi2_contingency(correction=False), and
 * contingency.association(method='cramer') of the table with both sides scaled to the same size.
 */
const GOLDEN = [
  {
    reference: [50, 30, 20],
    current: [40, 35, 25],
    fit: [4.083333333333334, 0.12981217685543797],
    homogeneity: [2.051282051282051, 0.3585665413731905],
    v: 0.10127393670836667,
  },
  {
    reference: [300, 120, 60, 20],
    current: [10, 10, 10, 10],
    fit: [57.91666666666667, 1.6376114631477514e-12],
    homogeneity: [42.147181850407655, 3.7337080813111214e-9],
    v: 0.4135615854285754,
  },
  {
    reference: [1000, 1],
    current: [990, 11],
    fit: [100.1, 1.4489352020652832e-23],
    homogeneity: [8.383584589614742, 0.003786249467096153],
    v: 0.06471170442908494,
  },
  {
    reference: [9000, 800, 150, 50],
    current: [4000, 600, 300, 100],
    fit: [1055.5555555555557, 1.5963014317016192e-228],
    homogeneity: [395.6043956043956, 1.9827194611560157e-85],
    v: 0.15792775712517493,
  },
  {
    reference: [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
    current: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    fit: [22.000000000000004, 0.024373243747581638],
    homogeneity: [12.95251809246957, 0.2964401380365769],
    v: 0.28451115521973397,
  },
] as const;

const relativeError = (value: number, golden: number) => Math.abs(value / golden - 1);

describe('chiSquaredTest', () => {
  it.each(GOLDEN)('equals scipy chisquare for $current', ({ reference, current, fit }) => {
    const { statistic, pValue, degreesOfFreedom } = chiSquaredTest(reference, current);
    expect(relativeError(statistic, fit[0])).toBeLessThan(1e-13);
    expect(relativeError(pValue, fit[1])).toBeLessThan(1e-10);
    expect(degreesOfFreedom).toBe(reference.length - 1);
  });

  it('calls a category that the reference never had impossible', () => {
    expect(chiSquaredTest([10, 0], [10, 1])).toEqual({ statistic: Number.POSITIVE_INFINITY, degreesOfFreedom: 1, pValue: 0 });
  });

  it('has nothing to test in a single category', () => {
    expect(chiSquaredTest([10, 0], [7, 0])).toEqual({ statistic: 0, degreesOfFreedom: 0, pValue: 1 });
  });

  it('names the count that is none', () => {
    expect(() => chiSquaredTest([1, 2], [1])).toThrow('2 reference counts and 1 current counts');
    expect(() => chiSquaredTest([1, Number.NaN], [1, 1])).toThrow('referenceCounts[1] is NaN, expected a whole number');
    expect(() => chiSquaredTest([1, 1], [1, -1])).toThrow('currentCounts[1] is -1');
    expect(() => chiSquaredTest([1, 1], [0, 0])).toThrow(DriftError);
  });
});

describe('chiSquaredHomogeneityTest', () => {
  it.each(GOLDEN)('equals scipy chi2_contingency for $current', ({ reference, current, homogeneity }) => {
    const { statistic, pValue } = chiSquaredHomogeneityTest(reference, current);
    expect(relativeError(statistic, homogeneity[0])).toBeLessThan(1e-13);
    expect(relativeError(pValue, homogeneity[1])).toBeLessThan(1e-10);
  });

  it('keeps its promise of one false alarm in twenty, where the test of fit does not', () => {
    const random = seededRandom(11);
    const draw = () => {
      const counts = Array.from({ length: 5 }, () => 0);
      for (let i = 0; i < 500; i++) counts[random.integer(5)]!++;
      return counts;
    };
    let homogeneity = 0;
    let fit = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const [reference, current] = [draw(), draw()];
      if (chiSquaredHomogeneityTest(reference, current).pValue < 0.05) homogeneity++;
      if (chiSquaredTest(reference, current).pValue < 0.05) fit++;
    }
    // Four standard errors around 50 are 22 to 78; the other's expectation is P(chi2 with 4 degrees > 9.488 / 2) = .31.
    expect(homogeneity).toBeGreaterThan(22);
    expect(homogeneity).toBeLessThan(78);
    expect(fit).toBeGreaterThan(250);
  });

  it('does not depend on which side is which, nor on absent categories', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const length = Math.min(a.length, b.length);
        const reference = [...a.slice(0, length), 1];
        const current = [...b.slice(0, length), 1];
        const result = chiSquaredHomogeneityTest(reference, current);
        const swapped = chiSquaredHomogeneityTest(current, reference);
        expect(swapped.statistic).toBeCloseTo(result.statistic, 8);
        expect(chiSquaredHomogeneityTest([...reference, 0], [...current, 0])).toEqual(result);
        expect(result.pValue).toBeGreaterThanOrEqual(0);
        expect(result.pValue).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('cramersV', () => {
  it.each(GOLDEN)('equals scipy association of equally large sides for $current', ({ reference, current, v }) => {
    expect(relativeError(cramersV(reference, current), v)).toBeLessThan(1e-12);
  });

  it('is 0 for equal shares, 1 for nothing in common, whatever the sizes', () => {
    expect(cramersV([10, 20, 30], [1000, 2000, 3000])).toBe(0);
    expect(cramersV([10, 0], [0, 5000])).toBe(1);
    expect(cramersV([40, 60], [500, 500])).toBeCloseTo(cramersV([4000, 6000], [500, 500]), 15);
  });
});

const SHARED = new URL('../../../../shared/golden/drift_expected.json', import.meta.url);

describe.skipIf(!existsSync(SHARED))('chi-squared tests on the golden data', () => {
  const golden = JSON.parse(existsSync(SHARED) ? readFileSync(SHARED, 'utf8') : '{}') as Record<string, (string | number)[]> & {
    expected: { cat3: { chisquare_p: number }; bin: { z_p: number } };
  };
  const countsOf = (name: string) => {
    const keys = [...new Set([...golden[`ref_${name}`]!, ...golden[`cur_${name}`]!])];
    return (['ref', 'cur'] as const).map((side) =>
      keys.map((key) => golden[`${side}_${name}`]!.filter((value) => value === key).length),
    );
  };

  it('chiSquaredTest equals scipy 1.10.1 chisquare, as Evidently calls it', () => {
    const [reference, current] = countsOf('cat3');
    expect(relativeError(chiSquaredTest(reference!, current!).pValue, golden.expected.cat3.chisquare_p)).toBeLessThan(1e-12);
  });

  it("chiSquaredHomogeneityTest of two categories equals Evidently's z test", () => {
    const [reference, current] = countsOf('bin');
    expect(relativeError(chiSquaredHomogeneityTest(reference!, current!).pValue, golden.expected.bin.z_p)).toBeLessThan(1e-12);
  });
});
