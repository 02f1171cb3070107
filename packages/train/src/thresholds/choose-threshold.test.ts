import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FraudCosts,
  completeCosts,
  declineSavings,
  expectedSavings,
  reviewSavings,
  reviewWorth,
} from '../metrics/costs/fraud-costs.js';
import { totalCost } from '../metrics/costs/total-cost.js';
import { type AlertDecision, type AlertPolicy, alertPolicyFromJson, decide } from './alert-policy.js';
import { chooseAlerts } from './choose-alerts.js';
import { type ThresholdOptions, chooseThreshold } from './choose-threshold.js';
import { decisionCost, evaluatePolicy } from './evaluate-policy.js';
import { policyRows } from './policy-rows.fixture.js';

const costs = { reviewCost: 800, insultCost: 100, chargebackFee: 1_500 };
const few = { resamples: 50 };

function reviewsByDay(decisions: readonly string[], times: readonly number[]): number[] {
  return [...new Set(times)].map((time) => decisions.filter((decision, i) => times[i] === time && decision === 'review').length);
}

describe('chooseThreshold by costs', () => {
  it('reviews what is expected to save anything', () => {
    const rows = policyRows(1);
    const { policy, validation } = chooseThreshold(rows, { costs, ...few });
    expect(policy).toMatchObject({ minimumSavings: 0, onlineMinimumSavings: 0, reviewsPerDay: null });
    const decisions = rows.scores.map((score, i) => decide(policy, score, rows.amounts[i]));
    expect(decisions).toEqual(
      rows.scores.map((score, i) => (expectedSavings(score, rows.amounts[i]!, costs) > 0 ? 'review' : 'approve')),
    );
    const alerts = decisions.map((decision) => Number(decision === 'review'));
    expect(validation.cost).toBeCloseTo(totalCost(alerts, rows.labels, rows.amounts, costs), 6);
    expect(validation.savings!).toBeGreaterThan(0);
  });

  it('by the realised rule finds the cut that would have saved most', () =>
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rows = policyRows(seed, 120, 4);
        const { policy, validation } = chooseThreshold(rows, { costs, rule: 'realised', ...few });
        const worth = rows.scores.map((score, i) => expectedSavings(score, rows.amounts[i]!, costs));
        const costFrom = (least: number) =>
          totalCost(
            worth.map((each) => Number(each > 0 && each >= least)),
            rows.labels,
            rows.amounts,
            costs,
          );
        const least = Math.min(...[...worth, Number.POSITIVE_INFINITY].map(costFrom));
        expect(validation.cost).toBeCloseTo(least, 6);
        if (policy.minimumSavings === null) expect(validation.reviews).toBe(0);
      }),
      { numRuns: 40 },
    ));

  it('reviews nothing when no alert was worth it', () => {
    const rows = { ...policyRows(2), labels: policyRows(2).labels.map(() => 0) };
    const { policy, validation } = chooseThreshold(rows, { costs, rule: 'realised', ...few });
    expect(policy).toMatchObject({ minimumSavings: null, onlineMinimumSavings: null, reviewThreshold: 2 });
    expect(validation).toMatchObject({ reviews: 0, quietDays: 10, savedPerDay: 0, precision: null });
  });

  it('declines unseen where that is cheaper than a review', () => {
    const rows = policyRows(3);
    const { policy, validation } = chooseThreshold(rows, { costs: { ...costs, declineCost: 3_000 }, ...few });
    expect(validation.declines).toBeGreaterThan(0);
    expect(validation.reviews).toBeGreaterThan(0);
    expect(policy.declineThreshold).toBeLessThanOrEqual(1);
    expect(policy.reviewThreshold).toBeLessThanOrEqual(policy.declineThreshold);
    // More ways to act save more.
    const without = chooseThreshold(rows, { costs, ...few });
    expect(validation.cost!).toBeLessThan(without.validation.cost!);
  });
});

