import assert from 'node:assert/strict';
import type { Row, Table } from '@fraudops/core';
import type { TestRunner } from '@fraudops/core/testing';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import type { FeatureSet } from '../definitions/feature-set.js';
import { count, distinct, max, std, sum, timeSinceLast } from '../definitions/window-builders.js';
import { handbookFeatures } from '../handbook.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';
import type { EntityStatesPlace } from './entity-states-contract.js';
import type { SharedOnlineFeatures } from './shared-online-features.js';

/**
 * Declares the suite of features whose histories live in an `EntityStateStore`: they are those of one process, and no writer
 * loses what another one wrote.
 *
 * @param name what the implementation is called in the test report
 * @param runner of the test framework in use
 * @param makePlace makes a new, empty place for each test
 */
export function sharedFeaturesContract(name: string, runner: TestRunner, makePlace: () => Promise<EntityStatesPlace>): void {
  const test = (title: string, body: (place: EntityStatesPlace) => Promise<void>) =>
    runner.it(title, async () => {
      const place = await makePlace();
      try {
        await body(place);
      } finally {
        await place.dispose();
      }
    });
  runner.describe(`features on ${name}`, () => {
    test('are those of one process, whichever of two processes is asked, with labels and after a backfill', sameAsOneProcess);
    test('lose no transaction when two processes observe one card at once', twoWriters);
  });
}

const ROWS = 400;
const BACKFILLED = 250;

async function sameAsOneProcess(place: EntityStatesPlace): Promise<void> {
  const table = simulateTransactions({ rows: ROWS, seed: 5, days: 30, customers: 6, terminals: 6 });
  const alone = handbookFeatures.online();
  const shared = [0, 1].map(() => handbookFeatures.online({ state: place.open() }));
  await backfillBoth(handbookFeatures, table.slice(0, BACKFILLED), shared[0]!);
  alone.backfill(table.slice(0, BACKFILLED));
  for (let row = BACKFILLED; row < ROWS; row++) {
    const event = table.row(row);
    const features = await shared[row % 2]!.featuresFor(event);
    assert.deepEqual([...features], [...alone.featuresFor(event)], `the features of row ${row}`);
    await shared[(row + 1) % 2]!.observe(event);
    alone.observe(event);
    assert.equal(await shared[row % 2]!.learnLabel(table.row(row - 100)), alone.learnLabel(table.row(row - 100)));
  }
}

/** In two parts, the second of which adds to the states of the first. */
async function backfillBoth({ names }: FeatureSet, table: Table, shared: SharedOnlineFeatures): Promise<void> {
  assert.ok(names.length > 0);
  await shared.backfill(table.slice(0, 100));
  await shared.backfill(table.slice(100));
}

const payments = defineTransactions({
  schema: z.object({
    id: z.string(),
    at: z.date(),
    card: z.string(),
    shop: z.string(),
    amount: z.number().multipleOf(0.01),
  }),
  time: 'at',
  id: 'id',
  entities: ['card', 'shop'],
});
const HOUR_MS = 3_600_000;
const perCard = { per: 'card', windowMs: HOUR_MS } as const;
const cardFeatures = defineFeatures(payments, {
  N: count(perCard),
  SUM: sum('amount', perCard),
  STD: std('amount', perCard),
  MAX: max('amount', perCard),
  SHOPS: distinct('shop', perCard),
  PAIR: count({ per: ['card', 'shop'], windowMs: HOUR_MS }),
  SINCE: timeSinceLast(perCard),
});

const EACH = 60;

async function twoWriters(place: EntityStatesPlace): Promise<void> {
  const startMs = Date.UTC(2026, 0, 1);
  const eventOf = (writer: number, i: number): Row => ({
    id: `${writer}-${i}`,
    at: new Date(startMs + i * 1000),
    card: 'c1',
    shop: `s${i % 7}`,
    amount: (writer * 1000 + i) / 100,
  });
  const writers = [0, 1].map(() => cardFeatures.online({ state: place.open(), attempts: 1000 }));
  await Promise.all(
    writers.map(async (writer, number) => {
      for (let i = 0; i < EACH; i++) await writer.observe(eventOf(number, i));
    }),
  );
  const alone = cardFeatures.online();
  for (let i = 0; i < EACH; i++) for (const number of [0, 1]) alone.observe(eventOf(number, i));
  const next = eventOf(0, EACH);
  const features = await writers[0]!.featuresFor(next);
  assert.deepEqual([...features], [...alone.featuresFor(next)]);
  assert.equal(features[0], 2 * EACH + 1);
}
