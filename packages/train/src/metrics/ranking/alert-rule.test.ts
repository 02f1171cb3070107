import { describe, expect, it } from 'vitest';

import { type AlertRule, alertCut, totalUpTo, wholeRows } from './alert-rule.js';
import { thresholdCounts } from './threshold-counts.js';

const counts = thresholdCounts('test', [0.9, 0.5, 0.5, 0.5, 0.1], [1, 1, 0, 0, 1]);
const fraudsOf = (rule: AlertRule) => totalUpTo(counts.truePositives, alertCut('test', counts, rule));

describe('alertCut', () => {
  it('takes rows at or above a threshold', () => {
    expect([1, 0.9, 0.5, 0.4, 0].map((threshold) => fraudsOf({ threshold }))).toEqual([0, 1, 2, 2, 3]);
  });

  it('takes the highest rows, tied ones with equal chance', () => {
    expect([1, 2, 3, 4, 5, 6].map((k) => fraudsOf({ k }))).toEqual([1, 1 + 1 / 3, 1 + 2 / 3, 2, 3, 3]);
    expect(fraudsOf({ share: 0.2 })).toBe(1);
    expect(fraudsOf({ share: 0.21 })).toBe(1 + 1 / 3);
  });

  it.each<[object, string]>([
    [{ k: 0 }, 'test: alerts by k 0, expected one of'],
    [{ k: 1.5 }, 'k 1.5'],
    [{ share: 1.1 }, 'share 1.1'],
    [{ threshold: Number.NaN }, 'threshold NaN'],
    [{}, 'alerts by nothing'],
    [{ k: 1, share: 0.1 }, 'k 1, share 0.1'],
  ])('refuses %j', (rule, message) => {
    expect(() => alertCut('test', counts, rule as AlertRule)).toThrow(message);
  });
});

describe('wholeRows', () => {
  it('rounds up, but not for the last bits of a product', () => {
    expect(wholeRows(0.01, 1000)).toBe(10);
    expect(wholeRows(0.07, 100)).toBe(7); // 7.000000000000001
    expect(wholeRows(0.01, 1001)).toBe(11);
    expect(wholeRows(0.001, 10)).toBe(1);
  });
});
