import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePrecision, averagePrecisionOf } from './average-precision.js';
import { goldenMetrics } from '../golden-metrics.fixture.js';
import { scoresAndLabels } from './arbitrary-scores.fixture.js';
import { rankScores } from './rank-scores.js';
import { countsOf } from './threshold-counts.js';

const goldenFile = new URL('../../../../../../shared/golden/metrics_expected.json', import.meta.url);

describe('averagePrecision', () => {
  it.each(goldenMetrics)('equals scikit-learn 1.9.1 on $name, weighted and not', ({ score, label, weight, expected }) => {
    expect(Math.abs(averagePrecision(score, label)! - expected.average_precision)).toBeLessThan(1e-12);
    const weighted = averagePrecisionOf(countsOf(rankScores('test', score), label, weight));
    expect(Math.abs(weighted! - expected.weighted_average_precision)).toBeLessThan(1e-12);
  });

  it('equals scikit-learn 1.2.1 average_precision_score', () => {
    expect(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(0.8333333333333333, 15);
    // All tied: one threshold, at which precision is the share of frauds.
    expect(averagePrecision([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 0])).toBe(0.25);
  });

  it('is 1 for a perfect order', () => {
    expect(averagePrecision([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])).toBe(1);
  });

  it('does not depend on the order of rows', () =>
    fc.assert(
      fc.property(scoresAndLabels, ({ scores, labels }) => {
        expect(averagePrecision(scores.toReversed(), labels.toReversed())).toBe(averagePrecision(scores, labels));
      }),
    ));

  it('is undefined with one class', () => {
    expect(averagePrecision([0.1, 0.2], [0, 0])).toBeNull();
    expect(averagePrecision([0.1, 0.2], [1, 1])).toBeNull();
  });

  it('refuses what rocAuc refuses', () => {
    expect(() => averagePrecision([0.1, Number.NaN], [0, 1])).toThrow('averagePrecision: scores[1] is NaN');
  });
});

describe.skipIf(!existsSync(goldenFile))('averagePrecision on the golden rows', () => {
  it('equals scikit-learn 1.2.1 to 1e-12', () => {
    const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as {
      y: number[];
      score: number[];
      expected: { average_precision: number };
    };
    expect(Math.abs(averagePrecision(golden.score, golden.y)! - golden.expected.average_precision)).toBeLessThan(1e-12);
  });
});
