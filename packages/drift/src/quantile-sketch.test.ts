import { seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestGap } from './ks-test.js';
import { MAX_SKETCH_POINTS, countAtMost, countBelow, largestGapToSketch, sketchOf } from './quantile-sketch.js';

const sorted = (values: Iterable<number>) => Float64Array.from(values).sort();

describe('sketchOf', () => {
  it('keeps every value while there are few, with the rows below and at most each', () => {
    expect(sketchOf(sorted([5, 1, 1, 3, 5, 5]))).toEqual({ values: [1, 3, 5], below: [0, 2, 3], atMost: [2, 3, 6] });
    expect(sketchOf(sorted([]))).toEqual({ values: [], below: [], atMost: [] });
  });

  it('keeps true counts of at most 1,001 values, smallest and largest included', () => {
    const random = seededRandom(3);
    const values = sorted(Array.from({ length: 20_000 }, () => (random.next() < 0.3 ? 0 : random.exponential(50))));
    const sketch = sketchOf(values);
    expect(sketch.values.length).toBeLessThanOrEqual(MAX_SKETCH_POINTS);
    expect(sketch.values[0]).toBe(values[0]);
    expect(sketch.values.at(-1)).toBe(values.at(-1));
    expect(sketch.values).toEqual([...new Set(sketch.values)].sort((a, b) => a - b));
    sketch.values.forEach((value, k) => {
      expect(sketch.below[k]).toBe(countBelow(values, value));
      expect(sketch.atMost[k]).toBe(countAtMost(values, value));
    });
  });

  it('knows no negative zero, which JSON would lose', () => {
    expect(Object.is(sketchOf(Float64Array.of(-0)).values[0], 0)).toBe(true);
  });
});

describe('largestGapToSketch', () => {
  it('is the distance itself when the sketch is complete', () => {
    const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 }).map(sorted);
    fc.assert(
      fc.property(sample, sample, (reference, current) => {
        const { gap, errorBound } = largestGapToSketch(sketchOf(reference), current);
        expect(gap).toBe(largestGap(reference, current).gap);
        expect(errorBound).toBe(0);
      }),
    );
  });

  it('falls short of the distance by less than its bound, which is at most a thousandth', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1500, max: 6000 }), fc.integer({ min: 1, max: 3000 }), (seed, n, m) => {
        const random = seededRandom(seed);
        const spread = random.between(0.5, 2);
        const reference = sorted(Array.from({ length: n }, () => random.normal()));
        const current = sorted(Array.from({ length: m }, () => random.normal(0.1, spread)));
        const { gap, errorBound, at, inclusive, ...counts } = largestGapToSketch(sketchOf(reference), current);
        const missed = (largestGap(reference, current).gap - gap) / (n * m);
        expect(missed).toBeGreaterThanOrEqual(0);
        expect(missed).toBeLessThanOrEqual(errorBound);
        expect(errorBound).toBeLessThanOrEqual(0.001);
        const count = inclusive ? countAtMost : countBelow;
        expect(counts).toEqual({ reference: count(reference, at), current: count(current, at) });
      }),
      { numRuns: 40 },
    );
  });
});
