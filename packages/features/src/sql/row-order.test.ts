import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { Table } from '@fraudops/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import { field } from '../definitions/row-builders.js';
import { count, sum } from '../definitions/window-builders.js';
import { defineTransactions } from '../transactions/transactions.js';
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

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string(), amount: z.number().multipleOf(0.01), r: z.string().optional() }),
  time: 'at',
  entities: ['card'],
});

async function rowsOf(sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

describe('featuresToSql', () => {
  it.each(['r', 'R', 't', 'k0', 'x0', 'f0', 'simple', 'source', 'Q'])(
    'keeps the order of rows with a feature %s',
    async (name) => {
      await connection.run(`CREATE OR REPLACE TABLE p AS SELECT make_timestamp(range * 1000) AS "at", 'x' AS card, [3, 1, 2][range + 1] AS amount,
      ['z', 'y', 'x'][range + 1] AS r FROM range(3)`);
      const features = defineFeatures(payments, { [name]: field('amount') });
      expect(await rowsOf(featuresToSql(features, { dialect: 'duckdb', table: 'p' }))).toEqual([[3], [1], [2]]);
      const kept = featuresToSql(features, { dialect: 'duckdb', table: 'p', keep: ['r'] });
      expect(await rowsOf(kept)).toEqual([
        ['z', 3],
        ['y', 1],
        ['x', 2],
      ]);
    },
  );

  it('rounds half units as compute does', async () => {
    const amounts = [-0.005, 0.015, -0.025, 0.005, -0.015, 0.004999999999999999, 1.005, -2.675];
    await connection.run(`CREATE OR REPLACE TABLE halves AS SELECT make_timestamp(range * 1000) AS "at", 'c' || range AS card,
      [${amounts.map((amount) => `${amount}::DOUBLE`).join(', ')}][range + 1] AS amount FROM range(${amounts.length})`);
    const features = defineFeatures(payments, { SUM: sum('amount', { per: 'card', windowMs: 10 }) });
    const rows = amounts.map((amount, i) => ({ at: new Date(i), card: `c${i}`, amount, r: null }));
    const expected = features.compute(Table.fromRows(rows, payments.kinds)).number('SUM');
    const found = (await rowsOf(featuresToSql(features, { dialect: 'duckdb', table: 'halves' }))).map(([value]) => Number(value));
    // The whole numbers of SQL know no negative zero.
    expect(found).toEqual(Array.from(expected, (value) => value + 0));
  });

  it('refuses columns that are one name in SQL, and a table without a name', () => {
    const both = defineTransactions({
      schema: z.object({ at: z.date(), card: z.string(), Card: z.string() }),
      time: 'at',
      entities: ['card', 'Card'],
    });
    const perCard = { A: count({ per: 'card', windowMs: 100 }), B: count({ per: 'Card', windowMs: 100 }) };
    expect(() => featuresToSql(defineFeatures(both, perCard), { dialect: 'duckdb', table: 'p' })).toThrow(
      'the columns card and Card differ only in case',
    );
    const one = defineFeatures(both, { A: perCard.A });
    expect(() => featuresToSql(one, { dialect: 'duckdb', table: 'p', keep: ['CARD'] })).toThrow('differ only in case');
    expect(featuresToSql(one, { dialect: 'duckdb', table: 'p', keep: ['card'] })).toContain('FROM "p"');
    for (const table of [[], ['a', 'b', 'c', 'd']]) {
      expect(() => featuresToSql(one, { dialect: 'duckdb', table })).toThrow('featuresToSql: table is [');
    }
  });
});
