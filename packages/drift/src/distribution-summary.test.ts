import { seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import {
  CURVE_POINTS,
  HISTOGRAM_BINS,
  type HistogramSummary,
  MAX_BARS,
  summariseCategories,
  summariseNumbers,
} from './distribution-summary.js';
import { distributionOfSample, distributionOfSketch } from './empirical-distribution.js';
import { sketchOf } from './quantile-sketch.js';

const gap = { at: 0, inclusive: true, referenceShare: 0.5, currentShare: 0.4 };
const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);
const sample = (length: number, draw: () => number) => Float64Array.from({ length }, draw).sort();

describe('summariseNumbers', () => {
  const random = seededRandom(2);
  const reference = sample(20_000, () => random.normal());
  const current = sample(10_000, () => random.normal(1, 2));

  it('puts every value into a bin or beyond the ends', () => {
    const summary = summariseNumbers(distributionOfSample(reference), distributionOfSample(current), gap) as HistogramSummary;
    expect(summary.edges).toHaveLength(HISTOGRAM_BINS + 1);
    expect(summary.curve.at).toHaveLength(CURVE_POINTS);
    expect(sum(summary.reference) + sum(summary.referenceBeyond)).toBeCloseTo(1, 12);
    expect(sum(summary.current) + sum(summary.currentBeyond)).toBeCloseTo(1, 12);
    expect(sum(summary.currentBeyond)).toBeLessThan(0.011);
    expect(summary.curve.current).toEqual(summary.curve.current.toSorted((a, b) => a - b));
  });

  it('draws nearly the same from a profile', () => {
    const exact = summariseNumbers(distributionOfSample(reference), distributionOfSample(current), gap) as HistogramSummary;
    const sketched = summariseNumbers(
      distributionOfSketch(sketchOf(reference)),
      distributionOfSample(current),
      gap,
    ) as HistogramSummary;
    expect(sketched.edges[0]).toBeCloseTo(exact.edges[0]!, 1);
    exact.curve.reference.forEach((share, i) => expect(Math.abs(sketched.curve.reference[i]! - share)).toBeLessThan(0.01));
  });

  it('shows few distinct values as bars, whole numbers in bins of equally many', () => {
    const few = distributionOfSample(Float64Array.of(0, 0, 0, 1));
    expect(summariseNumbers(few, distributionOfSample(Float64Array.of(1, 2)), gap)).toEqual({
      shape: 'bars',
      bars: [
        { label: '0', reference: 0.75, current: 0 },
        { label: '1', reference: 0.25, current: 0.5 },
        { label: '2', reference: 0, current: 0.5 },
      ],
      rest: null,
      largestGap: gap,
    });
    const counts = distributionOfSample(sample(5000, () => random.integer(100)));
    const { edges } = summariseNumbers(counts, counts, gap) as HistogramSummary;
    expect(new Set(edges.map((edge, i) => (i === 0 ? 3 : edge - edges[i - 1]!)))).toEqual(new Set([3]));
  });
});

describe('summariseCategories', () => {
  it('shows the largest shares of either side by name and adds up the rest', () => {
    const aligned = Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, reference: i + 1, current: i === 0 ? 100 : 1 }));
    const { bars, rest } = summariseCategories(aligned);
    expect(bars).toHaveLength(MAX_BARS);
    expect(bars[0]!.label).toBe('c0');
    expect(rest!.values).toBe(8);
    expect(sum(bars.map((bar) => bar.reference)) + rest!.reference).toBeCloseTo(1, 12);
    expect(sum(bars.map((bar) => bar.current)) + rest!.current).toBeCloseTo(1, 12);
  });
});
