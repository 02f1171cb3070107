import { canonicalJson } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { days } from '../duration.js';
import { handbookTransactions } from '../handbook.js';
import { type TransactionsOptions, defineTransactions, transactionsFromJson } from './transactions.js';

const shape = {
  id: z.string(),
  at: z.date().min(new Date(0)),
  card: z.string().min(2).max(20).regex(/^c/i),
  channel: z.enum(['web', 'shop']).nullable(),
  amount: z.number().min(0).lt(1e6).multipleOf(0.01),
  items: z.number().int().max(99).optional(),
  fraud: z.boolean(),
};
const options: TransactionsOptions = {
  schema: z.object(shape),
  time: 'at',
  label: { field: 'fraud', delayMs: days(7) },
  id: 'id',
  entities: ['card'],
  amount: 'amount',
};
const good = { id: 'a', at: '2024-05-01 10:00:00', card: 'C1', channel: null, amount: 12.34 };

describe('defineTransactions', () => {
  it('takes column kinds and rules from the schema', () => {
    const { kinds, fields } = defineTransactions(options);
    expect(kinds).toEqual({
      id: 'category',
      at: 'time',
      card: 'category',
      channel: 'category',
      amount: 'number',
      items: 'number',
      fraud: 'flag',
    });
    expect(fields.amount).toEqual({
      name: 'amount',
      kind: 'number',
      required: true,
      minimum: 0,
      exclusiveMaximum: 1e6,
      resolution: 0.01,
    });
    expect(fields.items).toEqual({ name: 'items', kind: 'number', required: false, integer: true, maximum: 99, resolution: 1 });
    expect(fields.channel).toEqual({ name: 'channel', kind: 'category', required: false, values: ['web', 'shop'] });
    expect(fields.card).toEqual({
      name: 'card',
      kind: 'category',
      required: true,
      minLength: 2,
      maxLength: 20,
      patterns: [{ source: '^c', flags: 'i' }],
    });
    expect(fields.at).toEqual({ name: 'at', kind: 'time', required: true, minimum: 0 });
  });

  it('never requires the label, which is not known when a transaction arrives', () => {
    expect(defineTransactions(options).fields.fraud!.required).toBe(false);
    expect(defineTransactions(options).schema.safeParse(good).success).toBe(true);
  });

  it.each([
    ['no time of that name', { time: 'when' }, 'UNKNOWN_FIELD', 'time names the field when'],
    ['a time that is text', { time: 'id' }, 'WRONG_KIND', 'time field id is a category, expected a time'],
    [
      'an entity that is a number',
      { entities: ['amount'] },
      'WRONG_KIND',
      'entities field amount is a number, expected a category',
    ],
    ['an entity named twice', { entities: ['card', 'card'] }, 'INVALID_DEFINITION', 'name each once'],
    ['a label that is a number', { label: { field: 'amount', delayMs: 0 } }, 'WRONG_KIND', 'label field amount'],
    ['a negative delay', { label: { field: 'fraud', delayMs: -1 } }, 'INVALID_DEFINITION', 'label.delayMs is -1'],
    ['an amount that is text', { amount: 'card' }, 'WRONG_KIND', 'amount field card'],
    ['a prototype key', { id: 'constructor' }, 'UNKNOWN_FIELD', 'id names the field constructor'],
    [
      'a time that may be missing',
      { schema: z.object({ ...shape, at: z.date().optional() }) },
      'INVALID_DEFINITION',
      'make it required',
    ],
    [
      'a coerced number',
      { schema: z.object({ ...shape, amount: z.coerce.number() }) },
      'INVALID_DEFINITION',
      'field amount coerces',
    ],
    [
      'a default',
      { schema: z.object({ ...shape, items: z.number().default(1) }) },
      'INVALID_DEFINITION',
      'field items has a default',
    ],
    [
      'a transform',
      { schema: z.object({ ...shape, id: z.string().transform(Number) }) },
      'INVALID_DEFINITION',
      'field id is a zod pipe',
    ],
    [
      'a text that is trimmed',
      { schema: z.object({ ...shape, id: z.string().trim() }) },
      'INVALID_DEFINITION',
      'field id changes its values',
    ],
    ['a name of digits', { schema: z.object({ ...shape, 7: z.string() }) }, 'INVALID_DEFINITION', '"7" can\'t name a field'],
  ])('refuses %s', (_, change, code, message) => {
    const define = () => defineTransactions({ ...options, ...change });
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code }));
  });

  it('accepts z.coerce.date() without its traps: null is no date, and text without a zone is UTC', () => {
    const { schema } = defineTransactions({ ...options, schema: z.object({ ...shape, at: z.coerce.date() }) });
    expect(schema.parse(good).at).toEqual(new Date('2024-05-01T10:00:00Z'));
    expect(schema.safeParse({ ...good, at: null }).success).toBe(false);
  });
});

