/** Nothing that fails late may pass for a shorter table, and nothing may be read as what it isn't. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { Table } from '@fraudops/core';
import { count, defineFeatures, defineTransactions, field, readTransactions, simulateTransactions } from '@fraudops/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { computeInDuckdb, insertTable, queryTable, readTransactionsWithDuckdb, writeTransactionsWithDuckdb } from './index.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let folder: string;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  connection = await instance.connect();
  folder = await mkdtemp(join(tmpdir(), 'duckdb-'));
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
});

const payments = defineTransactions({
  schema: z.object({ id: z.string(), at: z.date(), amount: z.number(), shop: z.string().optional() }),
  time: 'at',
  entities: ['id', 'shop'],
});
const HEADER = 'id,at,amount,shop\n';
const LINE = '1,2018-04-01 00:00:31,5,x\n';

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('errors after many rows', () => {
  it.each([
    ["SELECT CASE WHEN range = 2900000 THEN error('boom')::INTEGER ELSE 1 END AS a FROM range(3000000)", 'boom'],
    ["SELECT (CASE WHEN range = 150000 THEN 'x' ELSE '1' END)::INTEGER AS a FROM range(200000)", 'Could not convert'],
  ])('are thrown by queryTable: %s', async (sql, message) => {
    await expect(queryTable(connection, sql)).rejects.toThrow(message);
  });

  it('are thrown when a query is interrupted', async () => {
    const running = queryTable(connection, 'SELECT sum(a.range * b.range) AS s FROM range(1000000) a, range(1000000) b');
    const timer = setTimeout(() => connection.interrupt(), 100);
    await expect(running).rejects.toThrow(/interrupt/i);
    clearTimeout(timer);
  });

  it.each([
    ['short', '1,2018-04-01 00:00:31\n'],
    ['long', '1,2018-04-01 00:00:31,5,6,7\n'],
    ['unclosed', '"1,2018-04-01 00:00:31,5,x\n'],
  ])('are thrown for a late line that is %s', async (name, line) => {
    const path = await written(`${name}.csv`, HEADER + LINE.repeat(100_000) + line);
    await expect(readTransactionsWithDuckdb(path, payments)).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringMatching(/Line: 100002|ends within quotes/),
    });
  });

  it.each(['25/04/2018', '2018-02-30 00:00:00', '1522540831', 'today'])('are thrown for the late time %s', async (time) => {
    const path = await written('late-time.csv', `${HEADER}${LINE.repeat(5000)}2,${time},5,x\n${LINE}`);
    await expect(readTransactionsWithDuckdb(path, payments)).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringContaining(`row 5000, column at: "${time}" is not a time`),
    });
  });

  // More than the 32 MB that DuckDB reads at once, with cells long enough to keep the lines few.
  it('are thrown for line ends that change late, and line ends within quotes are kept', { timeout: 60_000 }, async () => {
    const long = `1,2018-04-01 00:00:31,5,"${'x\ny,'.repeat(200)}"\r\n`;
    const lines = 45_000;
    const path = await written('large.csv', HEADER.replace('\n', '\r\n') + long.repeat(lines));
    expect((await readTransactionsWithDuckdb(path, payments)).rowCount).toBe(lines);
    const plain = `1,2018-04-01 00:00:31,5,${'x'.repeat(800)}\r\n`;
    await writeFile(path, HEADER.replace('\n', '\r\n') + plain.repeat(lines) + LINE.repeat(10));
    await expect(readTransactionsWithDuckdb(path, payments)).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });

  it('are thrown for a gzip file that is cut, also between two lines, or changed', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i},2018-04-01 00:00:31,${i / 7},x\n`).join('');
    const whole = gzipSync(HEADER + lines);
    expect((await readTransactionsWithDuckdb(await written('whole.csv', whole), payments)).rowCount).toBe(20_000);
    const changed = Buffer.from(whole);
    changed[changed.length - 6]! ^= 1;
    for (const damaged of [whole.subarray(0, Math.trunc(whole.length * 0.6)), whole.subarray(0, -8), changed]) {
      const path = await written('damaged.csv.gz', damaged);
      await expect(readTransactionsWithDuckdb(path, payments)).rejects.toMatchObject({
        code: 'INVALID_FILE',
        message: expect.stringContaining('is a damaged gzip file'),
      });
    }
  });

  it('are thrown for Parquet with other bytes in it', async () => {
    const path = join(folder, 'flipped.parquet');
    await writeTransactionsWithDuckdb(path, simulateTransactions({ rows: 150_000, seed: 1 }));
    const bytes = await readFile(path);
    let refused = 0;
    for (const part of [0.3, 0.5, 0.7, 0.9]) {
      const flipped = Buffer.from(bytes);
      for (let i = 0; i < 64; i++) flipped[Math.trunc(bytes.length * part) + i]! ^= 0xa5;
      await writeFile(path, flipped);
      const outcome = await readTransactionsWithDuckdb(path).catch((error: unknown) => error);
      if (outcome instanceof Table) expect(outcome.rowCount).toBe(150_000);
      else expect(outcome).toMatchObject({ code: 'INVALID_FILE' });
      refused += outcome instanceof Table ? 0 : 1;
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe('CSV files', () => {
  it.each([
    ['ids with a hash', `${HEADER}${'#1,2018-04-01 00:00:31,5,x#y\n'.repeat(3)}3,2018-04-01,5,x\n`],
    ['a header that looks like a comment', `#x,${HEADER}0,${LINE}`],
    ['lines that repeat the first cells', `${HEADER}007,2018-04-01T00:00:31Z,1e2,NULL\n`],
    ['CRLF, empty lines and a byte order mark', `\uFEFF${HEADER}\n${LINE}\n\n${LINE}`.replaceAll('\n', '\r\n')],
    [
      'quotes around names, commas, quotes and line ends',
      `"id","at",amount,"shop","a ""b"", c"\n"1,2",2018-04-01,,"x""\n\ny",\n`,
    ],
    ['names that differ in case', `ID,${HEADER}2,${LINE}`],
    ['no lines', HEADER],
    ['no last line end', HEADER + LINE.trim()],
    ['empty and quoted empty cells', `${HEADER},,,\n"","","",""\n`],
    [
      'numbers',
      `${HEADER}${['-0', '+5', '.5', '5.', '1e-7', '00005', '0.1'].map((amount) => `1,2018-04-01,${amount},x\n`).join('')}`,
    ],
  ])('with %s are read as readTransactions reads them', async (_, content) => {
    const path = await written('same.csv', content);
    const expected = await readTransactions(path, payments);
    const found = await readTransactionsWithDuckdb(path, payments);
    expect(found.columnNames).toEqual(expected.columnNames);
    expect(found.toRows()).toEqual(expected.toRows());
  });

  it.each(['0x10', '1_000', 'NaN', 'nan', 'Infinity', '1e400', ' 5 '])(
    'refuse the number %j as readTransactions does',
    async (cell) => {
      const path = await written('number.csv', `${HEADER}1,2018-04-01,${cell},x\n`);
      await expect(readTransactions(path, payments)).rejects.toThrow('column amount');
      await expect(readTransactionsWithDuckdb(path, payments)).rejects.toMatchObject({ code: 'INVALID_FILE' });
    },
  );

  it('are no patterns once a pattern has found them, and each has the columns that are required', async () => {
    await written('p[1].csv', HEADER + LINE);
    await written('p1.csv', `at,id,amount\n2018-04-02,2,6\n`);
    const table = await readTransactionsWithDuckdb(join(folder, 'p*.csv'), payments);
    expect(table.toRows().map(({ id, shop }) => [id, shop])).toEqual([
      ['2', null],
      ['1', 'x'],
    ]);
    await written('p2.csv', 'at,id\n2018-04-02,2\n');
    await expect(readTransactionsWithDuckdb(join(folder, 'p*.csv'), payments)).rejects.toMatchObject({ code: 'MISSING_COLUMN' });
  });

  it('have at most maxRows rows together', async () => {
    const paths = [await written('m1.csv', HEADER + LINE.repeat(3)), await written('m2.csv', `at,id,amount\n2018-04-02,2,6\n`)];
    expect((await readTransactionsWithDuckdb(paths, payments, { maxRows: 4 })).rowCount).toBe(4);
    await expect(readTransactionsWithDuckdb(paths, payments, { maxRows: 3 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(readTransactionsWithDuckdb(paths, payments, { maxRows: 0.5 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('queryTable', () => {
  it('keeps all digits of decimals in a category', async () => {
    const sql = `SELECT unnest(['12345678901234567890', '12345678901234567891', '-1.50', '7', '0', NULL])::DECIMAL(30, 3) AS id`;
    const table = await queryTable(connection, sql, { id: 'category' });
    const ids = ['12345678901234567890', '12345678901234567891', '-1.5', '7', '0', null];
    expect(table.toRows().map(({ id }) => id)).toEqual(ids);
    const whole = await queryTable(connection, 'SELECT 12345678901234567890::DECIMAL(20, 0) AS id', { id: 'category' });
    expect(whole.toRows()).toEqual([{ id: '12345678901234567890' }]);
  });
});

describe('computeInDuckdb', () => {
  it('names a column that the table lacks, also when the table itself has that name', async () => {
    const features = defineFeatures(payments, { COUNT: count({ per: 'shop', windowMs: 100 }), AMOUNT: field('amount') });
    await insertTable(connection, 'shop', Table.fromRows([{ at: new Date(0), amount: 1 }], { at: 'time', amount: 'number' }));
    await expect(computeInDuckdb(connection, features, 'shop')).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      message: expect.stringContaining('no column shop'),
    });
    const others = defineFeatures(payments, { AMOUNT: field('amount') });
    expect((await computeInDuckdb(connection, others, 'shop')).toRows()).toEqual([{ AMOUNT: 1 }]);
  });
});
