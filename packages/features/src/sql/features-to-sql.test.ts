import { DuckDBInstance, type DuckDBConnection, DuckDBTimestampMillisecondsValue } from '@duckdb/node-api';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Table } from '@fraudops/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import type { FeatureDefinition } from '../definitions/feature-definition.js';
import type { FeatureSet } from '../definitions/feature-set.js';
import { field, hourOfDay, targetEncoding } from '../definitions/row-builders.js';
import { count, last, risk, share, sum } from '../definitions/window-builders.js';
import { readTransactions } from '../files/read-transactions.js';
import { handbookFeatures } from '../handbook.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';
import {
  featureDefinitions,
  paymentTable,
  randomPayments,
  randomStreams,
  rowFeatures,
} from '../windows/random-streams.fixture.js';
import { featuresToSql } from './features-to-sql.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const SQL_TYPES = { number: 'DOUBLE', category: 'VARCHAR', time: 'TIMESTAMP_MS', flag: 'BOOLEAN' } as const;

/** Puts a table into the database, in place of one of the same name. */
async function insert(name: string, table: Table): Promise<void> {
  const columns = Object.entries(table.toColumns());
  const types = columns.map(([column, { kind }]) => `"${column}" ${SQL_TYPES[kind]}`);
  await connection.run(`CREATE OR REPLACE TABLE ${name} (${types.join(', ')})`);
  const appender = await connection.createAppender(name);
  for (const row of table.rows()) {
    for (const [column] of columns) {
      const cell = row[column];
      if (cell == null) appender.appendNull();
      else if (cell instanceof Date)
        appender.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(cell.getTime())));
      else if (typeof cell === 'number') appender.appendDouble(cell);
      else if (typeof cell === 'boolean') appender.appendBoolean(cell);
      else appender.appendVarchar(cell);
    }
    appender.endRow();
  }
  appender.closeSync();
}

/** Features by SQL, a Float64Array each. */
async function computedInSql(features: FeatureSet, table: string): Promise<Float64Array[]> {
  const result = await connection.runAndReadAll(featuresToSql(features, { dialect: 'duckdb', table }));
  expect(result.columnNames()).toEqual(features.names);
  return result.getColumns().map((values) => Float64Array.from(values as (number | null)[], (value) => value ?? Number.NaN));
}

/** Largest distance of two columns, relative where values are above 1; infinite when only one of two values is missing. */
function distanceOf(expected: Float64Array, actual: Float64Array): number {
  if (expected.length !== actual.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((worst, value, row) => {
    const found = actual[row]!;
    if (Object.is(value, found) || value === found) return worst;
    if (Number.isNaN(value) || Number.isNaN(found)) return Number.POSITIVE_INFINITY;
    return Math.max(worst, Math.abs(value - found) / Math.max(1, Math.abs(value)));
  }, 0);
}

async function expectEqual(features: FeatureSet, table: Table): Promise<void> {
  await insert('payments', table);
  const inSql = await computedInSql(features, 'payments');
  const expected = features.compute(table);
  features.names.forEach((name, i) => {
    const distance = distanceOf(expected.number(name), inSql[i]!);
    expect(distance, `${name} ${JSON.stringify(features.definitions[name])}`).toBeLessThan(1e-9);
  });
}

const plain = { arrival: false, knownAt: false };
const payments = randomPayments(plain);

/** Without clocks of time zones, and what is made of them. */
function withoutZones(definitions: Record<string, FeatureDefinition>): Record<string, FeatureDefinition> {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => {
      if (!('timeZone' in definition)) return [name, definition];
      const { timeZone: _, ...utc } = definition;
      return [name, utc];
    }),
  );
}