describe('the schema of a definition', () => {
  const { schema } = defineTransactions(options);

  it('takes values in the forms in which a table takes them', () => {
    const parsed = schema.parse({ ...good, id: 12, fraud: 1, at: Date.UTC(2024, 4, 1, 10) });
    expect(parsed).toEqual({ ...good, id: '12', fraud: true, at: new Date('2024-05-01T10:00:00Z') });
    expect(schema.parse({ ...good, at: new Date(5), items: null })).toMatchObject({ at: new Date(5), items: null });
  });

  it.each([
    ['at', '2024-02-30', 'expected an ISO 8601 date-time'],
    ['at', new Date(Number.NaN), 'expected an ISO 8601 date-time'],
    ['at', -1, 'Too small'],
    ['card', null, 'expected string'],
    ['card', 'x1', 'Invalid string'],
    ['amount', '12', 'expected number'],
    ['amount', Number.NaN, 'expected number'],
    ['amount', 0.001, 'multiple of 0.01'],
    ['channel', 'mail', 'expected one of'],
    ['fraud', 2, 'expected boolean'],
  ])('refuses %s %s', (name, value, message) => {
    const { error } = schema.safeParse({ ...good, [name]: value });
    expect(error!.issues).toEqual([expect.objectContaining({ path: [name], message: expect.stringContaining(message) })]);
  });

  it('keeps checks over the whole transaction', () => {
    const refined = z.object(shape).refine(({ amount, items }) => items !== 0 || amount === 0, 'nothing bought costs nothing');
    const result = defineTransactions({ ...options, schema: refined }).schema.safeParse({ ...good, items: 0 });
    expect(result.error!.issues[0]!.message).toBe('nothing bought costs nothing');
  });

  it('describes itself as JSON Schema', () => {
    const described = z.toJSONSchema(schema, { io: 'input' });
    expect(described.required).toEqual(['id', 'at', 'card', 'amount']);
    expect(described.properties!.at).toEqual({ anyOf: [{ type: 'string', format: 'date-time' }, { type: 'number' }] });
  });
});

