import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { alertRateAtRecall, fprAtRecall } from './alert-rate-at-recall.js';

describe('alertRateAtRecall', () => {
  it.each(goldenMetrics)(
    'is the first point of scikit-learn 1.9.1 curves with the recall, on $name',
    ({ score, label, expected }) => {
      for (const recall of [0.1, 0.5, 0.8, 1]) {
        const threshold = expected.pr_thresholds[expected.pr_recall.findIndex((reached) => reached >= recall)]!;
        expect(alertRateAtRecall(score, label, recall)).toBe(score.filter((each) => each >= threshold).length / score.length);
        expect(fprAtRecall(score, label, recall)).toBeCloseTo(
          expected.fpr[expected.tpr.findIndex((rate) => rate >= recall)]!,
          12,
        );
      }
    },
  );

  it('is undefined without frauds, and refuses recall 0', () => {
    expect(alertRateAtRecall([0.9], [0], 0.5)).toBeNull();
    expect(fprAtRecall([0.9], [1], 0.5)).toBeNull();
    expect(() => alertRateAtRecall([0.9], [1], 0)).toThrow('alertRateAtRecall: recall: 0');
  });
});
