import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Table } from '@fraudops/core';
import { z } from 'zod';
import { handbookFeatures } from './handbook.js';
import { readTransactions } from './files/read-transactions.js';
import { defineTransactions } from './transactions/transactions.js';

const folder = fileURLToPath(new URL('../../../../shared/data/handbook/', import.meta.url));
const transactionsFile = `${folder}transactions.csv.gz`;
const featuresFile = `${folder}features_2018-07-25_2018-08-14.csv.gz`;

describe('handbookFeatures', () => {
  it('are the 15 features of the book, in its order', () => {
    expect(handbookFeatures.names).toEqual([
      'TX_AMOUNT',
      'TX_DURING_WEEKEND',
      'TX_DURING_NIGHT',
      'CUSTOMER_ID_NB_TX_1DAY_WINDOW',
      'CUSTOMER_ID_AVG_AMOUNT_1DAY_WINDOW',
      'CUSTOMER_ID_NB_TX_7DAY_WINDOW',
      'CUSTOMER_ID_AVG_AMOUNT_7DAY_WINDOW',
      'CUSTOMER_ID_NB_TX_30DAY_WINDOW',
      'CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW',
      'TERMINAL_ID_NB_TX_1DAY_WINDOW',
      'TERMINAL_ID_RISK_1DAY_WINDOW',
      'TERMINAL_ID_NB_TX_7DAY_WINDOW',
      'TERMINAL_ID_RISK_7DAY_WINDOW',
      'TERMINAL_ID_NB_TX_30DAY_WINDOW',
      'TERMINAL_ID_RISK_30DAY_WINDOW',
    ]);
  });
});

describe.skipIf(!existsSync(transactionsFile))('handbookFeatures on the 1,754,155 transactions of the book', () => {
  let table: Table;
  let computed: Table;
  beforeAll(async () => {
    table = inOrderOfTheBook(await readTransactions(transactionsFile));
    computed = handbookFeatures.compute(table);
  }, 120_000);

  it("equal the book's own features on 201,295 of them, to 1e-9", async () => {
    const golden = await readGolden();
    expect([table.rowCount, golden.rowCount]).toEqual([1_754_155, 201_295]);
    const ids = table.number('TRANSACTION_ID');
    const rowOfId = new Map<number, number>();
    for (let row = 0; row < ids.length; row++) rowOfId.set(ids[row]!, row);
    const rows = Int32Array.from(golden.number('TRANSACTION_ID'), (id) => rowOfId.get(id) ?? -1);
    expect(rows.includes(-1)).toBe(false);
    for (const name of handbookFeatures.names) {
      const ours = computed.number(name);
      const theirs = golden.number(name);
      let largest = 0;
      // A NaN would make the largest difference NaN, and so fail.
      for (let i = 0; i < rows.length; i++) largest = Math.max(largest, Math.abs(ours[rows[i]!]! - theirs[i]!));
      expect(largest, name).toBeLessThan(1e-9);
    }
  }, 120_000);

  it('are the same bits when all of them are served one by one, with a restart in the middle', () => {
    let online = handbookFeatures.online();
    const columns = handbookFeatures.names.map((name) => computed.number(name));
    const served = new Float64Array(columns.length);
    const times = table.time('TX_DATETIME');
    let differences = 0;
    let learned = 0;
    for (let row = 0; row < table.rowCount; row++) {
      const event = table.row(row);
      for (; times[learned]! + handbookFeatures.transactions.label!.delayMs <= times[row]!; learned++)
        online.learnLabel(table.row(learned));
      online.featuresFor(event, served);
      online.observe(event);
      for (let j = 0; j < served.length; j++) if (!Object.is(served[j], columns[j]![row])) differences++;
      if (row === 900_000) {
        const restarted = handbookFeatures.online();
        restarted.restore(online.save());
        online = restarted;
      }
    }
    expect(differences).toBe(0);
    expect(online.memory()).toMatchObject({ entities: 14_990, eventsDropped: 0, entitiesDropped: 0 });
  }, 240_000);
});

/**
 * Transactions of one customer in one second count in the order of their rows. In these three weeks there is one such pair, and the
 * book's own features have it the other way round, since pandas' default sort does not keep the order of equal times.
 */
function inOrderOfTheBook(table: Table): Table {
  const rows = Int32Array.from({ length: table.rowCount }, (_, row) => row);
  const ids = table.number('TRANSACTION_ID');
  const first = ids.indexOf(1_240_489);
  expect([ids[first + 1], table.time('TX_DATETIME')[first + 1]]).toEqual([1_240_490, table.time('TX_DATETIME')[first]]);
  rows[first] = first + 1;
  rows[first + 1] = first;
  return table.take(rows);
}

/** The book's features as numbers, by name. */
function readGolden(): Promise<Table> {
  const numbers = Object.fromEntries(['TRANSACTION_ID', ...handbookFeatures.names].map((name) => [name, z.number()]));
  const definition = defineTransactions({
    schema: z.object({ ...numbers, TX_DATETIME: z.date() }),
    time: 'TX_DATETIME',
    entities: [],
  });
  return readTransactions(featuresFile, definition);
}
