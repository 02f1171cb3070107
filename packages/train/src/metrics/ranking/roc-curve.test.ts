import { describe, expect, it } from 'vitest';
import { goldenMetrics, largestGap } from '../golden-metrics.fixture.js';

import { rocCurve } from './roc-curve.js';

describe('rocCurve', () => {
  it.each(goldenMetrics)('equals scikit-learn 1.9.1 roc_curve on $name', ({ score, label, expected }) => {
    const curve = rocCurve(score, label)!;
    expect(largestGap(curve.falsePositiveRate, expected.fpr)).toBeLessThan(1e-12);
    expect(largestGap(curve.truePositiveRate, expected.tpr)).toBeLessThan(1e-12);
    expect(curve.thresholds[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it('is undefined with one class', () => expect(rocCurve([0.1, 0.2], [0, 0])).toBeNull());
});
