import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { rankScores } from './rank-scores.js';

const anyScore = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, Number.MIN_VALUE, -Number.MIN_VALUE, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.integer({ min: -3, max: 3 }),
);

describe('rankScores', () => {
  it('orders as a stable sort by score does', () =>
    fc.assert(
      fc.property(fc.array(anyScore, { minLength: 1, maxLength: 60 }), (scores) => {
        const { order, thresholds, ends } = rankScores('test', scores);
        const rows = scores.map((_, row) => row);
        expect([...order]).toEqual(rows.toSorted((a, b) => Number(scores[b]! > scores[a]!) - Number(scores[b]! < scores[a]!)));
        expect([...thresholds]).toEqual([...new Set(scores.map((score) => score + 0))].toSorted((a, b) => (a < b ? 1 : -1)));
        expect([...ends]).toEqual([...thresholds].map((threshold) => scores.filter((score) => score >= threshold).length));
      }),
    ));

  it('orders scores that differ in their last digits alone, few or many of them', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 400 }),
        fc.boolean(),
        (steps, isNegative) => {
          const scores = steps.map((step) => (isNegative ? -1 : 1) * (1 + step * Number.EPSILON));
          const rows = scores.map((_, row) => row);
          expect([...rankScores('test', scores).order]).toEqual(rows.toSorted((a, b) => scores[b]! - scores[a]!));
        },
      ),
    ));

  it('refuses no rows and a score that is no number', () => {
    expect(() => rankScores('test', [])).toThrow('test: no rows');
    expect(() => rankScores('test', [1, Number.NaN])).toThrow('test: scores[1] is NaN, expected a number');
  });
});
