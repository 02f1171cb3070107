import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../explanation.js';
import { reasonCodes } from './reason-codes.js';
import { type ReasonRulesParts, reasonRules } from './reason-rules.js';

const FEATURES = ['AMOUNT', 'COUNT_1D', 'COUNT_7D', 'DEVICE_AGE', 'NIGHT'];

const PARTS: ReasonRulesParts = {
  groups: [
    { id: 'amount', features: ['AMOUNT'], code: 'AMT_01', template: 'Amount of {value}', customer: true },
    {
      id: 'velocity',
      features: ['COUNT_1D', 'COUNT_7D'],
      code: 'VEL_01',
      template: '{value} payments in a day, {COUNT_7D} in a week',
      customer: true,
    },
    {
      id: 'device',
      features: ['DEVICE_AGE'],
      code: 'DEV_01',
      template: 'Device known for {value} days',
      missing: { code: 'DEV_00', template: 'Device unknown' },
      low: { code: 'DEV_02', template: 'Device first seen {value} days ago', below: 2 },
    },
  ],
};
const RULES = reasonRules(PARTS, FEATURES);

const explanationOf = (...contributions: number[]): Explanation => ({
  method: 'tree_path_dependent',
  space: 'log_odds',
  base: -3,
  contributions: Float64Array.from(contributions),
  margin: contributions.reduce((sum, value) => sum + value, -3),
  score: 0.5,
});
const codes = (reasons: readonly { readonly code: string }[]): string[] => reasons.map(({ code }) => code);

