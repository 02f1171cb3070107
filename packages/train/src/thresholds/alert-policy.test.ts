import { showValue } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeCosts, declineSavings, missCost, reviewSavings } from '../metrics/costs/fraud-costs.js';
import { type AlertPolicy, alertPolicyFromJson, decide } from './alert-policy.js';

const policy: AlertPolicy = {
  format: 'fraudops.alert-policy',
  formatVersion: 1,
  reviewThreshold: 0.3,
  declineThreshold: 0.8,
  minimumScore: 0.01,
  minimumSavings: 5,
  onlineMinimumSavings: 5,
  costs: completeCosts('test', { reviewCost: 10, insultCost: 2 }),
  reviewsPerDay: null,
};

describe('decide', () => {
  it('reviews what is expected to save more than the minimum, so larger amounts sooner', () => {
    // 0.1 * amount - 10 - 0.9 * 2 > 5
    expect(decide(policy, 0.1, 167)).toBe('approve');
    expect(decide(policy, 0.1, 169)).toBe('review');
    expect(decide(policy, 0.01, 5_000)).toBe('review');
  });

  it('goes by the score where the amount is missing, or there are no costs', () => {
    expect([0.29, 0.3, 0.8].map((score) => decide(policy, score))).toEqual(['approve', 'review', 'decline']);
    expect(decide(policy, 0.3, Number.NaN)).toBe('review');
    expect(decide({ ...policy, costs: null }, 0.29, 1e9)).toBe('approve');
  });

  it('has no alert below the minimum score, and none at all where nothing is worth a review', () => {
    expect(decide(policy, 0.009, 1e9)).toBe('approve');
    expect(decide({ ...policy, onlineMinimumSavings: null }, 0.9, 1e9)).toBe('approve');
  });

  it('goes by the cut for transactions one by one', () => {
    expect(decide({ ...policy, onlineMinimumSavings: 6 }, 0.1, 169)).toBe('approve');
    expect(decide({ ...policy, minimumSavings: 6 }, 0.1, 169)).toBe('review');
  });

  it('takes an amount of null for a missing one, and never for 0', () => {
    // By cost an amount of 0 is approved.
    expect(decide(policy, 0.99, null)).toBe('decline');
    expect(decide(policy, 0.99, 0)).toBe('approve');
  });

  it.each([Number.NaN, null, undefined, '0.9'])('refuses a score of %s', (score) => {
    const refusal = expect.objectContaining({
      code: 'INVALID_SCORE',
      message: expect.stringContaining(`decide: score is ${showValue(score)}`),
    });
    expect(() => decide(policy, score as number, 1_000)).toThrow(refusal);
    expect(() => decide({ ...policy, minimumScore: 0 }, score as number)).toThrow(refusal);
  });

  it('takes the decision of least expected cost', () => {
    const money = fc.double({ min: 0, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({
          reviewCost: money,
          insultCost: money,
          declineCost: money,
          chargebackFee: fc.double({ min: 1, max: 50, noNaN: true }),
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        money,
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (prices, probability, amount, reviewRecall) => {
          const costs = completeCosts('test', { ...prices, reviewRecall });
          const miss = missCost(costs, amount);
          const expectedCost = {
            approve: probability * miss,
            review: probability * miss - reviewSavings(costs, probability, amount),
            decline: probability * miss - declineSavings(costs, probability, amount),
          };
          const chosen = decide({ ...policy, minimumScore: 0, onlineMinimumSavings: 0, costs }, probability, amount);
          expect(expectedCost[chosen]).toBeLessThanOrEqual(Math.min(...Object.values(expectedCost)) + 1e-9 * (1 + miss + 1_000));
          expect(expectedCost.review).toBeCloseTo(
            costs.reviewCost + probability * (1 - reviewRecall) * miss + (1 - probability) * costs.insultCost,
            6,
          );
        },
      ),
    );
  });
});

describe('alertPolicyFromJson', () => {
  it('reads what was written, and keeps members of others', () => {
    const written: unknown = JSON.parse(JSON.stringify({ ...policy, note: 'chosen in May' }));
    expect(alertPolicyFromJson(written)).toEqual({ ...policy, note: 'chosen in May' });
  });

  it.each<[object, string]>([
    [{ minimumSavings: -1 }, 'policy.json: minimumSavings: '],
    [{ onlineMinimumSavings: undefined }, 'policy.json: onlineMinimumSavings: '],
    [
      { costs: { ...policy.costs, lossShare: 0, chargebackFee: 0 } },
      'policy.json: costs.lossShare and costs.chargebackFee are 0, so a missed fraud costs nothing',
    ],
    [{ costs: { reviewCost: 1 } }, 'policy.json: costs.'],
    [{ reviewThreshold: 0.9 }, 'policy.json: reviewThreshold is 0.9, expected at most declineThreshold, which is 0.8'],
    [{ format: 'other' }, 'policy.json: format: '],
    [{ formatVersion: 2 }, 'policy.json: formatVersion: '],
  ])('refuses %j', (change, message) => {
    expect(() => alertPolicyFromJson({ ...policy, ...change }, 'policy.json')).toThrow(message);
  });
});
