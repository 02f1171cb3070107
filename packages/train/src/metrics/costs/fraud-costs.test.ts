import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type FraudCosts, elkanThreshold, expectedSavings } from './fraud-costs.js';

const costs: FraudCosts = { reviewCost: 20, insultCost: 5, chargebackFee: 15, lossShare: 0.8, reviewRecall: 0.9 };

describe('expectedSavings', () => {
  it('is what a caught fraud saves less what reviews and insults cost', () => {
    // 0.3 * 0.9 * (0.8 * 100 + 15) - 20 - 0.7 * 5
    expect(expectedSavings(0.3, 100, costs)).toBeCloseTo(2.15, 12);
    expect(expectedSavings(0, 100, costs)).toBe(-25);
  });

  it('is 0 at the threshold, and the threshold falls as the amount grows', () =>
    fc.assert(
      fc.property(fc.double({ min: 30, max: 1e6, noNaN: true }), (amount) => {
        const threshold = elkanThreshold(amount, costs)!;
        expect(elkanThreshold(amount * 2, costs)).toBeLessThan(threshold);
        if (threshold <= 1) expect(expectedSavings(threshold, amount, costs)).toBeCloseTo(0, 9);
      }),
    ));

  it("equals Elkan's formula (C10 - C00) / (C10 - C00 + C01 - C11)", () => {
    const simple = { reviewCost: 20, insultCost: 5 };
    expect(elkanThreshold(500, simple)).toBe(25 / (25 + 500 - 20));
  });

  it('has no probability that is enough for a small amount', () => {
    expect(elkanThreshold(10, { reviewCost: 20 })).toBe(2);
    expect(elkanThreshold(0, { reviewCost: 20 })).toBeNull();
  });

  it.each<[object, string]>([
    [{}, 'expectedSavings: costs.reviewCost: undefined'],
    [{ reviewCost: -1 }, 'costs.reviewCost: -1'],
    [{ reviewCost: 1, lossShare: 0 }, 'costs.lossShare and costs.chargebackFee are 0'],
    [{ reviewCost: 1, reviewRecall: 0 }, 'costs.reviewRecall: 0'],
  ])('refuses %j', (bad, message) => {
    expect(() => expectedSavings(0.1, 10, bad as FraudCosts)).toThrow(message);
  });

  it('refuses a score that is no probability', () => {
    expect(() => expectedSavings(1.2, 10, costs)).toThrow('expectedSavings: probability: 1.2');
  });
});
