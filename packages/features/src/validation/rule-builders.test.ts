import { describe, expect, it } from 'vitest';
import {
  expectDistinct,
  expectMean,
  expectQuantile,
  expectRowCount,
  expectShare,
  expectSimilar,
  maxMissingShare,
} from './expectations.js';
import {
  compareFields,
  inRange,
  matches,
  monotonicTime,
  multipleOf,
  oneOf,
  present,
  textLength,
  unique,
} from './rule-builders.js';
import type { Comparison } from './table-rule.js';

describe('rule builders', () => {
  it('make plain data', () => {
    expect(inRange('TX_AMOUNT', { minimum: 0, exclusiveMaximum: 10 })).toEqual({
      rule: 'inRange',
      column: 'TX_AMOUNT',
      minimum: 0,
      exclusiveMaximum: 10,
      severity: 'error',
    });
    expect(inRange('AT', { minimum: new Date(5) }, { severity: 'warning' })).toMatchObject({ minimum: 5, severity: 'warning' });
    expect(matches('CARD', /^\d+$/i)).toMatchObject({ pattern: '^\\d+$', flags: 'i' });
    expect(oneOf('CHANNEL', ['pos', 'online', 'pos'])).toMatchObject({ values: ['pos', 'online'] });
    expect(monotonicTime('AT', { per: 'CARD' })).toMatchObject({ per: 'CARD' });
  });

  it.each([
    [() => inRange('A', {}), 'inRange("A") has no limit; give it a minimum or a maximum'],
    [() => inRange('A', { minimum: 3, maximum: 2 }), 'inRange("A") allows no value: its lower limit is 3, its upper 2'],
    [() => inRange('A', { minimum: 3, exclusiveMaximum: 3 }), 'allows no value'],
    [() => inRange('A', { minimum: Number.NaN }), 'inRange("A") has the minimum NaN; give a finite number'],
    [() => inRange('A', { minimum: new Date('x') }), 'has the minimum NaN'],
    [() => inRange('A', { minimum: null as never }), 'has the minimum null; give a finite number'],
    [() => inRange('A', { minimum: '' as never }), 'has the minimum ; give a finite number'],
    [() => inRange('A', { maximum: [] as never }), 'has the maximum ; give a finite number'],
    [() => inRange('', { minimum: 1 }), 'names the column ""'],
    [() => multipleOf('A', 0), 'multipleOf("A") has the step 0; give one above 0'],
    [() => oneOf('A', []), 'oneOf("A") lists no value, so every row would break it; list at least one'],
    [() => oneOf('A', ['x', 1] as unknown as string[]), 'oneOf("A") lists 1 at position 1'],
    [() => oneOf('A', [Number.NaN]), 'lists NaN at position 0'],
    [() => matches('A', /x/g), 'matches("A") has the flags g'],
    [() => matches('A', new RegExp('x'.repeat(1001))), 'has 1001 characters; use at most 1000'],
    [() => textLength('A', { minimum: 1.5 }), 'textLength("A") has the minimum 1.5; give a whole number'],
    [() => present(''), 'names the column ""'],
    [() => unique([]), 'unique([]) names no column'],
    [() => unique(['A', 'A']), 'unique(["A", "A"]) names a column twice'],
    [() => unique(Array.from({ length: 101 }, (_, i) => `c${i}`)), 'names 101 columns; name at most 100'],
    [() => compareFields('A', '<', 'A'), 'compareFields("A") compares a column with itself'],
    [() => compareFields('A', '~' as Comparison, 'B'), 'compares by ~; use one of < <= = != >= >'],
    [() => maxMissingShare('A', 1.5), 'maxMissingShare("A") has the share 1.5; give one from 0 to 1'],
    [() => expectRowCount({ minimum: -1 }), 'expectRowCount has the minimum -1'],
    [() => expectDistinct('A', { maximum: 0.5 }), 'expectDistinct("A") has the maximum 0.5'],
    [() => expectMean('A', { minimum: 2, maximum: 1 }), 'expectMean("A") has the minimum 2 above its maximum 1; swap them'],
    [() => expectQuantile('A', 1.1, { minimum: 0 }), 'expectQuantile("A") has the quantile 1.1'],
    [() => expectShare('A', 'x', { maximum: 2 }), 'expectShare("A") has the share 2'],
    [() => expectSimilar('A', { shape: 'bins', edges: [2, 1], shares: [0, 0, 1] }), 'has edges that do not ascend'],
    [() => expectSimilar('A', { shape: 'bins', edges: [2], shares: [0, 0, 1] }), 'has 3 shares, expected 2'],
    [() => expectSimilar('A', { shape: 'bins', edges: [2], shares: [0, 0.5] }), 'has shares that add up to 0.5'],
    [() => expectSimilar('A', { shape: 'values', values: ['x', 'x'], shares: [0.5, 0.5] }), 'names a value twice'],
    [() => expectSimilar('A', { shape: 'values', values: ['x'], shares: [1] }, { maximumPsi: 0 }), 'has the maximumPsi 0'],
    [() => present('A', { severity: 'fatal' as 'error' }), 'has the severity "fatal"; use error or warning'],
  ])('refuse what can mean nothing: %s', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_DEFINITION', message: expect.stringContaining(message) }));
  });
});
