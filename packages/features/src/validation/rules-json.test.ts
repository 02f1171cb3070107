import { Table, numberColumn } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import * as expectations from './expectations.js';
import * as builders from './rule-builders.js';
import { rulesFromJson, rulesToJson } from './rules-json.js';
import { saveDistribution } from './saved-distribution.js';
import type { TableRule } from './table-rule.js';

const sample = Table.fromColumns({ A: numberColumn(Array.from({ length: 50 }, (_, i) => i * 1.5)) });
const all: readonly TableRule[] = [
  builders.inRange('A', { exclusiveMinimum: 0, maximum: 9 }),
  builders.multipleOf('A', 0.01),
  builders.oneOf('C', ['x', 'y'], { severity: 'warning' }),
  builders.oneOf('A', [1, 2]),
  builders.matches('C', /^\p{L}+$/u),
  builders.textLength('C', { maximum: 64 }),
  builders.present('A'),
  builders.unique(['A', 'C']),
  builders.monotonicTime('T'),
  builders.monotonicTime('T', { per: 'C' }),
  builders.compareFields('T', '<=', 'R'),
  expectations.maxMissingShare('A', 0.01),
  expectations.expectRowCount({ minimum: 10 }),
  expectations.expectMean('A', { minimum: 1, maximum: 2 }),
  expectations.expectStandardDeviation('A', { maximum: 2 }),
  expectations.expectDistinct('C', { maximum: 20 }),
  expectations.expectQuantile('A', 0.99, { maximum: 500 }),
  expectations.expectShare('C', 'x', { minimum: 0.2 }),
  expectations.expectLabelRate('F', { maximum: 0.02 }, { severity: 'warning' }),
  expectations.expectSimilar('A', saveDistribution(sample, 'A'), { maximumPsi: 0.1 }),
];

describe('rulesFromJson', () => {
  it('brings back every kind of rule', () => {
    const json = JSON.parse(JSON.stringify(rulesToJson(all)));
    expect(rulesFromJson(json)).toEqual(all);
    expect(rulesToJson(rulesFromJson(json))).toEqual(json);
  });

  it.each([
    ['an unknown member', { rule: 'present', column: 'A', minimun: 1 }],
    ['an unknown rule', { rule: 'isNice', column: 'A' }],
    ['a rule that means nothing', { rule: 'inRange', column: 'A', minimum: 3, maximum: 2 }],
    ['a pattern that is none', { rule: 'matches', column: 'A', pattern: '(', flags: '' }],
    ['a mixed list', { rule: 'oneOf', column: 'A', values: ['x', 1] }],
    ['a column without a name', { rule: 'present', column: '' }],
    [
      'a distribution of unequal lengths',
      { rule: 'similar', column: 'A', maximumPsi: 1, expected: { shape: 'bins', edges: [1], shares: [1] } },
    ],
  ])('refuses %s', (_, rule) => {
    expect(() => rulesFromJson({ formatVersion: 1, rules: [rule] })).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
  });

  it('refuses other versions and other data', () => {
    for (const json of [null, [], {}, { formatVersion: 2, rules: [] }, { formatVersion: 1, rules: [], more: 1 }])
      expect(() => rulesFromJson(json)).toThrow('save rules with rulesToJson()');
  });

  it('takes a rule without a severity for an error', () => {
    expect(rulesFromJson({ formatVersion: 1, rules: [{ rule: 'present', column: 'A' }] })).toEqual([builders.present('A')]);
  });
});
