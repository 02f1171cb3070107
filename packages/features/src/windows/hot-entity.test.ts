/** One entity with many transactions, few of which come late: the late path against the one for transactions in order. */
import { Table, seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
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
  speed,
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
    shop: z.string().nullable(),
    amount: z.number().multipleOf(0.01),
    weight: z.number().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    fraud: z.boolean(),
  }),
  time: 'at',
  arrival: 'seen',
  label: { field: 'fraud', delayMs: 1_000 },
  entities: ['card'],
});
interface Payment {
  readonly at: Date;
  readonly seen: Date;
  readonly card: string;
  readonly shop: string | null;
  readonly amount: number;
  readonly weight: number | null;
  readonly latitude: number | null;
  readonly longitude: number;
  readonly fraud: boolean;
}

const window = { per: 'card', windowMs: 4_000 } as const;
const place = { latitude: 'latitude', longitude: 'longitude' } as const;
const features = defineFeatures(payments, {
  COUNT: count(window),
  SUM: sum('amount', window),
  MEAN: mean('amount', { ...window, delayMs: 700 }),
  STD: std('amount', window),
  RISK: risk(window),
  LEAST: min('weight', window),
  MOST: max('weight', { ...window, own: 'excluded' }),
  SHOPS: distinct('shop', window),
  SHOPS_EARLIER: distinct('shop', { ...window, windowMs: 90, delayMs: 700 }),
  SAME_SHOP: share('shop', window),
  SHOP_3: share('shop', { ...window, value: 'shop 3' }),
  FIRST: first('amount', window),
  LAST: last('weight', window),
  PAUSE: timeSinceLast(window),
  SPEED: speed({ ...window, place }),
});

/** Payments of one card, one a millisecond on average and no two at the same moment, none of them late. */
function hotStream(length: number): Payment[] {
  const random = seededRandom(11);
  const below = (limit: number) => Math.floor(random.next() * limit);
  let atMs = 0;
  return Array.from({ length }, () => {
    atMs += random.next() < 0.7 ? 1 : 2;
    return {
      at: new Date(atMs),
      seen: new Date(atMs),
      card: 'a',
      shop: random.next() < 0.1 ? null : `shop ${Math.floor(60 * random.next() ** 3)}`,
      amount: below(100_000) / 100,
      weight: random.next() < 0.1 ? null : below(2_001) - 1_000,
      latitude: random.next() < 0.1 ? null : below(80),
      longitude: below(170),
      fraud: random.next() < 0.1,
    };
  });
}

/** The same stream with these rows held back for so many rows. */
function heldBack(rows: readonly Payment[], held: ReadonlyMap<number, number>): Payment[] {
  const seenMs = (i: number) => rows[i + (held.get(i) ?? 0)]!.at.getTime() + (held.has(i) ? 0.5 : 0);
  return rows
    .map((row, i) => ({ row, order: seenMs(i), seen: new Date(Math.ceil(seenMs(i))) }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ row, seen }) => ({ ...row, seen }));
}

const valuesOf = (rows: readonly Payment[]) => features.compute(Table.fromRows(rows, payments.kinds));

describe('a hot entity with few late transactions', () => {
  it('has the features that it would have with all that has arrived in order', () => {
    // The last two come in the reverse order of their times; the second one to last, long after its window has passed.
    const held = new Map([
      [1_000, 1],
      [2_000, 900],
      [3_500, 5_500],
      [3_400, 5_700],
    ]);
    const rows = heldBack(hotStream(10_000), held);
    let latestMs = -Infinity;
    const late: number[] = [];
    for (const [i, { at }] of rows.entries()) {
      if (at.getTime() < latestMs) late.push(i);
      latestMs = Math.max(latestMs, at.getTime());
    }
    expect(late).toHaveLength(held.size);
    const computed = valuesOf(rows);
    const stages = [0, ...late, rows.length];
    for (let stage = 0; stage + 1 < stages.length; stage++) {
      const arrived = rows.slice(0, stages[stage + 1]).toSorted((a, b) => a.at.getTime() - b.at.getTime());
      const inOrder = valuesOf(arrived.map((row) => ({ ...row, seen: row.at })));
      const rowAt = new Map(arrived.map(({ at }, row) => [at.getTime(), row]));
      for (const name of features.names) {
        const differs = (i: number) =>
          !Object.is(computed.number(name)[i], inOrder.number(name)[rowAt.get(rows[i]!.at.getTime())!]);
        for (let i = stages[stage]!; i < stages[stage + 1]!; i++) if (differs(i)) expect.fail(`${name} differs in row ${i}`);
      }
    }
  });

  it('takes no time in the square of its transactions', { timeout: 60_000 }, () => {
    const rows = hotStream(60_000);
    const all = { per: 'card', windowMs: 1_000_000 } as const;
    const wholeHistory = defineFeatures(payments, {
      LEAST: min('weight', all),
      MOST: max('weight', all),
      SHOPS: distinct('shop', all),
      SAME_SHOP: share('shop', all),
      SHOP_3: share('shop', { ...all, value: 'shop 3' }),
      FIRST: first('amount', all),
      SPEED: speed({ ...all, place }),
    });
    const table = Table.fromRows(heldBack(rows, new Map([[20_000, 2]])), payments.kinds);
    const begin = performance.now();
    wholeHistory.compute(table);
    // Some 0.2 s; looking through the windows row by row takes half a minute.
    expect(performance.now() - begin).toBeLessThan(8_000);
  });
});
