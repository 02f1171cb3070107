/**
 * The promise of the package: over random definitions and random streams, features computed over history, features served event by
 * event, and a literal reading of the window's definition give the same bits.
 */
import { type Row, Table } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type FeatureSet, defineFeatures, featureSetFromJson } from '../definitions/define-features.js';
import {
  type FeatureDefinition,
  type WindowFeature,
  count,
  duringNight,
  duringWeekend,
  field,
  mean,
  risk,
  sum,
} from '../definitions/feature-definition.js';
import { handbookFeatures } from '../handbook.js';
import type { OnlineFeatures } from './online-features.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';

const LABEL_DELAY_MS = 5;
const payments = defineTransactions({
  schema: z.object({
    id: z.number().int(),
    at: z.date(),
    card: z.string(),
    shop: z.string().optional(),
    amount: z.number().multipleOf(0.01),
    tip: z.number().multipleOf(0.05).optional(),
    fraud: z.boolean(),
  }),
  time: 'at',
  label: { field: 'fraud', delayMs: LABEL_DELAY_MS },
  id: 'id',
  entities: ['card', 'shop'],
});

interface Payment {
  readonly id: number;
  readonly at: Date;
  readonly card: string;
  readonly shop: string | null;
  readonly amount: number;
  readonly tip: number | null;
  readonly fraud: boolean | null;
  readonly [name: string]: Row[string];
}

// Moments from a small range, so that ties and events exactly on a window's edge are common.
const payment = fc.record({
  at: fc.integer({ min: 0, max: 60 }).map((ms) => new Date(ms)),
  card: fc.constantFrom('a', 'b'),
  shop: fc.constantFrom('x', 'y', null),
  amount: fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
  tip: fc.option(fc.integer({ min: 0, max: 100 }).map((units) => (units * 5) / 100)),
  fraud: fc.option(fc.boolean()),
});
const arrivals = fc
  .array(payment, { minLength: 1, maxLength: 60 })
  .map((rows): Payment[] => rows.map((row, id) => ({ id, ...row })));
const inOrder = (rows: readonly Payment[]) => rows.toSorted((a, b) => a.at.getTime() - b.at.getTime());

const window = fc.record({
  per: fc.constantFrom('card', 'shop'),
  windowMs: fc.integer({ min: 1, max: 40 }),
  delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
});
const windowFeature: fc.Arbitrary<WindowFeature> = fc.oneof(
  window.map(count),
  fc.tuple(fc.constantFrom('amount', 'tip'), window).map(([name, at]) => sum(name, at)),
  fc.tuple(fc.constantFrom('amount', 'tip'), window).map(([name, at]) => mean(name, at)),
  window.map((at) => risk({ ...at, delayMs: at.delayMs + LABEL_DELAY_MS })),
);
const otherFeature: fc.Arbitrary<FeatureDefinition> = fc.constantFrom(
  field('amount'),
  field('tip'),
  duringNight(),
  duringWeekend(),
);
const featureSets = fc
  .array(fc.oneof({ arbitrary: windowFeature, weight: 5 }, otherFeature), { minLength: 1, maxLength: 12 })
  .map((list) => defineFeatures(payments, Object.fromEntries(list.map((definition, i) => [`F${i}`, definition]))));

function offlineRow(features: FeatureSet, rows: readonly Payment[], position: number): number[] {
  const computed = features.compute(Table.fromRows(rows, payments.kinds));
  return features.names.map((name) => computed.number(name)[position]!);
}

/** Learns each label at the first moment at which it is known. */
function learnDue(online: OnlineFeatures, rows: readonly Payment[], nowMs: number, learned: Set<number>): void {
  for (const row of rows) {
    if (learned.has(row.id) || row.at.getTime() + LABEL_DELAY_MS > nowMs) continue;
    learned.add(row.id);
    if (row.fraud !== null) online.learnLabel(row);
  }
}