describe('reasonCodes', () => {
  it('adds up groups, ranks what pushes towards fraud, and fills in values', () => {
    const { analyst, customer, needsReview } = reasonCodes(explanationOf(0.5, 1, -0.25, 2, 0.25), [1234.5, 12, 30, 3, 0], RULES);
    expect(analyst).toEqual([
      { code: 'DEV_01', text: 'Device known for 3 days', group: 'device', state: 'value', contribution: 2, share: 2 / 3.5 },
      {
        code: 'VEL_01',
        text: '12 payments in a day, 30 in a week',
        group: 'velocity',
        state: 'value',
        contribution: 0.75,
        share: 0.75 / 3.5,
      },
      { code: 'AMT_01', text: 'Amount of 1,234.5', group: 'amount', state: 'value', contribution: 0.5, share: 0.5 / 3.5 },
    ]);
    expect(customer).toEqual([
      { code: 'VEL_01', text: '12 payments in a day, 30 in a week' },
      { code: 'AMT_01', text: 'Amount of 1,234.5' },
    ]);
    expect(needsReview).toBe(false);
  });

  it('never gives what pushes away from fraud, however strongly', () =>
    expect(codes(reasonCodes(explanationOf(0.5, -9, 1, 0, 0), [1, 1, 1, 9, 1], RULES).analyst)).toEqual(['AMT_01']));

  it('has words of its own for missing and for low values', () => {
    const device = (age: number) => reasonCodes(explanationOf(0, 0, 0, 1, 0), [1, 1, 1, age, 1], RULES).analyst[0];
    expect(device(Number.NaN)).toMatchObject({ code: 'DEV_00', text: 'Device unknown', state: 'missing' });
    expect(device(1.5)).toMatchObject({ code: 'DEV_02', text: 'Device first seen 1.5 days ago', state: 'low' });
    expect(device(2)).toMatchObject({ code: 'DEV_01', state: 'value' });
  });

  it('writes values that are no finite numbers as words', () =>
    expect(
      reasonCodes(explanationOf(0, 1, 0, 0, 0), [1, Number.NaN, Number.POSITIVE_INFINITY, 9, 1], RULES).customer[0]!.text,
    ).toBe('missing payments in a day, infinite in a week'));

  it('writes values for people, by the format of the feature', () => {
    const text = (formats: ReasonRulesParts['formats'], row: readonly number[]) =>
      reasonCodes(explanationOf(0, 1, 0, 0, 0), Float32Array.from(row), reasonRules({ ...PARTS, formats }, FEATURES)).customer[0]!
        .text;
    expect(text(undefined, [1, 0.1, 10 / 3, 1, 1])).toBe('0.1 payments in a day, 3.333 in a week');
    expect(text({ COUNT_1D: { decimals: 2 }, COUNT_7D: { decimals: 1, factor: 100 } }, [1, 1234.5, 0.123, 1, 1])).toBe(
      '1,234.50 payments in a day, 12.3 in a week',
    );
    expect(text({ COUNT_1D: { decimals: 2 } }, [1, 219.95, 4, 1, 1])).toBe('219.95 payments in a day, 4 in a week');
    expect(text({ COUNT_1D: { decimals: 2 } }, [1, Number.NEGATIVE_INFINITY, 4, 1, 1])).toBe(
      'infinite payments in a day, 4 in a week',
    );
  });

  it('drops groups below the floors, of which features without a group count for the share', () => {
    const explanation = explanationOf(1, 0.04, 0, 0.5, 9);
    const row = [1, 1, 1, 9, 1];
    expect(codes(reasonCodes(explanation, row, RULES).analyst)).toEqual(['AMT_01']);
    const open = reasonRules({ ...PARTS, minShare: 0 }, FEATURES);
    expect(codes(reasonCodes(explanation, row, open).analyst)).toEqual(['AMT_01', 'DEV_01', 'VEL_01']);
    const absolute = reasonRules({ ...PARTS, minShare: 0, minContribution: 0.5 }, FEATURES);
    expect(codes(reasonCodes(explanation, row, absolute).analyst)).toEqual(['AMT_01', 'DEV_01']);
  });

  it('falls back on general words when nothing is left, and asks for a review', () => {
    const none = reasonCodes(explanationOf(-1, 0, 0, 0, 2), [1, 1, 1, 9, 1], RULES);
    expect(none).toEqual({
      analyst: [
        { code: 'COMBINATION', text: 'A combination of factors', group: undefined, state: 'value', contribution: 2, share: 1 },
      ],
      customer: [{ code: 'COMBINATION', text: 'A combination of factors' }],
      needsReview: true,
    });
    const secretOnly = reasonCodes(explanationOf(0, 0, 0, 2, 0), [1, 1, 1, 9, 1], RULES);
    expect([codes(secretOnly.analyst), codes(secretOnly.customer), secretOnly.needsReview]).toEqual([
      ['DEV_01'],
      ['COMBINATION'],
      true,
    ]);
    expect(reasonCodes(explanationOf(0, 0, 0, 0, 0), [1, 1, 1, 9, 1], RULES).analyst[0]).toMatchObject({ share: 0 });
  });

  it('breaks ties by the id of the group, and cuts each list by itself', () => {
    const rules = reasonRules({ ...PARTS, groups: PARTS.groups.toReversed(), maxReasons: 2 }, FEATURES);
    const { analyst, customer } = reasonCodes(explanationOf(1, 1, 0, 1, 0), [1, 1, 1, 9, 1], rules);
    expect(codes(analyst)).toEqual(['AMT_01', 'DEV_01']);
    expect(codes(customer)).toEqual(['AMT_01', 'VEL_01']);
  });

  it('gives the same reasons whatever the order of groups, with shares of at most 1 together', () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.shuffledSubarray([...PARTS.groups], { minLength: 3 }),
        (contributions, groups) => {
          const explanation = explanationOf(...contributions);
          const row = [1, 2, 3, 4, 5];
          const reasons = reasonCodes(explanation, row, RULES);
          const again = reasonCodes(explanation, row, reasonRules({ ...PARTS, groups }, FEATURES));
          expect(codes(again.analyst)).toEqual(codes(reasons.analyst));
          expect(again.customer).toEqual(reasons.customer);
          expect(reasons.analyst.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-12);
        },
      ),
    ));

  it.each([
    ['row', explanationOf(0, 0, 0, 0, 0), [1]],
    ['explanation', explanationOf(0), [1, 2, 3, 4, 5]],
  ])('refuses a %s of another length', (what, explanation, row) =>
    expect(() => reasonCodes(explanation, row, RULES)).toThrow(`reasonCodes: ${what} has 1 values, the rules are for 5 features`),
  );
});