describe('chooseThreshold under capacity', () => {
  it('keeps the k largest expected savings of a day, only positive ones, and nothing on a quiet day', () => {
    const rows = policyRows(4);
    // Nothing is worth a review on the first day.
    rows.amounts.forEach((_, i) => {
      if (rows.times[i] === 0) rows.amounts[i] = 1;
    });
    const feeless = { reviewCost: 800 };
    const { policy } = chooseThreshold(rows, { costs: feeless, reviewsPerDay: 5, ...few });
    const decisions = chooseAlerts(policy, rows);
    const perDay = reviewsByDay(decisions, rows.times);
    expect(Math.max(...perDay)).toBe(5);
    expect(perDay[[...new Set(rows.times)].indexOf(0)]).toBe(0);
    const savingsOf = (i: number) => expectedSavings(rows.scores[i]!, rows.amounts[i]!, feeless);
    decisions.forEach((decision, i) => {
      if (decision !== 'review') return;
      expect(savingsOf(i)).toBeGreaterThan(0);
      const better = decisions.filter((_, j) => rows.times[j] === rows.times[i] && savingsOf(j) > savingsOf(i));
      expect(better.length).toBeLessThan(5);
    });
  });

  it('saves what the bound of each day allows, not what its average does', () => {
    // Two candidates on the first day, four on the second: with two a day all four places are worth filling.
    const rows = {
      scores: [0.5, 0.4, 0.9, 0.8, 0.7, 0.6],
      labels: [1, 1, 1, 1, 1, 1],
      times: [0, 0, 1, 1, 1, 1].map((day) => day * 86_400_000),
      amounts: [100, 100, 100, 100, 100, 100],
    };
    const { policy, validation } = chooseThreshold(rows, { costs: { reviewCost: 10 }, reviewsPerDay: 2, ...few });
    expect(policy.minimumSavings).toBe(0);
    expect(validation).toMatchObject({ reviews: 4, savedPerDay: 180 });
    // One by one at most four may pass on the two days, which are the four of the second: halfway between savings of 50 and 40.
    expect(policy.onlineMinimumSavings).toBeCloseTo(45, 9);
    expect(rows.scores.map((score) => decide(policy, score, 100))).toEqual([
      'approve',
      'approve',
      'review',
      'review',
      'review',
      'review',
    ]);
  });

  it.each(['expected', 'realised'] as const)('by the %s rule equals brute force over cuts', (rule) =>
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), fc.boolean(), (seed, reviewsPerDay, declines) => {
        const rows = policyRows(seed, 60, 4);
        const given: FraudCosts = declines ? { ...costs, declineCost: 3_000 } : costs;
        const priced = completeCosts('test', given);
        const { policy, validation } = chooseThreshold(rows, { costs: given, reviewsPerDay, rule, ...few });
        const worths = rows.scores.map((score, i) => reviewWorth(priced, score, rows.amounts[i]!));
        // By the expected rule the money is what the scores promise, by the realised one what came of it.
        const costOf = (decision: AlertDecision, i: number) => {
          if (rule === 'realised') return decisionCost(priced, decision, rows.labels[i] === 1, rows.amounts[i]!);
          if (decision === 'approve') return 0;
          return -(decision === 'review' ? reviewSavings : declineSavings)(priced, rows.scores[i]!, rows.amounts[i]!);
        };
        const total = (chosen: AlertPolicy) =>
          chooseAlerts(chosen, rows).reduce((sum, decision, i) => sum + costOf(decision, i), 0);
        const cuts = [null, 0, ...worths.filter((worth) => worth > 0)];
        const least = Math.min(...cuts.map((minimumSavings) => total({ ...policy, minimumSavings })));
        expect(total(policy)).toBeCloseTo(least, 5);
        expect(validation.reviews).toBeLessThanOrEqual(4 * reviewsPerDay);
      }),
      { numRuns: 40 },
    ),
  );

  it('tells two scores apart that are neighbours among numbers', () => {
    const rows = { scores: [0.5 + 2 ** -52, 0.5 + 2 ** -53], labels: [1, 0], times: [0, 0], amounts: [1, 1] };
    const { policy, validation } = chooseThreshold(rows, { costs: { reviewCost: 0 }, rule: 'realised', ...few });
    expect(validation).toMatchObject({ reviews: 1, precision: 1 });
    expect(policy.minimumSavings).toBe(0.5 + 2 ** -53);
  });

  it('cuts where the days have k candidates on average, for transactions one by one', () => {
    const rows = policyRows(5);
    const { policy } = chooseThreshold(rows, { costs, reviewsPerDay: 4, ...few });
    const candidates = rows.scores.filter((score, i) => decide(policy, score, rows.amounts[i]) === 'review').length;
    expect(candidates).toBeLessThanOrEqual(40);
    expect(candidates).toBeGreaterThan(36);
  });

  it('takes the highest scores where there are no costs, from the minimum on', () => {
    const rows = policyRows(6);
    const { policy, validation } = chooseThreshold(rows, { reviewsPerDay: 3, ...few });
    const atOrAbove = rows.scores.filter((score) => score >= policy.reviewThreshold).length;
    expect(atOrAbove).toBeLessThanOrEqual(30);
    expect(atOrAbove).toBeGreaterThan(27);
    expect(validation).toMatchObject({ cost: null, savings: null });
    const strict = chooseThreshold(rows, { reviewsPerDay: 3, minimumScore: 0.95, ...few });
    expect(strict.policy.reviewThreshold).toBeGreaterThanOrEqual(0.95);
    expect(strict.validation.reviews).toBeLessThan(validation.reviews);
  });

  it('does not give up when more rows than the capacity tie at the top', () => {
    const rows = { scores: [0.9, 0.9, 0.9, 0.1], labels: [1, 0, 1, 0], times: [0, 0, 0, 0] };
    const { policy, validation } = chooseThreshold(rows, { reviewsPerDay: 1, ...few });
    expect(policy.reviewThreshold).toBe(0.9);
    expect(validation.reviews).toBe(1);
  });
});