describe('featuresToSql', () => {
  it('gives what compute gives, for any features and streams with many ties', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(featureDefinitions, randomStreams(plain), async (definitions, stream) => {
        const features = defineFeatures(payments, withoutZones(definitions)) as FeatureSet;
        await expectEqual(features, paymentTable(stream, payments));
      }),
      { numRuns: 150 },
    );
  });

  it('gives what compute gives for features of the row', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowFeatures, { minLength: 1, maxLength: 8 }), randomStreams(plain), async (drawn, stream) => {
        const definitions = Object.fromEntries(drawn.map((definition, i) => [`R${i}`, definition]));
        await expectEqual(defineFeatures(payments, withoutZones(definitions)) as FeatureSet, paymentTable(stream, payments));
      }),
      { numRuns: 60 },
    );
  });

  it('gives what compute gives where time has equal moments only', { timeout: 60_000 }, async () => {
    const features = defineFeatures(payments, {
      COUNT: count({ per: 'card', windowMs: 1 }),
      EARLIER: count({ per: 'card', windowMs: 1, own: 'excluded' }),
      LAST: last('amount', { per: ['card', 'shop'], windowMs: 5 }),
      SHARE: share('shop', { per: 'shop', windowMs: 5 }),
      RISK: risk({ per: 'card', windowMs: 5 }),
    }) as FeatureSet;
    const rows = Array.from({ length: 200 }, (_, i) => ({
      id: i,
      at: 0,
      seen: 0,
      card: i % 3 === 0 ? 'a' : 'b',
      shop: i % 2 === 0 ? 'x' : null,
      amount: i,
    }));
    await expectEqual(features, Table.fromRows(rows, payments.kinds));
  });

  it('orders rows of one moment by the column that is named, and keeps columns', async () => {
    const table = Table.fromRows(
      [3, 1, 2].map((id) => ({ id, at: 0, seen: 0, card: 'a', amount: id })),
      payments.kinds,
    );
    await insert('payments', table);
    const features = defineFeatures(payments, { SUM: sum('amount', { per: 'card', windowMs: 1 }) });
    const select = featuresToSql(features, {
      dialect: 'duckdb',
      table: ['main', 'payments'],
      order: 'id',
      keep: ['id', 'amount'],
    });
    const result = await connection.runAndReadAll(select);
    expect(result.getRowObjects()).toEqual([
      { id: 1, amount: 1, SUM: 1 },
      { id: 2, amount: 2, SUM: 3 },
      { id: 3, amount: 3, SUM: 6 },
    ]);
  });

  it('takes whatever names hold for names', async () => {
    const name = 'x"; DROP TABLE payments; --';
    const odd = defineTransactions({
      schema: z.object({ [`at ${name}`]: z.date(), [`card ${name}`]: z.string() }),
      time: `at ${name}`,
      entities: [`card ${name}`],
    });
    await connection.run(
      `CREATE OR REPLACE TABLE "odd""; --" ("at x""; DROP TABLE payments; --" TIMESTAMP, "card x""; DROP TABLE payments; --" VARCHAR)`,
    );
    await connection.run(`INSERT INTO "odd""; --" VALUES (TIMESTAMP '2018-04-01', 'a')`);
    const features = defineFeatures(odd, {
      [`'; ${name}`]: count({ per: `card ${name}`, windowMs: 1 }),
      T: count({ per: `card ${name}`, windowMs: 2 }),
    });
    const result = await connection.runAndReadAll(featuresToSql(features, { dialect: 'duckdb', table: 'odd"; --' }));
    expect(result.getRowObjects()).toEqual([{ [`'; ${name}`]: 1, T: 1 }]);
  });

  it('refuses a missing time, as compute does', async () => {
    await connection.run('CREATE OR REPLACE TABLE untimed AS SELECT NULL::TIMESTAMP AS at, 1::DOUBLE AS amount');
    const sql = featuresToSql(defineFeatures(payments, { AMOUNT: field('amount'), HOUR: hourOfDay() }), {
      dialect: 'duckdb',
      table: 'untimed',
    });
    await expect(connection.run(sql)).rejects.toThrow('at is missing; every transaction needs its time');
  });

  const late = randomPayments({ arrival: true, knownAt: false });
  const recorded = randomPayments({ arrival: false, knownAt: true });
  it.each([
    [
      'late transactions',
      late,
      { N: count({ per: 'card', windowMs: 1 }) },
      'N is a window of transactions that may arrive late (seen)',
    ],
    [
      'recorded labels',
      recorded,
      { R: risk({ per: 'card', windowMs: 1 }) },
      'R counts labels from the moment at which each is known (known)',
    ],
    ['time zones', payments, { H: hourOfDay({ timeZone: 'Europe/Paris' }) }, 'H goes by the clock of Europe/Paris'],
    ['encodings', payments, { E: targetEncoding('shop') }, 'E is a targetEncoding, which is looked up in what was fitted'],
  ] as const)('refuses %s by name', (_, transactions, definitions, message) => {
    const features = defineFeatures(transactions, definitions as Record<string, FeatureDefinition>);
    const refused = () => featuresToSql(features, { dialect: 'duckdb', table: 't' });
    expect(refused).toThrow(`featuresToSql: ${message}`);
    expect(refused).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED', details: { feature: Object.keys(definitions)[0] } }),
    );
  });

  it('refuses options that mean nothing', () => {
    for (const options of [
      { table: '' },
      { table: 'a\0b' },
      { table: 't', order: '' },
      { table: 't', dialect: 'mysql' as 'duckdb' },
    ]) {
      const refused = () => featuresToSql(handbookFeatures, { dialect: 'duckdb', ...options });
      expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    }
  });

  it('gives the features of the handbook', { timeout: 60_000 }, async () => {
    await expectEqual(handbookFeatures, simulateTransactions({ rows: 5000, seed: 3 }));
  });
});

const handbookFile = fileURLToPath(new URL('../../../../../shared/data/handbook/transactions.csv.gz', import.meta.url));

describe.skipIf(!existsSync(handbookFile))('featuresToSql on the handbook data', () => {
  it('gives the features of the first 60 days', { timeout: 120_000 }, async () => {
    const all = await readTransactions(handbookFile);
    const untilMs = Date.parse('2018-05-31T00:00:00Z');
    const end = all.time('TX_DATETIME').findIndex((moment) => moment >= untilMs);
    await expectEqual(
      handbookFeatures,
      all.slice(0, end).select(['TRANSACTION_ID', 'TX_DATETIME', 'CUSTOMER_ID', 'TERMINAL_ID', 'TX_AMOUNT', 'TX_FRAUD']),
    );
  });
});
