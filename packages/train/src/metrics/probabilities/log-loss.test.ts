import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { logLoss } from './log-loss.js';

describe('logLoss', () => {
  it.each(goldenMetrics)('equals scikit-learn 1.9.1 log_loss of clipped probabilities on $name', ({ score, label, expected }) => {
    expect(Math.abs(logLoss(score, label) - expected.log_loss)).toBeLessThan(1e-12);
  });

  it('stays finite for a wrong certainty', () => {
    expect(logLoss([0], [1])).toBeCloseTo(34.54, 2);
    expect(logLoss([1], [0])).toBeCloseTo(34.54, 2);
    expect(logLoss([1, 0], [1, 0])).toBeLessThan(1e-14);
  });
});
