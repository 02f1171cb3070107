import { Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import { field } from '../definitions/row-builders.js';
import { count, risk, sum } from '../definitions/window-builders.js';
import { handbookFeatures } from '../handbook.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';

const payments = defineTransactions({
  schema: z.object({
    id: z.string().optional(),
    at: z.date(),
    card: z.string(),
    shop: z.string().optional(),
    amount: z.number().multipleOf(0.01),
    fraud: z.boolean(),
  }),
  time: 'at',
  label: { field: 'fraud', delayMs: 10 },
  id: 'id',
  entities: ['card', 'shop'],
});
const features = defineFeatures(payments, {
  AMOUNT: field('amount'),
  N: count({ per: 'card', windowMs: 100 }),
  S: sum('amount', { per: 'card', windowMs: 100 }),
  R: risk({ per: 'shop', windowMs: 100 }),
});
const pay = (at: number, change: Record<string, string | number | boolean | null> = {}) => ({
  id: `p${at}`,
  at,
  card: 'a',
  shop: 'x',
  amount: 1,
  ...change,
});

describe('OnlineFeatures', () => {
  it('counts the event itself but remembers only what was observed', () => {
    const online = features.online();
    expect([...online.featuresFor(pay(0))]).toEqual([1, 1, 1, 0]);
    expect([...online.featuresFor(pay(0))]).toEqual([1, 1, 1, 0]);
    online.observe(pay(0));
    expect([...online.featuresFor(pay(1, { amount: 0.5 }))]).toEqual([0.5, 2, 1.5, 0]);
  });

  it('writes into an array that it is given', () => {
    const into = new Float64Array(4);
    expect(features.online().featuresFor(pay(0), into)).toBe(into);
    expect(() => features.online().featuresFor(pay(0), new Float64Array(3))).toThrow('into has 3 places for 4 features');
  });

  it('counts a late event at its own time, and lets served features be', () => {
    const online = features.online();
    online.observe(pay(0));
    online.observe(pay(150));
    expect(online.featuresFor(pay(60))[1]).toBe(2);
    online.observe(pay(60));
    expect(online.featuresFor(pay(155))[1]).toBe(3);
    expect(online.featuresFor(pay(165))[1]).toBe(2);
  });

  it('uses a label from its knowledge time on, even when it is learned early', () => {
    const online = features.online();
    online.observe(pay(0));
    expect(online.learnLabel(pay(0, { fraud: true }))).toBe(true);
    expect(online.featuresFor(pay(9))[3]).toBe(0);
    expect(online.featuresFor(pay(10))[3]).toBe(1);
    expect(online.learnLabel(pay(0, { fraud: false }))).toBe(true);
    expect(online.featuresFor(pay(10))[3]).toBe(0);
  });

  it('ignores labels of events it does not remember', () => {
    const online = features.online();
    online.observe(pay(0));
    expect(online.learnLabel(pay(1, { fraud: true }))).toBe(false);
    expect(online.learnLabel(pay(0, { fraud: true, id: 'other' }))).toBe(false);
    expect(online.learnLabel(pay(0, { fraud: true, shop: 'y' }))).toBe(false);
    expect(online.learnLabel(pay(0, { fraud: true, shop: null }))).toBe(false);
    expect(
      defineFeatures(payments, { N: count({ per: 'card', windowMs: 1 }) })
        .online()
        .learnLabel(pay(0, { fraud: true })),
    ).toBe(false);
  });

  it.each([
    ['no time', { at: null }, 'event: at is missing'],
    ['a time that is none', { at: 'soon' }, 'event: at is "soon"'],
    ['no card', { card: null }, 'event: card is missing'],
    ['an amount that is text', { amount: '5' }, 'event: amount is "5"'],
    [
      'an amount beyond exact sums',
      { amount: 1e15 },
      'event: amount is 1000000000000000, expected a number from -1374389534.72 to 1374389534.72',
    ],
    ['an id that is a flag', { id: true }, 'event: id is true'],
  ])('refuses an event with %s and stays as it was', (_, change, message) => {
    const online = features.online();
    online.observe(pay(0));
    const before = online.memory();
    expect(() => online.observe(pay(1, change))).toThrow(message);
    expect(online.memory()).toEqual(before);
    expect([...online.featuresFor(pay(2))]).toEqual([1, 2, 2, 0]);
  });

  it('never lets one transaction stand in the way of the next, since each is small enough for exact sums of them all', () => {
    const online = features.online();
    const largest = MAX_SUMMED_UNITS / 100;
    expect(() => online.featuresFor(pay(0, { amount: largest + 0.01 }))).toThrow('event: amount is 1374389534.73');
    expect(() => online.observe(pay(0, { amount: -largest - 0.01 }))).toThrow('event: amount is -1374389534.73');
    for (let i = 0; i < 120_000; i++) online.observe(pay(i * 50, { amount: largest, shop: null }));
    expect(online.featuresFor(pay(120_000 * 50, { amount: 0.01 }))[2]).toBe(largest + 0.01);
    const all = defineFeatures(payments, { S: sum('amount', { per: 'card', windowMs: 1e9 }) }).online();
    for (let i = 0; i < 60_000; i++) all.observe(pay(i, { amount: largest }));
    expect(all.featuresFor(pay(60_000, { amount: largest }))[0]).toBe((50_001 * MAX_SUMMED_UNITS) / 100);
  });

  it('needs a label to learn one', () => {
    const online = features.online();
    online.observe(pay(0));
    expect(() => online.learnLabel(pay(0, { fraud: null }))).toThrow('event: fraud is missing');
  });

  it('drops the oldest transactions of an entity beyond maxEventsPerEntity, and counts them', () => {
    const online = features.online({ maxEventsPerEntity: 3 });
    for (let at = 0; at < 10; at++) online.observe(pay(at, { shop: null }));
    expect(online.featuresFor(pay(10))[1]).toBe(4);
    expect(online.memory()).toMatchObject({ events: 3, eventsDropped: 7 });
  });

  it('drops entities beyond maxEntities, and counts them', () => {
    const online = features.online({ maxEntities: 2 });
    for (let at = 0; at < 5; at++) online.observe(pay(at, { card: `c${at}`, shop: null }));
    expect(online.memory()).toMatchObject({ entities: 2, entitiesDropped: 3 });
    expect(online.featuresFor(pay(5, { card: 'c0' }))[1]).toBe(1);
    expect(online.featuresFor(pay(5, { card: 'c4' }))[1]).toBe(2);
  });

  it('forgets what no window can reach, but keeps enough for late events', () => {
    const online = features.online({ latenessMs: 50 });
    for (let at = 0; at < 1000; at += 10) online.observe(pay(at, { shop: null }));
    // At 990 it keeps the times after 990 - 100 - 50.
    expect(online.memory().events).toBe(15);
    expect(online.featuresFor(pay(945))[1]).toBe(11);
    for (let at = 2000; at < 2010; at++) online.observe(pay(at, { shop: null }));
    expect(online.memory().events).toBe(10);
  });

  it('gives NaN for windows of a missing entity', () => {
    expect(features.online().featuresFor(pay(0, { shop: null }))[3]).toBeNaN();
  });

  it.each([
    ['maxEventsPerEntity', 0],
    ['maxEntities', 1.5],
    ['latenessMs', -1],
  ])('refuses %s %s', (name, value) => {
    expect(() => features.online({ [name]: value })).toThrow(`online: ${name} is ${value}, expected a whole number`);
  });

  it('refuses a backfill it cannot use, before anything changes', () => {
    const online = features.online();
    const rows = [pay(5, { fraud: false }), pay(4, { fraud: false })];
    expect(() => online.backfill(Table.fromRows(rows, payments.kinds))).toThrow('sort first');
    expect(() => online.backfill(Table.fromRows(rows, payments.kinds).drop(['id']))).toThrow('the features use the column id');
    expect(online.memory().events).toBe(0);
  });

  it('limits maxEventsPerEntity to what sums can hold exactly', () => {
    expect(() => features.online({ maxEventsPerEntity: 60_001 })).toThrow('expected a whole number from 1 to 60000');
    expect(features.online({ maxEventsPerEntity: 60_000 }).memory().events).toBe(0);
  });

  it('checks the whole backfill before it remembers a row', () => {
    const online = features.online();
    const rows = [pay(0, { fraud: false }), pay(1, { fraud: false, amount: 9e13 })];
    expect(() => online.backfill(Table.fromRows(rows, payments.kinds))).toThrow('amount is 90000000000000 at row 1');
    expect(online.memory().events).toBe(0);
  });

  it('keeps its memory when traffic stays the same', () => {
    const table = simulateTransactions({ rows: 20_000, seed: 1, days: 90, customers: 50, terminals: 50 });
    const online = handbookFeatures.online();
    online.backfill(table.slice(0, 15_000));
    const { sizeBytes } = online.memory();
    online.backfill(table.slice(15_000));
    expect(online.memory().sizeBytes).toBeLessThan(sizeBytes * 1.2);
  });

  it('backfills no label that was not known yet when the last row arrived', () => {
    const later = defineTransactions({
      schema: z.object({ id: z.number(), at: z.date(), card: z.string(), fraud: z.boolean(), known: z.date().optional() }),
      time: 'at',
      label: { field: 'fraud', delayMs: 10, knownAt: 'known' },
      id: 'id',
      entities: ['card'],
    });
    const risks = defineFeatures(later, { R: risk({ per: 'card', windowMs: 100 }) });
    const row = (at: number, known: number | null) => ({
      id: at,
      at: new Date(at),
      card: 'c',
      fraud: true,
      known: known === null ? null : new Date(known),
    });
    const online = risks.online();
    online.backfill(Table.fromRows([row(0, 20), row(1, 31), row(2, null), row(30, null)], later.kinds));
    expect(online.featuresFor(row(40, null))[0]).toBe(2 / 4);
    expect([online.learnLabel(row(1, 31)), online.learnLabel(row(30, null))]).toEqual([true, true]);
    expect(online.featuresFor(row(40, null))[0]).toBe(1);
  });

  it('keeps its memory when entities come and go', () => {
    const sums = defineFeatures(payments, { S: sum('amount', { per: 'card', windowMs: 1000 }) });
    const online = sums.online({ maxEntities: 500 });
    const observe = (from: number, to: number) => {
      for (let i = from; i < to; i++) online.observe(pay(i, { card: `c${i}` }));
    };
    observe(0, 50_000);
    const { sizeBytes } = online.memory();
    observe(50_000, 200_000);
    expect(online.memory().sizeBytes).toBeLessThanOrEqual(sizeBytes * 1.1);
  });

  it('drops the oldest of too many, also when that is a late one that just came', () => {
    const online = features.online({ maxEventsPerEntity: 2 });
    for (const at of [10, 20, 5]) online.observe(pay(at, { shop: null }));
    expect(online.featuresFor(pay(21))[1]).toBe(3);
    expect(online.featuresFor(pay(12))[1]).toBe(2);
    expect(online.memory()).toMatchObject({ events: 2, eventsDropped: 1 });
  });

  it('gives both transactions of one moment without ids their labels, in any order', () => {
    const nameless = defineTransactions({
      schema: z.object({ at: z.date(), card: z.string(), fraud: z.boolean() }),
      time: 'at',
      label: { field: 'fraud', delayMs: 10 },
      entities: ['card'],
    });
    const risks = defineFeatures(nameless, { R: risk({ per: 'card', windowMs: 100 }) });
    for (const frauds of [
      [true, false],
      [false, true],
    ]) {
      const online = risks.online();
      const rows = frauds.map((fraud) => ({ at: new Date(0), card: 'c', fraud }));
      for (const row of rows) online.observe(row);
      for (const row of rows) online.learnLabel(row);
      expect(online.featuresFor({ at: new Date(20), card: 'c', fraud: null })[0]).toBe(0.5);
    }
  });

  it('takes any object as an event, and nothing else', () => {
    interface Payment {
      readonly at: Date;
      readonly card: string;
      readonly amount: number;
      readonly shop?: string | undefined;
    }
    const payment: Payment = { at: new Date(0), card: 'c', amount: 1, shop: undefined };
    const online = features.online();
    online.observe(payment);
    expect(online.featuresFor(payment)[1]).toBe(2);
    for (const event of [null, undefined, 'c', 5]) {
      expect(() => online.featuresFor(event as never)).toThrow(`event: is ${event}, expected an object`);
    }
  });

  it('learns a label from entities, time and id alone', () => {
    const online = features.online();
    online.observe(pay(0));
    expect(online.learnLabel({ id: 'p1', at: 0, card: 'a', shop: 'x', fraud: true })).toBe(false);
    expect(online.learnLabel({ id: 'p0', at: 0, card: 'a', shop: 'x', fraud: true })).toBe(true);
    expect(online.featuresFor(pay(50))[3]).toBe(1);
  });

  it('backfills a table in which no label is known yet', () => {
    const online = features.online();
    const rows = [pay(0), pay(1)];
    online.backfill(Table.fromRows(rows, payments.kinds).drop(['fraud']));
    expect(online.featuresFor(pay(50))[3]).toBe(0);
    expect(online.learnLabel({ ...rows[0]!, fraud: true })).toBe(true);
    expect(online.featuresFor(pay(50))[3]).toBe(0.5);
  });
});
