import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { valueDetectionRate } from './value-detection-rate.js';
import { valuePrecision } from './value-precision.js';

describe('valueDetectionRate and valuePrecision', () => {
  it.each(goldenMetrics)('equal scikit-learn 1.9.1 recall and precision weighed by amount, on $name', (golden) => {
    const { score, label, amount, threshold, expected } = golden;
    expect(Math.abs(valueDetectionRate(score, label, amount, { threshold })! - expected.value_recall)).toBeLessThan(1e-12);
    expect(Math.abs(valuePrecision(score, label, amount, { threshold })! - expected.value_precision)).toBeLessThan(1e-12);
  });

  it('share the amounts of tied rows out', () => {
    expect(valueDetectionRate([0.5, 0.5, 0.1], [1, 0, 1], [100, 60, 300], { k: 1 })).toBe(50 / 400);
    expect(valuePrecision([0.5, 0.5, 0.1], [1, 0, 1], [100, 60, 300], { k: 1 })).toBe(50 / 80);
  });

  it('are undefined without amounts to divide by', () => {
    expect(valueDetectionRate([0.5, 0.4], [0, 1], [10, 0], { k: 1 })).toBeNull();
    expect(valuePrecision([0.5, 0.4], [0, 1], [0, 10], { k: 1 })).toBeNull();
  });

  it('refuse amounts that are missing or negative', () => {
    expect(() => valueDetectionRate([0.5], [1], [], { k: 1 })).toThrow('valueDetectionRate: 0 amounts for 1 rows');
    expect(() => valuePrecision([0.5], [1], [-1], { k: 1 })).toThrow(
      'valuePrecision: amounts[0] is -1, expected a number from 0 to 1000000000000',
    );
  });
});
