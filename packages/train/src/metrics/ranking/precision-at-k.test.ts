import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scoresAndLabels } from './arbitrary-scores.fixture.js';
import { liftAtK } from './lift-at-k.js';
import { precisionAtK } from './precision-at-k.js';
import { recallAtK } from './recall-at-k.js';

describe('precisionAtK, recallAtK, liftAtK', () => {
  it('are the mean over all orders of tied rows', () => {
    // Of the pairs out of three tied rows two hold the fraud.
    expect(precisionAtK([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0], 3)).toBeCloseTo((1 + 2 / 3) / 3, 15);
    expect(recallAtK([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0], 3)).toBeCloseTo((1 + 2 / 3) / 2, 15);
    expect(liftAtK([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0], 1)).toBe(2);
  });

  it('take all rows when there are fewer than k', () => {
    expect(precisionAtK([0.9, 0.5], [1, 0], 10)).toBe(0.5);
    expect(recallAtK([0.9, 0.5], [1, 0], 10)).toBe(1);
    expect(liftAtK([0.9, 0.5], [1, 0], 10)).toBe(1);
  });

  it('have no recall and lift without frauds', () => {
    expect(precisionAtK([0.9, 0.5], [0, 0], 1)).toBe(0);
    expect(recallAtK([0.9, 0.5], [0, 0], 1)).toBeNull();
    expect(liftAtK([0.9, 0.5], [0, 0], 1)).toBeNull();
  });

  it('do not depend on the order of the rows, and agree with each other', () =>
    fc.assert(
      fc.property(scoresAndLabels, fc.integer({ min: 1, max: 50 }), ({ scores, labels }, k) => {
        const precision = precisionAtK(scores, labels, k);
        expect(precisionAtK(scores.toReversed(), labels.toReversed(), k)).toBe(precision);
        const frauds = labels.filter((label) => label === 1).length;
        expect(recallAtK(scores, labels, k)! * frauds).toBeCloseTo(precision * Math.min(k, scores.length), 12);
        expect(liftAtK(scores, labels, k)).toBeCloseTo((precision * scores.length) / frauds, 12);
      }),
    ));

  it('refuse a k that is no whole number of 1 or more', () => {
    for (const metric of [precisionAtK, recallAtK, liftAtK]) expect(() => metric([0.9], [1], 0)).toThrow('alerts by k 0');
  });
});
