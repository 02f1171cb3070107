import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { ksStatistic } from './ks-statistic.js';

describe('ksStatistic', () => {
  it.each(goldenMetrics)('equals scipy 1.17.1 ks_2samp on $name', ({ score, label, expected }) => {
    expect(Math.abs(ksStatistic(score, label)! - expected.ks)).toBeLessThan(1e-12);
  });

  it('is 0 when all scores are equal, 1 when a threshold separates, undefined with one class', () => {
    expect(ksStatistic([0.5, 0.5], [0, 1])).toBe(0);
    expect(ksStatistic([0.5, 0.6], [0, 1])).toBe(1);
    expect(ksStatistic([0.5, 0.6], [1, 1])).toBeNull();
  });
});
