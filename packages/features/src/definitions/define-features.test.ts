import { canonicalJson } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures, featureSetFromJson } from './define-features.js';
import { days, hours } from '../duration.js';
import type { FeatureDefinition } from './feature-definition.js';
import { duringNight, duringWeekend, field } from './row-builders.js';
import { count, mean, risk, sum } from './window-builders.js';
import { handbookFeatures } from '../handbook.js';
import { defineTransactions } from '../transactions/transactions.js';

const schema = z.object({
  at: z.date(),
  card: z.string(),
  country: z.string(),
  amount: z.number().multipleOf(0.01),
  distance: z.number(),
  fraud: z.boolean(),
});
const label = { field: 'fraud', delayMs: days(7) };
const payments = defineTransactions({ schema, time: 'at', label, entities: ['card'] });
const week = { per: 'card', windowMs: days(7) };

describe('defineFeatures', () => {
  it('keeps names in order and fills in delays', () => {
    const features = defineFeatures(payments, {
      B: risk(week),
      A: count(week),
      C: mean('amount', { ...week, delayMs: hours(1) }),
    });
    expect(features.names).toEqual(['B', 'A', 'C']);
    expect(Object.values(features.definitions).map((definition) => (definition as { delayMs: number }).delayMs)).toEqual([
      days(7),
      0,
      hours(1),
    ]);
  });

  it.each<[string, FeatureDefinition, string, string]>([
    [
      'an unknown field',
      field('price'),
      'UNKNOWN_FIELD',
      "F uses the field price, which the transactions don't have; they have at, card",
    ],
    ['an unknown entity', count({ ...week, per: 'device' }), 'UNKNOWN_FIELD', 'F uses the field device'],
    ['a category that is no entity', count({ ...week, per: 'country' }), 'INVALID_DEFINITION', 'add it to entities'],
    [
      'a category as a value',
      field('card'),
      'WRONG_KIND',
      'F uses the field card, which is a category, expected a number or flag',
    ],
    ['a time as a value', field('at'), 'WRONG_KIND', 'use hourOfDay(), dayOfWeek(), duringNight() or duringWeekend()'],
    ['the label as a value', field('fraud'), 'INVALID_DEFINITION', "which isn't known when a transaction is scored"],
    [
      'an unknown aggregate',
      { type: 'window', aggregate: 'median', per: 'card', windowMs: 1, delayMs: 0 } as never,
      'INVALID_DEFINITION',
      'F has the aggregate median, expected count, sum, mean, std, min, max, distinct, first, last',
    ],
    ['no definition', null as never, 'INVALID_DEFINITION', 'F is null; make definitions with field(), count(), mean()'],
    ['a definition of text', 'count' as never, 'INVALID_DEFINITION', 'F is count; make'],
    [
      'a window of 0',
      count({ ...week, windowMs: 0 }),
      'INVALID_DEFINITION',
      'F has windowMs 0, expected whole milliseconds above 0',
    ],
    ['a negative window', count({ ...week, windowMs: -days(1) }), 'INVALID_DEFINITION', 'windowMs -86400000'],
    ['a window that is NaN', sum('amount', { ...week, windowMs: Number.NaN }), 'INVALID_DEFINITION', 'windowMs NaN'],
    ['a negative delay', count({ ...week, delayMs: -1 }), 'INVALID_DEFINITION', 'F has delayMs -1'],
    [
      'a sum of a number without resolution',
      sum('distance', week),
      'INVALID_DEFINITION',
      'declare it with z.number().multipleOf(0.01)',
    ],
    [
      'a mean of a number without resolution',
      mean('distance', week),
      'INVALID_DEFINITION',
      'adds up distance, which has no resolution',
    ],
    ['a sum of a flag', sum('fraud', week), 'WRONG_KIND', 'which is a flag, expected a number'],
    [
      'a risk before labels are known',
      risk({ ...week, delayMs: days(6) }),
      'INVALID_DEFINITION',
      'a label is known only after 604800000 ms',
    ],
    ['an hour 24', duringNight({ untilHour: 24 }), 'INVALID_DEFINITION', 'untilHour 24'],
    ['a count of a field', { ...count(week), field: 'amount' }, 'INVALID_DEFINITION', 'count looks at no field'],
    ['an unknown type', { type: 'magic' } as never, 'INVALID_DEFINITION', 'F has the type magic'],
  ])('refuses %s', (_, definition, code, message) => {
    const define = () => defineFeatures(payments, { F: definition });
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a risk without a label', () => {
    const unlabelled = defineTransactions({ schema, time: 'at', entities: ['card'] });
    expect(() => defineFeatures(unlabelled, { F: risk(week) })).toThrow('F is a risk, but the transactions have no label');
  });

  it('refuses a risk whose window would hold its own label, known at once', () => {
    const instant = defineTransactions({ schema, time: 'at', label: { field: 'fraud', delayMs: 0 }, entities: ['card'] });
    expect(() => defineFeatures(instant, { F: risk(week) })).toThrow('make delayMs at least that');
    expect(defineFeatures(instant, { F: risk({ ...week, delayMs: 1 }) }).names).toEqual(['F']);
  });

  it('refuses names that JavaScript would reorder, and no features at all', () => {
    expect(() => defineFeatures(payments, { 7: duringWeekend() })).toThrow('has no usable name');
    expect(() => defineFeatures(payments, {})).toThrow('0 features');
  });
});

