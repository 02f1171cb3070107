import { seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { distributionOfSample, distributionOfSketch } from './empirical-distribution.js';
import { sketchOf } from './quantile-sketch.js';

describe('distributionOfSketch', () => {
  it('answers as the sample does, exactly when the sketch is complete', () => {
    const values = Float64Array.of(1, 1, 2, 5, 5, 5, 9);
    const sample = distributionOfSample(values);
    const sketch = distributionOfSketch(sketchOf(values));
    for (const x of [0, 1, 1.5, 2, 5, 7, 9, 10]) {
      expect(sketch.countAtMost(x)).toBe(sample.countAtMost(x));
      expect(sketch.countBelow(x)).toBe(sample.countBelow(x));
    }
    expect(sketch.distinctValues(4)).toEqual([1, 2, 5, 9]);
    expect(sample.distinctValues(4)).toEqual([1, 2, 5, 9]);
    expect(sketch.distinctValues(3)).toBeUndefined();
    expect(sample.distinctValues(3)).toBeUndefined();
  });

  it('is within a thousandth of the rows elsewhere', () => {
    const random = seededRandom(5);
    const values = Float64Array.from({ length: 30_000 }, () => random.normal()).sort();
    const sample = distributionOfSample(values);
    const sketch = distributionOfSketch(sketchOf(values));
    for (let x = -5; x <= 5; x += 0.01) {
      expect(Math.abs(sketch.countAtMost(x) - sample.countAtMost(x))).toBeLessThanOrEqual(30);
      expect(Math.abs(sketch.countBelow(x) - sample.countBelow(x))).toBeLessThanOrEqual(30);
    }
    expect(sketch.quantile(0.5)).toBeCloseTo(sample.quantile(0.5), 2);
    expect(sketch.quantile(0)).toBe(values[0]);
    expect(sketch.quantile(1)).toBe(values.at(-1));
  });
});
