import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { categoryColumn, flagColumn, numberColumn, Table, timeColumn } from '@fraudops/core';
import {
  defineFeatures,
  defineTransactions,
  FeatureError,
  handbookFeatures,
  hourOfDay,
  readTransactions,
  simulateTransactions,
  speed,
  writeTransactions,
} from '@fraudops/features';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { computeInDuckdb, insertTable, queryTable, readTransactionsWithDuckdb, writeTransactionsWithDuckdb } from './index.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let folder: string;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duckdb-'));
});
afterEach(() => rm(folder, { recursive: true }));

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string(), amount: z.number(), fraud: z.boolean(), note: z.string().optional() }),
  time: 'at',
  label: { field: 'fraud', delayMs: 0 },
  entities: ['card'],
});

const anyRow = fc.record({
  at: fc.option(
    fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
  ),
  card: fc.option(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '\0', '\uFEFF', '\uFEFFa text of more than 12 bytes', '😀', "'); DROP TABLE t; --"),
    ),
  ),
  amount: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  fraud: fc.option(fc.boolean()),
});
const { note: _, ...kinds } = payments.kinds;

describe('insertTable and queryTable', () => {
  it('give back the table, whatever its values', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 30 }), async (rows) => {
        const table = Table.fromRows(rows, kinds);
        await connection.run('DROP TABLE IF EXISTS t');
        await insertTable(connection, 't', table);
        const back = await queryTable(connection, 'SELECT * FROM t');
        expect(back.toRows()).toEqual(table.toRows());
        expect(Object.values(back.toColumns()).map(({ kind }) => kind)).toEqual(Object.values(kinds));
      }),
      { numRuns: 60 },
    );
  });

  it('take more rows than a chunk has, in order', async () => {
    const table = simulateTransactions({ rows: 5000, seed: 1 });
    await insertTable(connection, 'simulated', table);
    expect((await queryTable(connection, 'SELECT * FROM simulated')).toRows()).toEqual(table.toRows());
  });

  it('take any name as a name', async () => {
    const name = 'a "b"; DROP TABLE simulated; --';
    const table = Table.fromColumns({ 'x"y; --': numberColumn([1]), "it's": categoryColumn(["'); --"]) });
    await connection.run('CREATE SCHEMA "s.t"');
    await insertTable(connection, ['s.t', name], table);
    expect((await queryTable(connection, `SELECT * FROM "s.t"."a ""b""; DROP TABLE simulated; --"`)).toRows()).toEqual(
      table.toRows(),
    );
    for (const bad of ['', 'a\0b', []]) {
      await expect(insertTable(connection, bad, table)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
  });

  it('leave nothing behind when rows are refused, and a table that was there alone', async () => {
    await expect(insertTable(connection, 'refused', Table.fromColumns({ at: timeColumn([0.5]) }))).rejects.toThrow(
      'insertTable: column at, row 0: 0.5 is not a whole millisecond',
    );
    await expect(queryTable(connection, 'SELECT * FROM refused')).rejects.toThrow('refused does not exist');
    await insertTable(connection, 'kept', Table.fromColumns({ a: numberColumn([1]) }));
    await expect(insertTable(connection, 'kept', Table.fromColumns({ a: numberColumn([2]) }))).rejects.toThrow('already exists');
    expect((await queryTable(connection, 'SELECT * FROM kept')).toRows()).toEqual([{ a: 1 }]);
    await expect(insertTable(connection, 'empty', Table.fromColumns({}))).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });

  it('reads every type of DuckDB that a table can hold', async () => {
    const sql = `SELECT 1::TINYINT a, 2::USMALLINT b, 9007199254740991 c, 3::HUGEINT d, 1.10::DECIMAL(30, 2) e, 0.5::FLOAT f, 'x'::ENUM('x', 'y') g,
      uuid '1d5e90a0-1cb5-4e17-8217-ab16c764e773' h, DATE '1969-12-31' i, TIMESTAMP '1969-12-31 23:59:59.999999' j, TIMESTAMP_S '2018-01-01' k,
      TIMESTAMP_NS '2018-01-01 00:00:00.123456789' l, TIMESTAMPTZ '2018-01-01 00:00:00+02' m, true n, 18446744073709551615::UBIGINT o
      UNION ALL SELECT ${Array.from({ length: 15 }, () => 'NULL').join(', ')}`;
    const table = await queryTable(connection, sql, {
      ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 'number' as const])),
      g: 'category',
      h: 'category',
      i: 'time',
      j: 'time',
      k: 'time',
      l: 'time',
      m: 'time',
      n: 'flag',
      o: 'category',
    });
    expect(table.row(0)).toEqual({
      a: 1,
      b: 2,
      c: 9007199254740991,
      d: 3,
      e: 1.1,
      f: 0.5,
      g: 'x',
      h: '1d5e90a0-1cb5-4e17-8217-ab16c764e773',
      i: new Date('1969-12-31'),
      j: new Date('1969-12-31T23:59:59.999Z'),
      k: new Date('2018-01-01'),
      l: new Date('2018-01-01T00:00:00.123Z'),
      m: new Date('2017-12-31T22:00:00Z'),
      n: true,
      o: '18446744073709551615',
    });
    expect(Object.values(table.row(1))).toEqual(Array.from({ length: 15 }, () => null));
  });

  it('reads values as the kinds that are named, and takes parameters', async () => {
    const sql = `SELECT $1::VARCHAR AS card, 1 AS fraud, '2018-04-01 00:00:31' AS at, 7 AS id, 'nan'::DOUBLE AS gone`;
    const table = await queryTable(
      connection,
      sql,
      { id: 'category', at: 'time', fraud: 'flag', card: 'category', gone: 'number' },
      ["'; --"],
    );
    expect(table.toRows()).toEqual([{ id: '7', at: new Date('2018-04-01T00:00:31Z'), fraud: true, card: "'; --", gone: null }]);
    const words = await queryTable(connection, "SELECT unnest(['Yes', 'no', '', NULL]) AS fraud", { fraud: 'flag' });
    expect([...words.flag('fraud')]).toEqual([1, 0, 255, 255]);
  });

  it.each([
    ['SELECT [1] AS a', undefined, 'WRONG_KIND', "column a is LIST, which can't be read as number, category, time or flag"],
    ["SELECT 'x' AS a", { a: 'number' }, 'WRONG_KIND', "column a is VARCHAR, which can't be read as number"],
    [
      'SELECT 9007199254740992 AS a',
      undefined,
      'INVALID_VALUE',
      'row 0, column a: 9007199254740992 is not a number that float64 holds',
    ],
    ["SELECT 'x' AS a", { a: 'time' }, 'INVALID_VALUE', 'row 0, column a: "x" is not a time'],
    ['SELECT 2 AS a', { a: 'flag' }, 'INVALID_VALUE', 'row 0, column a: 2 is not 0, 1, true, false, yes, no, Y or N'],
    ['SELECT 1 AS a', { b: 'flag' }, 'MISSING_COLUMN', 'no column b; the result has a'],
    ['SELECT 1 AS a, 2 AS a', undefined, 'INVALID_VALUE', 'the column "a", or twice'],
  ] as const)('refuses %j as %j', async (sql, wanted, code, message) => {
    await expect(queryTable(connection, sql, wanted)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('files through DuckDB', () => {
  it('reads what readTransactions reads, from CSV, gzip and Parquet', async () => {
    const table = simulateTransactions({ rows: 3000, seed: 5 });
    for (const name of ['t.csv', 't.csv.gz', 't.parquet']) {
      const path = join(folder, name);
      await writeTransactions(path, table);
      expect((await readTransactionsWithDuckdb(path)).toRows()).toEqual((await readTransactions(path)).toRows());
    }
  });

  it('keeps ids, empty text, quotes and zones as they are', async () => {
    const csv =
      'shop,fraud,amount,at,card\r\nx,1,12.50,2018-04-01 00:00:31,007\r\ny,,,2018-04-02T10:00:00.5+02:00,"b, ""c"""\r\nz,false,1e3,,""\r\n';
    const path = join(folder, "it's a 'file'.csv");
    await writeFile(path, csv);
    const table = await readTransactionsWithDuckdb(path, payments);
    expect(table.columnNames).toEqual(['at', 'card', 'amount', 'fraud']);
    expect(table.toRows()).toEqual((await readTransactions(path, payments)).toRows());
    expect(table.row(0)).toMatchObject({ card: '007', at: new Date('2018-04-01T00:00:31Z') });
  });

  it('reads many files, by pattern or by name, whose columns stand in another order', async () => {
    await writeFile(join(folder, 'a-1.csv'), 'at,card,amount,fraud\n2018-04-01,a,1,0\n');
    await writeFile(join(folder, 'a-2.csv'), 'note,fraud,amount,card,at\nhello,1,2,b,2018-04-02\n');
    const expected = [
      { at: new Date('2018-04-01'), card: 'a', amount: 1, fraud: false, note: null },
      { at: new Date('2018-04-02'), card: 'b', amount: 2, fraud: true, note: 'hello' },
    ];
    expect((await readTransactionsWithDuckdb(join(folder, 'a-*.csv'), payments)).toRows()).toEqual(expected);
    const paths = ['a-2.csv', 'a-1.csv'].map((name) => join(folder, name));
    expect((await readTransactionsWithDuckdb(paths, payments)).toRows()).toEqual(expected.toReversed());
  });

  it('writes Parquet that every reader here reads, whole or not at all', async () => {
    const path = join(folder, "it's.parquet");
    const table = Table.fromColumns({
      at: timeColumn([0, Number.NaN]),
      card: categoryColumn(['a', null]),
      amount: numberColumn([1.5, Number.NaN]),
      fraud: flagColumn([true, null]),
    });
    await writeTransactionsWithDuckdb(path, table);
    expect((await readTransactions(path, payments)).toRows()).toEqual(table.toRows());
    expect((await readTransactionsWithDuckdb(path, payments)).toRows()).toEqual(table.toRows());
    const before = await readFile(path);
    await expect(writeTransactionsWithDuckdb(path, Table.fromColumns({ at: timeColumn([0.5]) }))).rejects.toThrow('row 0: 0.5');
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(folder)).toEqual(["it's.parquet"]);
  });

  it.each([
    ['nothing.csv', undefined, 'INVALID_FILE', 'No files found'],
    ['t.parquet', 'no parquet', 'INVALID_FILE', "can't be read"],
    ['t.csv', 'at,card,amount\n2018-04-01,a,1.2.3\n', 'INVALID_FILE', 'row 0, column amount: "1.2.3" is not a decimal number'],
    ['t.csv', 'at,card,amount\n25/04/2018,a,1\n', 'INVALID_FILE', 'row 0, column at: "25/04/2018" is not a time'],
    [
      't.csv',
      'at,card,amount\n2018-02-30 00:00:00,a,1\n',
      'INVALID_FILE',
      'row 0, column at: "2018-02-30 00:00:00" is not a time',
    ],
    [
      't.csv',
      'at,card,amount,fraud\n2018-04-01,a,1,maybe\n',
      'INVALID_FILE',
      'row 0, column fraud: "maybe" is not 0, 1, true, false, yes, no, Y or N',
    ],
    ['t.csv', 'at,card,amount,amount\n2018-04-01,a,1,2\n', 'INVALID_FILE', 'names the column amount twice'],
    ['t.csv', '', 'INVALID_FILE', 'has an empty first line'],
    ['t.csv', 'a"b"c,d\n', 'INVALID_FILE', 'expected column names with commas between them'],
    ['t.csv', 'Report 2018\n\nat,card,amount\n2018-04-01,a,1\n', 'MISSING_COLUMN', 'no column at'],
    ['t.csv', 'at,card,amount\n2018-04-01,a\n', 'INVALID_FILE', 'Expected Number of Columns: 3 Found: 2'],
    ['t.csv', 'at,card\n2018-04-01,a\n', 'MISSING_COLUMN', 'no column amount; the files have at, card'],
    ['t.csv', 'at,card,amount\n2018-04-01,a,inf\n', 'INVALID_FILE', 'row 0, column amount: "inf" is not a decimal number'],
    ['t.csv', 'at,card,amount\n2018-04-01,a,1\n2018-04-01,a,1\n', 'TOO_LARGE', 'more than 1 rows'],
  ])('refuses %s with %j', async (name, content, code, message) => {
    const path = join(folder, name);
    if (content !== undefined) await writeFile(path, content);
    const refused = readTransactionsWithDuckdb(path, payments, { maxRows: 1 });
    await expect(refused).rejects.toBeInstanceOf(FeatureError);
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses options that mean nothing', async () => {
    await expect(readTransactionsWithDuckdb('t.csv', payments, { threads: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(readTransactionsWithDuckdb('a\0.csv', payments)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('computeInDuckdb', () => {
  it('gives what compute gives, behind the columns to keep', async () => {
    const table = simulateTransactions({ rows: 4000, seed: 11 });
    await connection.run('CREATE SCHEMA archive');
    await insertTable(connection, ['archive', 'payments'], table);
    const inSql = await computeInDuckdb(connection, handbookFeatures, ['archive', 'payments'], {
      keep: ['TRANSACTION_ID'],
      order: 'TRANSACTION_ID',
    });
    expect(inSql.columnNames).toEqual(['TRANSACTION_ID', ...handbookFeatures.names]);
    expect(inSql.number('TRANSACTION_ID')).toEqual(table.number('TRANSACTION_ID'));
    const expected = handbookFeatures.compute(table);
    for (const name of handbookFeatures.names) {
      const [wanted, found] = [expected.number(name), inSql.number(name)];
      expect(found.every((value, row) => Math.abs(value - wanted[row]!) <= 1e-9 || Number.isNaN(value + wanted[row]!))).toBe(
        true,
      );
    }
  });

  it('passes on which feature SQL can not compute', async () => {
    const features = defineFeatures(payments, { PARIS_HOUR: hourOfDay({ timeZone: 'Europe/Paris' }) });
    await expect(computeInDuckdb(connection, features, 'payments')).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
      details: { feature: 'PARIS_HOUR' },
    });
  });

  it('gives infinite speeds as compute does', async () => {
    const places = defineTransactions({
      schema: z.object({ at: z.date(), card: z.string(), lat: z.number(), lon: z.number() }),
      time: 'at',
      entities: ['card'],
    });
    const features = defineFeatures(places, {
      SPEED: speed({ per: 'card', windowMs: 1000, place: { latitude: 'lat', longitude: 'lon' } }),
    });
    const table = Table.fromRows(
      [0, 1].map((lat) => ({ at: 0, card: 'a', lat, lon: 0 })),
      places.kinds,
    );
    await insertTable(connection, 'places', table);
    const found = await computeInDuckdb(connection, features, 'places');
    expect(found.number('SPEED')).toEqual(features.compute(table).number('SPEED'));
    expect(found.number('SPEED')[1]).toBe(Number.POSITIVE_INFINITY);
  });
});

const handbookFile = fileURLToPath(new URL('../../../../shared/data/handbook/transactions.csv.gz', import.meta.url));

describe.skipIf(!existsSync(handbookFile))('on the handbook data', () => {
  it('reads the same 1,754,155 transactions as readTransactions', { timeout: 120_000 }, async () => {
    const [found, expected] = [await readTransactionsWithDuckdb(handbookFile), await readTransactions(handbookFile)];
    expect(found.columnNames).toEqual(expected.columnNames);
    for (const name of expected.columnNames) {
      const [a, b] = [found.column(name), expected.column(name)];
      if (a.kind === 'category' && b.kind === 'category') expect(a.dictionary).toEqual(b.dictionary);
      const [ofFound, ofExpected] = [a, b].map((column) => (column.kind === 'category' ? column.codes : column.values));
      expect(Buffer.compare(Buffer.from(ofFound!.buffer), Buffer.from(ofExpected!.buffer))).toBe(0);
    }
  });
});
