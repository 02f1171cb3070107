import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { recallAtFpr } from './recall-at-fpr.js';

describe('recallAtFpr', () => {
  it.each(goldenMetrics)(
    'is the best point of scikit-learn 1.9.1 roc_curve within the rate, on $name',
    ({ score, label, expected }) => {
      for (const rate of [0, 0.01, 0.05, 0.3, 1]) {
        const within = expected.tpr.filter((_, i) => expected.fpr[i]! <= rate);
        expect(recallAtFpr(score, label, rate)).toBeCloseTo(Math.max(...within), 12);
      }
    },
  );

  it('is 0 when the highest score is shared with too many genuine rows', () => {
    expect(recallAtFpr([0.9, 0.9, 0.1], [1, 0, 0], 0.1)).toBe(0);
  });

  it('allows the whole number of genuine rows that the rate means, whatever the last bits of the product', () => {
    // 0.29 * 100 is 28.999999999999996; the only fraud comes after 29 genuine rows.
    const scores = Array.from({ length: 101 }, (_, i) => 1 - i / 200);
    const labels = scores.map((_, i) => Number(i === 29));
    expect(recallAtFpr(scores, labels, 0.29)).toBe(1);
    expect(recallAtFpr(scores, labels, 0.28)).toBe(0);
  });

  it('is undefined with one class, and refuses a rate outside 0 to 1', () => {
    expect(recallAtFpr([0.9, 0.1], [0, 0], 0.1)).toBeNull();
    expect(() => recallAtFpr([0.9, 0.1], [0, 1], 1.1)).toThrow(
      'recallAtFpr: falsePositiveRate: 1.1, expected a number from 0 to 1',
    );
  });
});
