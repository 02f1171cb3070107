import { describe, expect, it } from 'vitest';
import { goldenMetrics, largestGap } from '../golden-metrics.fixture.js';

import { precisionRecallCurve } from './precision-recall-curve.js';

describe('precisionRecallCurve', () => {
  it.each(goldenMetrics)('equals scikit-learn 1.9.1 precision_recall_curve on $name', ({ score, label, expected }) => {
    const curve = precisionRecallCurve(score, label)!;
    expect(largestGap(curve.precision, expected.pr_precision)).toBeLessThan(1e-12);
    expect(largestGap(curve.recall, expected.pr_recall)).toBeLessThan(1e-12);
    expect([...curve.thresholds]).toEqual(expected.pr_thresholds);
  });

  it('is undefined without frauds', () => expect(precisionRecallCurve([0.1, 0.2], [0, 0])).toBeNull());
});
