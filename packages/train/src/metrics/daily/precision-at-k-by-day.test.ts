import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scoresAndLabels } from '../ranking/arbitrary-scores.fixture.js';
import { precisionAtK } from '../ranking/precision-at-k.js';
import { dailyPrecisionAtK, precisionAtKByDay } from './precision-at-k-by-day.js';

const DAY_MS = 86_400_000;

describe('precisionAtKByDay', () => {
  it('checks the k highest of each day', () => {
    const days = precisionAtKByDay({
      scores: [0.9, 0.8, 0.1, 0.7, 0.6],
      labels: [1, 0, 1, 0, 1],
      times: [5, 6, 7, 2 * DAY_MS, 2 * DAY_MS + 5],
      k: 2,
    });
    expect(days).toEqual([
      { dayMs: 0, precision: 0.5, ceiling: 1, rows: 3, frauds: 2 },
      { dayMs: 2 * DAY_MS, precision: 0.5, ceiling: 0.5, rows: 2, frauds: 1 },
    ]);
  });

  it('divides by k on days with fewer transactions, and shares ties out', () => {
    expect(dailyPrecisionAtK({ scores: [0.9], labels: [1], times: [0], k: 4 })).toBe(0.25);
    expect(dailyPrecisionAtK({ scores: [0.5, 0.5], labels: [1, 0], times: [0, 0], k: 1 })).toBe(0.5);
  });

  it('is precision at k of each day alone', () =>
    fc.assert(
      fc.property(scoresAndLabels, fc.integer({ min: 1, max: 5 }), ({ scores, labels }, k) => {
        const times = scores.map((_, i) => (i % 3) * DAY_MS);
        precisionAtKByDay({ scores, labels, times, k }).forEach(({ precision, rows }, day) => {
          const ofDay = (values: number[]) => values.filter((_, i) => i % 3 === day);
          const expected = precisionAtK(ofDay(scores), ofDay(labels), k) * Math.min(1, rows / k);
          expect(precision).toBeCloseTo(expected, 12);
        });
      }),
    ));

  it('refuses missing times', () => {
    expect(() => precisionAtKByDay({ scores: [0.9], labels: [1], times: [Number.NaN] })).toThrow(
      'times[0] is NaN, expected epoch milliseconds',
    );
    expect(() => precisionAtKByDay({ scores: [0.9], labels: [1], times: [] })).toThrow('0 times for 1 rows');
  });
});