describe('features over history and event by event', () => {
  it('are the same bits, with labels learned when they become known', () => {
    fc.assert(
      fc.property(featureSets, arrivals, (features, unsorted) => {
        const rows = inOrder(unsorted);
        const computed = features.compute(Table.fromRows(rows, payments.kinds));
        const online = features.online();
        const learned = new Set<number>();
        rows.forEach((row, position) => {
          learnDue(online, rows.slice(0, position), row.at.getTime(), learned);
          expect([...online.featuresFor(row)]).toEqual(features.names.map((name) => computed.number(name)[position]));
          online.observe(row);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('are what a literal reading of the definition gives', () => {
    fc.assert(
      fc.property(windowFeature, arrivals, (definition, unsorted) => {
        const rows = inOrder(unsorted);
        const features = defineFeatures(payments, { F: definition });
        const computed = features.compute(Table.fromRows(rows, payments.kinds)).number('F');
        expect([...computed]).toEqual(rows.map((_, position) => literalValue(definition, rows, position)));
      }),
      { numRuns: 300 },
    );
  });

  it('are the same when a label comes early, twice, or is corrected', () => {
    fc.assert(
      fc.property(featureSets, arrivals, (features, unsorted) => {
        const rows = inOrder(unsorted);
        const computed = features.compute(Table.fromRows(rows, payments.kinds));
        const online = features.online();
        rows.forEach((row, position) => {
          expect([...online.featuresFor(row)]).toEqual(features.names.map((name) => computed.number(name)[position]));
          online.observe(row);
          online.learnLabel({ ...row, fraud: row.fraud !== true });
          online.learnLabel({ ...row, fraud: row.fraud === true });
          online.learnLabel({ ...row, fraud: row.fraud === true });
        });
      }),
    );
  });

  it('are, for late events, those of a history that holds what has arrived', () => {
    fc.assert(
      fc.property(featureSets, arrivals, (features, rows) => {
        const online = features.online({ latenessMs: 1000 });
        rows.forEach((row, position) => {
          const arrived = inOrder(rows.slice(0, position + 1));
          expect([...online.featuresFor(row)]).toEqual(offlineRow(features, arrived, arrived.indexOf(row)));
          online.observe(row);
          if (row.fraud !== null) online.learnLabel(row);
        });
      }),
    );
  });

  it('are the same after backfill as after observing', () => {
    fc.assert(
      fc.property(featureSets, arrivals, fc.nat(60), (features, unsorted, cut) => {
        const rows = inOrder(unsorted);
        const computed = features.compute(Table.fromRows(rows, payments.kinds));
        const online = features.online();
        online.backfill(Table.fromRows(rows.slice(0, cut), payments.kinds));
        rows.slice(cut).forEach((row, i) => {
          expect([...online.featuresFor(row)]).toEqual(features.names.map((name) => computed.number(name)[cut + i]));
          online.observe(row);
          if (row.fraud !== null) online.learnLabel(row);
        });
      }),
    );
  });

  it('do not look at the future, nor at labels before they are known', () => {
    fc.assert(
      fc.property(featureSets, arrivals, arrivals, fc.nat(60), (features, unsorted, others, nowMs) => {
        const rows = inOrder(unsorted);
        const later = inOrder(others).filter(({ at }) => at.getTime() > nowMs);
        const past = rows.filter(({ at }) => at.getTime() <= nowMs);
        const unknownYet = past.map((row) => (row.at.getTime() + LABEL_DELAY_MS > nowMs ? { ...row, fraud: null } : row));
        past.forEach((_, i) => expect(offlineRow(features, [...unknownYet, ...later], i)).toEqual(offlineRow(features, rows, i)));
      }),
    );
  });

  it('are the same for a set that comes back from JSON', () => {
    fc.assert(
      fc.property(featureSets, arrivals, (features, unsorted) => {
        const restored = featureSetFromJson(JSON.parse(JSON.stringify(features.toJson())));
        const table = Table.fromRows(inOrder(unsorted), payments.kinds);
        expect(restored.version).toBe(features.version);
        expect(restored.compute(table).toColumns()).toEqual(features.compute(table).toColumns());
      }),
    );
  });

  it('are the same bits for the handbook features of 20,000 simulated transactions', () => {
    const table = simulateTransactions({ rows: 20_000, seed: 3, days: 60 });
    expect(differencesWhileServing(handbookFeatures, table)).toBe(0);
  });
});

/** How many of all features differ when a table is served row by row, each label learned when it becomes known. */
function differencesWhileServing(features: FeatureSet, table: Table): number {
  const computed = features.compute(table);
  const columns = features.names.map((name) => computed.number(name));
  const times = table.time(features.transactions.time);
  const { delayMs } = features.transactions.label!;
  const online = features.online();
  const served = new Float64Array(features.names.length);
  let differences = 0;
  let learned = 0;
  for (let row = 0; row < table.rowCount; row++) {
    for (; times[learned]! + delayMs <= times[row]!; learned++) expect(online.learnLabel(table.row(learned))).toBe(true);
    const event = table.row(row);
    online.featuresFor(event, served);
    online.observe(event);
    for (let j = 0; j < served.length; j++) if (!Object.is(served[j], columns[j]![row])) differences++;
  }
  return differences;
}

/** The window read off its definition, row by row, in BigInt cents. */
function literalValue(
  { aggregate, per, windowMs, delayMs = 0, field: name }: WindowFeature,
  rows: readonly Payment[],
  position: number,
) {
  const row = rows[position]!;
  if (row[per] === null) return Number.NaN;
  const untilMs = row.at.getTime() - delayMs;
  const seen = rows.filter((other, i) => {
    const inWindow = other.at.getTime() > untilMs - windowMs && other.at.getTime() <= untilMs;
    return other[per] === row[per] && inWindow && (delayMs > 0 || i <= position);
  });
  if (aggregate === 'count') return seen.length;
  if (aggregate === 'risk') return seen.length === 0 ? 0 : seen.filter(({ fraud }) => fraud === true).length / seen.length;
  const present = seen.map((other) => other[name!]).filter((value) => typeof value === 'number');
  const cents = Number(present.reduce((total, value) => total + BigInt(Math.round(value * 100)), 0n));
  if (aggregate === 'sum') return cents / 100;
  return present.length === 0 ? Number.NaN : cents / (100 * present.length);
}
