import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DriftError } from './drift-error.js';
import { MAX_EXACT_PAIRS, ksPValue, ksTest } from './ks-test.js';

/** Uniform numbers of a linear congruential generator, the same in any language. */
function lcg(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 2147483648;
  });
}
const shifted = (values: Float64Array, by: number) => values.map((value) => value + by);
const rounded = (values: Float64Array, steps: number) => values.map((value) => Math.floor(value * steps) / steps);

/** [what, a, b, statistic, p] by scipy 1.17.1 ks_2samp, method auto, all exact. */
const GOLDEN: readonly (readonly [string, Float64Array, Float64Array, number, number])[] = [
  ['7 against 9', lcg(1, 7), lcg(2, 9), 0.38095238095238093, 0.4987762237762238],
  ['equal sizes', lcg(3, 50), lcg(4, 50), 0.12, 0.8692618870414056],
  ['ten distinct values', rounded(lcg(5, 120), 10), rounded(lcg(6, 80), 10), 0.075, 0.9376419708947102],
  ['a shift', lcg(7, 1000), shifted(lcg(8, 900), 0.1), 0.11933333333333333, 2.4546180629990816e-6],
  ['a large shift', lcg(9, 200), shifted(lcg(10, 300), 0.5), 0.595, 5.757962051914563e-40],
  ['thousands with ties', rounded(lcg(11, 5000), 100), rounded(lcg(12, 4000), 100), 0.01155, 0.9249275650714319],
  ['a tiny p', lcg(15, 3000), shifted(lcg(16, 2000), 0.3), 0.307, 2.485538714732692e-100],
  ['one value each', lcg(17, 1), lcg(18, 1), 1, 1],
  ['nothing in common', lcg(19, 400), shifted(lcg(20, 400), 2), 1, 1.0635896769518578e-239],
];

const SHARED = new URL('../../../../shared/golden/drift_expected.json', import.meta.url);

describe('ksTest', () => {
  it.each(GOLDEN)('equals scipy for %s', (_, a, b, statistic, pValue) => {
    const result = ksTest(a, b);
    expect(result.method).toBe('exact');
    expect(Math.abs(result.statistic - statistic)).toBeLessThan(1e-15);
    expect(Math.abs(result.pValue / pValue - 1)).toBeLessThan(1e-9);
  });

  it('is close to the exact p-value beyond the exact sizes', () => {
    const result = ksTest(lcg(13, 20000), shifted(lcg(14, 15000), 0.02));
    expect(result.method).toBe('asymptotic');
    expect(result.statistic).toBeCloseTo(0.03543333333333337, 15);
    // 8.768521297355764e-10 is the exact value, by scipy's own path counting; its asymptotic formula gives 8.7388e-10.
    expect(Math.abs(result.pValue / 8.768521297355764e-10 - 1)).toBeLessThan(0.01);
  });

  it('gives the share of all orderings that reach the distance', () => {
    const sizes = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (n1, n2, pick) => {
        const distances = allOrderings(n1, n2).map(maximalGap);
        const gap = distances[pick % distances.length]!;
        const share = distances.filter((distance) => distance >= gap).length / distances.length;
        expect(ksPValue(gap, n1, n2).pValue).toBeCloseTo(share, 12);
      }),
    );
  });

  it('does not change when sides are swapped, values reordered or stretched', () => {
    const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const result = ksTest(a, b);
        expect(ksTest(b, a)).toEqual(result);
        expect(ksTest(a.toReversed().map(Math.exp), b.map(Math.exp))).toEqual(result);
        expect(result.statistic).toBeCloseTo(naiveDistance(a, b), 12);
        expect(result.pValue).toBeGreaterThan(0);
        expect(result.pValue).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('finds nothing between a sample and itself', () => {
    expect(ksTest([3, 1, 2, 2], [2, 2, 1, 3])).toEqual({ statistic: 0, pValue: 1, method: 'exact' });
    expect(ksTest([0], [-0])).toEqual({ statistic: 0, pValue: 1, method: 'exact' });
  });

  it('goes over from exact to asymptotic without a jump', () => {
    const size = Math.sqrt(MAX_EXACT_PAIRS);
    const gap = Math.round(0.019 * size * size);
    const exact = ksPValue(gap, size, size);
    const beyond = ksPValue(Math.round(0.019 * size * (size + 1)), size, size + 1);
    expect([exact.method, beyond.method]).toEqual(['exact', 'asymptotic']);
    expect(Math.abs(beyond.pValue / exact.pValue - 1)).toBeLessThan(0.02);
  });

  it('refuses what has no distribution', () => {
    expect(() => ksTest([], [1])).toThrow('ksTest: sample a has 0 values, needs at least 1');
    expect(() => ksTest([1], [1, Number.NaN])).toThrow('ksTest: b[1] is NaN, expected a finite number');
    expect(() => ksTest([Number.POSITIVE_INFINITY], [1])).toThrow(DriftError);
  });
});

describe.skipIf(!existsSync(SHARED))('ksTest on the golden data', () => {
  it('equals scipy 1.10.1 ks_2samp', () => {
    const golden = JSON.parse(readFileSync(SHARED, 'utf8')) as {
      ref_num: number[];
      cur_num: number[];
      expected: { num: { ks_stat: number; ks_p: number } };
    };
    const { statistic, pValue } = ksTest(golden.ref_num, golden.cur_num);
    expect(Math.abs(statistic - golden.expected.num.ks_stat)).toBeLessThan(1e-15);
    expect(Math.abs(pValue - golden.expected.num.ks_p)).toBeLessThan(1e-12);
  });
});

/** Every way to order n1 values of one sample (true) and n2 of the other (false). */
function allOrderings(n1: number, n2: number): boolean[][] {
  if (n1 === 0 || n2 === 0) return [Array.from({ length: n1 + n2 }, () => n1 > 0)];
  return [
    ...allOrderings(n1 - 1, n2).map((rest) => [true, ...rest]),
    ...allOrderings(n1, n2 - 1).map((rest) => [false, ...rest]),
  ];
}

function maximalGap(ordering: readonly boolean[]): number {
  const n1 = ordering.filter(Boolean).length;
  const n2 = ordering.length - n1;
  let i = 0;
  let largest = 0;
  ordering.forEach((isFirst, k) => {
    if (isFirst) i++;
    largest = Math.max(largest, Math.abs(i * n2 - (k + 1 - i) * n1));
  });
  return largest;
}

function naiveDistance(a: readonly number[], b: readonly number[]): number {
  const shareAtMost = (values: readonly number[], x: number) => values.filter((value) => value <= x).length / values.length;
  return Math.max(...[...a, ...b].map((x) => Math.abs(shareAtMost(a, x) - shareAtMost(b, x))));
}
