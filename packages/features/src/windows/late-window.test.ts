import { Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import type { FeatureDefinition } from '../definitions/feature-definition.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import {
  count,
  distinct,
  first,
  last,
  max,
  mean,
  min,
  risk,
  share,
  std,
  sum,
  timeSinceLast,
} from '../definitions/window-builders.js';
import { defineTransactions } from '../transactions/transactions.js';

const payments = defineTransactions({
  schema: z.object({
    at: z.date(),
    seen: z.date(),
    card: z.string(),
    shop: z.string().optional(),
    amount: z.number().multipleOf(0.01),
    fraud: z.boolean(),
    known: z.date().optional(),
  }),
  time: 'at',
  arrival: 'seen',
  label: { field: 'fraud', delayMs: 10, knownAt: 'known' },
  entities: ['card', 'shop'],
});
const table = (rows: Record<string, unknown>[]) =>
  Table.fromRows(
    rows.map((row) => ({ seen: row['at'], card: 'a', amount: 1, ...row })),
    payments.kinds,
  );
const valuesOf = (definition: FeatureDefinition, rows: Record<string, unknown>[]) => [
  ...defineFeatures(payments, { F: definition as never })
    .compute(table(rows))
    .number('F'),
];
const window = { per: 'card', windowMs: 10 } as const;

describe('late transactions', () => {
  // The one of 5 comes when that of 12 has been seen, the second one of 12 when that of 20 has.
  const rows = [
    { at: 0, amount: 4, shop: 'x' },
    { at: 12, amount: 1, shop: 'y' },
    { at: 5, seen: 13, amount: 2, shop: 'x' },
    { at: 14, amount: 3, shop: 'x' },
    { at: 20, amount: 5, shop: 'y' },
    { at: 12, seen: 21, amount: 6, shop: 'z' },
    { at: 22, amount: 7, shop: 'y' },
  ];

  it.each<[string, FeatureDefinition, number[]]>([
    ['count', count(window), [1, 1, 2, 3, 3, 3, 3]],
    ['count, itself excluded', count({ ...window, own: 'excluded' }), [0, 0, 1, 2, 2, 2, 2]],
    ['count, delayed', count({ ...window, delayMs: 8 }), [0, 1, 0, 2, 2, 1, 4]],
    ['sum', sum('amount', window), [4, 1, 6, 6, 9, 9, 15]],
    ['mean', mean('amount', window), [4, 1, 3, 2, 3, 3, 5]],
    ['min', min('amount', window), [4, 1, 2, 1, 1, 1, 3]],
    ['max', max('amount', window), [4, 1, 4, 3, 5, 6, 7]],
    ['distinct', distinct('shop', window), [1, 1, 1, 2, 2, 3, 2]],
    ['share', share('shop', window), [1, 1, 1, 2 / 3, 2 / 3, 1 / 3, 2 / 3]],
    ['first', first('amount', window), [4, 1, 4, 2, 1, 2, 3]],
    ['last', last('amount', window), [Number.NaN, Number.NaN, 4, 1, 3, 1, 5]],
    ['timeSinceLast', timeSinceLast(window), [Number.NaN, Number.NaN, 0.005, 0.002, 0.006, 0, 0.002]],
  ])('are seen by %s only when they have arrived', (_, definition, expected) => {
    expect(valuesOf(definition, rows)).toEqual(expected);
  });

  it('are counted in their tiles', () => {
    const tiles = { ...window, resolutionMs: 5 };
    expect(valuesOf(count(tiles), rows)).toEqual([1, 1, 2, 3, 1, 4, 2]);
    expect(valuesOf(count({ ...tiles, delayMs: 5 }), rows)).toEqual([0, 1, 0, 1, 3, 1, 4]);
    expect(valuesOf(std('amount', tiles), rows)[2]).toBeCloseTo(Math.SQRT2, 14);
  });

  it('change nothing for other entities', () => {
    const others = rows.map((row) => ({ ...row, seen: row.seen ?? row.at, card: row.seen === undefined ? 'a' : 'b' }));
    expect(valuesOf(count(window), others)).toEqual([1, 1, 1, 2, 3, 2, 3]);
  });

  it('are refused when a window can not be added up exactly', () => {
    const many = Array.from({ length: 65_540 }, (_, i) => ({ at: i === 1 ? -1 : 0, seen: 0, amount: MAX_SUMMED_UNITS / 100 }));
    expect(() => valuesOf(sum('amount', window), many)).toThrow('in a window with row 65535 add up to more than 2^53');
  });
});

describe('late labels', () => {
  const frauds = risk({ ...window, windowMs: 100 });
  const rows = [
    { at: 0, fraud: true },
    { at: 1, fraud: true, known: 30 },
    { at: 2, fraud: true, known: 2 },
    { at: 3, fraud: false, known: 50 },
    { at: 4 },
    { at: 12 },
    { at: 29 },
    { at: 30 },
  ];

  it('count from when they are known, and no earlier than the delay', () => {
    expect(valuesOf(frauds, rows)).toEqual([0, 0, 0, 0, 0, 2 / 3, 2 / 6, 3 / 6]);
  });

  it('count from when they are known among late transactions', () => {
    const late = [...rows.slice(0, 6), { at: 11, seen: 15 }, ...rows.slice(6)];
    const values = valuesOf(frauds, late);
    expect(values.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 2 / 3]);
    expect(values.slice(6)).toEqual([1 / 2, 2 / 7, 3 / 7]);
  });
});
