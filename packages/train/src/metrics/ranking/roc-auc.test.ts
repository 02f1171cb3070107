import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rocAuc, rocAucOf } from './roc-auc.js';
import { goldenMetrics } from '../golden-metrics.fixture.js';
import { scoresAndLabels } from './arbitrary-scores.fixture.js';
import { rankScores } from './rank-scores.js';
import { countsOf } from './threshold-counts.js';

const goldenFile = new URL('../../../../../../shared/golden/metrics_expected.json', import.meta.url);

describe('rocAuc', () => {
  it.each(goldenMetrics)('equals scikit-learn 1.9.1 on $name, weighted and not', ({ score, label, weight, expected }) => {
    expect(Math.abs(rocAuc(score, label)! - expected.roc_auc)).toBeLessThan(1e-12);
    const weighted = rocAucOf(countsOf(rankScores('test', score), label, weight));
    expect(Math.abs(weighted! - expected.weighted_roc_auc)).toBeLessThan(1e-12);
  });

  it('equals scikit-learn 1.2.1 roc_auc_score, ties included', () => {
    expect(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(rocAuc([0.5, 0.5, 0.2, 0.9], [1, 0, 0, 1])).toBe(0.875);
  });

  it('is the share of pairs in the right order, ties half', () =>
    fc.assert(
      fc.property(scoresAndLabels, ({ scores, labels }) => {
        let right = 0;
        let pairs = 0;
        for (let i = 0; i < scores.length; i++) {
          for (let j = 0; j < scores.length; j++) {
            if (labels[i] !== 1 || labels[j] !== 0) continue;
            pairs++;
            right += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          }
        }
        expect(rocAuc(scores, labels)).toBeCloseTo(right / pairs, 12);
      }),
    ));

  it('is undefined with one class', () => {
    expect(rocAuc([0.1, 0.2], [0, 0])).toBeNull();
    expect(rocAuc([0.1, 0.2], [1, 1])).toBeNull();
  });

  it('takes 0 and -0 for one score, and infinite log-odds', () => {
    expect(rocAuc([0, -0], [0, 1])).toBe(0.5);
    expect(rocAuc([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], [0, 1])).toBe(1);
  });

  it.each<[number[], number[], string, string]>([
    [[], [], 'EMPTY', 'rocAuc: no rows'],
    [[0.1], [0, 1], 'LENGTH_MISMATCH', 'rocAuc: 2 labels for 1 rows'],
    [[0.1, 0.2], [0, 255], 'INVALID_LABEL', 'rocAuc: labels[1] is 255, expected 0 or 1'],
    [[0.1, Number.NaN], [0, 1], 'INVALID_SCORE', 'rocAuc: scores[1] is NaN, expected a number'],
  ])('refuses %j %j', (scores, labels, code, message) => {
    expect(() => rocAuc(scores, labels)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

describe.skipIf(!existsSync(goldenFile))('rocAuc on the golden rows', () => {
  it('equals scikit-learn 1.2.1 to 1e-12', () => {
    const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as {
      y: number[];
      score: number[];
      expected: { roc_auc: number };
    };
    expect(Math.abs(rocAuc(golden.score, golden.y)! - golden.expected.roc_auc)).toBeLessThan(1e-12);
  });
});