describe('transactionsFromJson', () => {
  it.each([
    ['the handbook', handbookTransactions],
    ['all kinds of rules', defineTransactions(options)],
    ['strict transactions', defineTransactions({ ...options, schema: z.strictObject(shape) })],
    [
      'neither label, id nor amount',
      defineTransactions({ schema: z.object({ at: z.date(), email: z.email() }), time: 'at', entities: [] }),
    ],
  ])('brings back %s', (_, definition) => {
    const text = canonicalJson(definition.toJson());
    const restored = transactionsFromJson(JSON.parse(text));
    expect(canonicalJson(restored.toJson())).toBe(text);
    expect(restored.fields).toEqual(definition.fields);
    expect(Object.keys(restored.kinds)).toEqual(Object.keys(definition.kinds));
  });

  it('brings back a schema that judges as the first one', () => {
    const definition = defineTransactions({ ...options, schema: z.strictObject(shape) });
    const restored = transactionsFromJson(definition.toJson());
    const events = [
      good,
      { ...good, card: 'x1' },
      { ...good, extra: 1 },
      { ...good, amount: 0.001 },
      { ...good, at: null },
      { ...good, items: 1.5 },
    ];
    for (const event of events) {
      const [first, second] = [definition.schema.safeParse(event), restored.schema.safeParse(event)];
      expect(second.data).toEqual(first.data);
      expect(second.error?.issues).toEqual(first.error?.issues);
    }
  });

  it.each([
    ['no object', 'text', 'INVALID_JSON', 'expected object'],
    ['another format', { ...(handbookTransactions.toJson() as object), formatVersion: 2 }, 'INVALID_JSON', 'formatVersion'],
    ['an unknown member', { ...(handbookTransactions.toJson() as object), code: 'run()' }, 'INVALID_JSON', 'code'],
    ['an unknown time', { ...(handbookTransactions.toJson() as object), time: 'X' }, 'UNKNOWN_FIELD', 'time names the field X'],
    [
      'a bad regular expression',
      {
        formatVersion: 1,
        unknownFields: 'ignore',
        time: 'x',
        entities: [],
        fields: [{ name: 'x', kind: 'category', required: true, patterns: [{ source: '(', flags: '' }] }],
      },
      'INVALID_JSON',
      'field x has rules',
    ],
    [
      'a field twice',
      {
        formatVersion: 1,
        unknownFields: 'ignore',
        time: 'x',
        entities: [],
        fields: [
          { name: 'x', kind: 'time', required: true },
          { name: 'x', kind: 'flag', required: true },
        ],
      },
      'DUPLICATE_NAME',
      'field x comes twice',
    ],
  ])('refuses %s', (_, json, code, message) => {
    expect(() => transactionsFromJson(json)).toThrow(message);
    expect(() => transactionsFromJson(json)).toThrow(expect.objectContaining({ code }));
  });
});

describe('rules that data can not hold', () => {
  const withField = (field: z.ZodType) =>
    defineTransactions({ schema: z.object({ at: z.date(), field }), time: 'at', entities: [] });

  it.each<[string, z.ZodType, string]>([
    ['a url', z.url(), 'field field has the rule url, which is a function'],
    ['a url, in the old spelling', z.string().url().optional(), 'the rule url'],
    ['a jwt', z.jwt(), 'the rule jwt'],
    ['a format of its own', z.stringFormat('even', (text) => text.length % 2 === 0), 'the rule even'],
    ['two multipleOf', z.number().multipleOf(0.01).multipleOf(0.05), 'field field has more than one multipleOf'],
    ['multipleOf(0)', z.number().multipleOf(0), 'field field has multipleOf(0), expected a number above 0'],
    ['multipleOf(NaN)', z.number().multipleOf(Number.NaN), 'multipleOf(NaN)'],
    ['multipleOf(Infinity)', z.number().multipleOf(Infinity), 'multipleOf(Infinity)'],
    ['a lower bound that nothing keeps', z.number().min(Infinity), 'the lower bound Infinity, which no value keeps'],
    ['an upper bound that is no number', z.number().max(Number.NaN), 'the upper bound NaN'],
    ['a bound that is no date', z.date().max(new Date(Number.NaN)), 'the upper bound Invalid Date'],
    ['a bound of times without itself', z.date().check(z.gt(new Date(5))), 'excludes the bound itself'],
    ['half a character', z.string().min(1.5), "field field has rules that can't be saved"],
    ['a pattern of 2,000 characters', z.string().regex(new RegExp('a'.repeat(2000))), "can't be saved"],
  ])('refuses %s', (_, field, message) => {
    expect(() => withField(field)).toThrow(message);
    expect(() => withField(field)).toThrow(expect.objectContaining({ code: 'INVALID_DEFINITION' }));
  });

  it('takes infinite bounds for none', () => {
    const fields = [
      z.number().max(Infinity),
      z.number().min(-Infinity),
      z.number().gt(-Infinity).lt(Infinity),
      z.string().max(Infinity),
    ];
    for (const field of fields) {
      const saved: unknown = JSON.parse(JSON.stringify(withField(field).toJson()));
      expect(transactionsFromJson(saved).toJson()).toEqual(saved);
    }
  });
});