describe('chooseThreshold', () => {
  it('gives plain data that the reader of policies takes, and the same again', () => {
    const choice = chooseThreshold(policyRows(7), { costs, reviewsPerDay: 5, seed: 3, ...few });
    expect(alertPolicyFromJson(JSON.parse(JSON.stringify({ ...choice.policy, validation: choice.validation })))).toEqual({
      ...choice.policy,
      validation: choice.validation,
    });
    expect(chooseThreshold(policyRows(7), { costs, reviewsPerDay: 5, seed: 3, ...few })).toEqual(choice);
  });

  it('tells how sure the cut and the savings are', () => {
    const { policy, validation, cutInterval, onlineCutInterval, savedPerDayInterval } = chooseThreshold(policyRows(8), {
      costs,
      reviewsPerDay: 5,
      resamples: 400,
    });
    expect(cutInterval).toMatchObject({ low: 0, high: 0 });
    expect(onlineCutInterval!.low!).toBeLessThanOrEqual(policy.onlineMinimumSavings!);
    expect(onlineCutInterval!.high!).toBeGreaterThanOrEqual(policy.onlineMinimumSavings!);
    expect(onlineCutInterval!.low!).toBeLessThan(onlineCutInterval!.high!);
    expect(savedPerDayInterval!.low!).toBeLessThan(validation.savedPerDay!);
    expect(savedPerDayInterval!.high!).toBeGreaterThan(validation.savedPerDay!);
  });

  it('has no interval for one day', () => {
    const { cutInterval } = chooseThreshold(policyRows(9, 100, 1), { costs });
    expect(cutInterval).toEqual({ low: null, high: null, level: 0.95, resamples: 0 });
  });

  it('decides rows without amounts about as often', () => {
    const rows = policyRows(10);
    const { policy, validation } = chooseThreshold(rows, { costs, ...few });
    const byScore = rows.scores.filter((score) => decide(policy, score) === 'review').length;
    expect(byScore).toBeLessThanOrEqual(validation.reviews);
    expect(byScore).toBeGreaterThan(validation.reviews * 0.8);
  });

  it.each<[object, ThresholdOptions, string]>([
    [{}, {}, 'neither costs nor reviewsPerDay is given'],
    [{}, { reviewsPerDay: 1, rule: 'realised' }, "rule 'realised' needs costs"],
    [{}, { costs, rule: 'best' as 'expected' }, 'rule is "best", expected "expected" or "realised"'],
    [{}, { costs, reviewsPerDay: 0.5 }, 'reviewsPerDay: 0.5'],
    [{ amounts: undefined }, { costs }, 'costs depend on amounts, and none are given'],
    [{ amounts: [1] }, { costs }, '1 amounts for 2 rows'],
    [{ scores: [3, 0] }, { costs }, 'probabilities[0] is 3, expected a probability'],
    [{ times: [0] }, { costs }, '1 times for 2 rows'],
    [{ labels: [0, 255] }, { costs }, 'labels[1] is 255'],
    [{ scores: [], labels: [] }, { costs }, 'no rows'],
  ])('refuses %j with %j', (change, options, message) => {
    const rows = { scores: [0.1, 0.2], labels: [0, 1], times: [0, 1], amounts: [1, 2], ...change };
    expect(() => chooseThreshold(rows, options)).toThrow(message);
  });
});

describe('evaluatePolicy', () => {
  it('adds up what decisions came to', () => {
    const { policy } = chooseThreshold(policyRows(11), { costs, reviewsPerDay: 5, ...few });
    const rows = policyRows(12);
    const outcome = evaluatePolicy(policy, rows);
    expect(outcome).toMatchObject({ rows: 600, days: 10, frauds: rows.labels.filter((label) => label === 1).length });
    expect(outcome.reviewsPerDay).toBeLessThanOrEqual(5);
    expect(outcome.savedPerDay! * 10).toBeCloseTo(outcome.costOfNone! - outcome.cost!, 6);
  });

  it('refuses rows without what the policy needs', () => {
    const { policy } = chooseThreshold(policyRows(11), { costs, reviewsPerDay: 5, ...few });
    expect(() => chooseAlerts(policy, { scores: [0.5] })).toThrow('the policy depends on amounts, and none are given');
    expect(() => chooseAlerts(policy, { scores: [0.5], amounts: [1] })).toThrow('no times are given');
    expect(() => chooseAlerts(policy, { scores: [] })).toThrow('chooseAlerts: no rows');
    const { amounts: _, ...withoutAmounts } = policyRows(12);
    expect(() => evaluatePolicy(policy, withoutAmounts)).toThrow('evaluatePolicy: the policy depends on amounts');
  });
});