describe('FeatureSet.version', () => {
  const base = { A: count(week), B: field('amount') };
  const version = defineFeatures(payments, base).version;

  it('is 16 hexadecimal digits, the same for the same definition', () => {
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(defineFeatures(payments, { A: count({ ...week, delayMs: 0 }), B: field('amount') }).version).toBe(version);
  });

  it.each([
    ['a window', defineFeatures(payments, { ...base, A: count({ ...week, windowMs: days(8) }) })],
    ['the order', defineFeatures(payments, { B: base.B, A: base.A })],
    ['a name', defineFeatures(payments, { A: base.A, C: base.B })],
    ['the transactions', defineFeatures(defineTransactions({ schema, time: 'at', label, entities: ['card', 'country'] }), base)],
  ])('changes with %s', (_, features) => expect(features.version).not.toBe(version));
});

describe('featureSetFromJson', () => {
  it('brings back the same set', () => {
    const text = canonicalJson(handbookFeatures.toJson());
    const restored = featureSetFromJson(JSON.parse(text));
    expect(canonicalJson(restored.toJson())).toBe(text);
    expect(restored.version).toBe(handbookFeatures.version);
    expect(restored.names).toEqual(handbookFeatures.names);
    expect(restored.definitions).toEqual(handbookFeatures.definitions);
  });

  it('refuses a duplicate name, which an object could not hold', () => {
    const json = handbookFeatures.toJson() as { features: { name: string }[] };
    const doubled = { ...json, features: [...json.features, json.features[1]!] };
    expect(() => featureSetFromJson(doubled)).toThrow('feature TX_DURING_WEEKEND comes twice; rename one');
    expect(() => featureSetFromJson(doubled)).toThrow(expect.objectContaining({ code: 'DUPLICATE_NAME' }));
  });

  it.each([
    ['nothing', undefined],
    [
      'a feature with code',
      { ...(handbookFeatures.toJson() as object), features: [{ name: 'F', type: 'field', field: 'TX_AMOUNT', code: '' }] },
    ],
    ['an unknown type', { ...(handbookFeatures.toJson() as object), features: [{ name: 'F', type: 'magic' }] }],
  ])('refuses %s', (_, json) =>
    expect(() => featureSetFromJson(json)).toThrow(expect.objectContaining({ code: 'INVALID_JSON' })),
  );

  it.each([null, undefined, 'F'])('refuses %s for the features', (definitions) => {
    expect(() => defineFeatures(payments, definitions as never)).toThrow(`defineFeatures: the features are ${definitions}`);
  });
});
