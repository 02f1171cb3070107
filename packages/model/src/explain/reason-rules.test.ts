import { describe, expect, it } from 'vitest';
import { ModelError } from '../model-error.js';
import { reasonRules } from './reason-rules.js';

const FEATURES = ['AMOUNT', 'COUNT', 'RISK'];
const AMOUNT = { id: 'amount', features: ['AMOUNT'], code: 'AMT', template: 'Amount of {value}, {COUNT} payments' };
const COUNT = {
  id: 'count',
  features: ['COUNT', 'RISK'],
  code: 'CNT',
  template: 'Many',
  low: { code: 'LOW', template: 'Few', below: 1 },
};

const errorOf = (work: () => unknown): ModelError => {
  try {
    work();
  } catch (error) {
    if (error instanceof ModelError) return error;
  }
  throw new Error('no ModelError was thrown');
};

describe('reasonRules', () => {
  it('fill in defaults and resolve names', () => {
    const rules = reasonRules({ groups: [COUNT, AMOUNT] }, FEATURES);
    expect(rules).toMatchObject({ maxReasons: 4, minShare: 0.05, minContribution: 0, fallback: { code: 'COMBINATION' } });
    expect([...rules.groupOf]).toEqual([1, 0, 0]);
  });

  it('go to JSON and back', () => {
    const rules = reasonRules(
      { groups: [COUNT, { ...AMOUNT, customer: true }], formats: { AMOUNT: { decimals: 2 } }, maxReasons: 3, minShare: 0.1 },
      FEATURES,
    );
    const text = JSON.stringify(rules.toJson());
    const again = reasonRules(JSON.parse(text), FEATURES);
    expect(JSON.stringify(again.toJson())).toBe(text);
    expect({ ...again, toJson: 0 }).toEqual({ ...rules, toJson: 0 });
  });

  it('keep no hold on the parts', () => {
    const parts = { groups: [{ ...AMOUNT, features: ['AMOUNT'] }] };
    const rules = reasonRules(parts, FEATURES);
    parts.groups[0]!.features[0] = 'RISK';
    (rules.toJson() as unknown as typeof parts).groups[0]!.features[0] = 'RISK';
    expect(rules.groups[0]!.features).toEqual(['AMOUNT']);
  });

  it.each([
    [
      'a feature that the model lacks',
      [{ ...AMOUNT, features: ['AMUONT'] }],
      'group amount names AMUONT, which is no feature of the model',
    ],
    ['a placeholder that the model lacks', [{ ...AMOUNT, template: '{NAME}' }], 'group amount names NAME'],
    ['such a placeholder for missing values', [{ ...AMOUNT, missing: { code: 'A', template: '{B}' } }], 'group amount names B'],
  ])('refuse %s', (_, groups, message) => {
    const error = errorOf(() => reasonRules({ groups }, FEATURES));
    expect(error.code).toBe('FEATURE_MISMATCH');
    expect(error.message).toContain(message);
  });

  it('refuse a format of a feature that the model lacks', () => {
    const error = errorOf(() => reasonRules({ groups: [AMOUNT], formats: { AMUONT: { decimals: 2 } } }, FEATURES));
    expect(error.code).toBe('FEATURE_MISMATCH');
    expect(error.message).toContain('formats names AMUONT');
  });

  it.each([
    ['no groups', { groups: [] }, 'reasonRules: groups'],
    ['a group without features', { groups: [{ ...AMOUNT, features: [] }] }, 'reasonRules: groups.0.features'],
    ['unknown fields', { groups: [AMOUNT], floor: 1 }, 'reasonRules: the rules'],
    ['too many reasons', { groups: [AMOUNT], maxReasons: 21 }, 'reasonRules: maxReasons'],
    ['another version', { formatVersion: 2, groups: [AMOUNT] }, 'reasonRules: formatVersion'],
    ['an id that comes twice', { groups: [AMOUNT, { ...COUNT, id: 'amount' }] }, 'the id amount comes twice'],
    ['a feature in two groups', { groups: [AMOUNT, { ...COUNT, features: ['AMOUNT'] }] }, 'AMOUNT is in amount and in count'],
    ['a feature twice in a group', { groups: [{ ...COUNT, features: ['RISK', 'RISK'] }] }, 'RISK is in count and in count'],
    ['a fallback about a feature', { groups: [AMOUNT], fallback: { code: 'X', template: '{AMOUNT}' } }, 'fallback.template'],
    ['decimals that nobody reads', { groups: [AMOUNT], formats: { AMOUNT: { decimals: 7 } } }, 'formats.AMOUNT.decimals'],
    ['a factor of 0', { groups: [AMOUNT], formats: { AMOUNT: { decimals: 1, factor: 0 } } }, 'formats.AMOUNT.factor'],
    ['what is no object', 7, 'reasonRules: the rules'],
  ])('refuse %s', (_, parts, message) => {
    const error = errorOf(() => reasonRules(parts, FEATURES));
    expect(error.code).toBe('INVALID_RULES');
    expect(error.message).toContain(message);
  });
});
