import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { numberColumn, Table, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTransactions } from './read-transactions.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';
import { writeTransactions } from './write-transactions.js';

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string(), amount: z.number(), fraud: z.boolean() }),
  time: 'at',
  label: { field: 'fraud', delayMs: 0 },
  entities: ['card'],
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-transactions-'));
});
afterEach(() => rm(folder, { recursive: true }));

const anyRow = fc.record({
  at: fc.option(
    fc.date({ min: new Date('0100-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
  ),
  card: fc.option(fc.string({ unit: fc.constantFrom('a', 'ß', ',', '"', '\n', '\r', ' ', '\uFEFF') })),
  amount: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  fraud: fc.option(fc.boolean()),
});

describe('writeTransactions', () => {
  it('writes what readTransactions reads back, value for value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow), fc.constantFrom('t.csv', 't.csv.gz'), async (rows, name) => {
        const path = join(folder, name);
        const table = Table.fromRows(rows, payments.kinds);
        await writeTransactions(path, table);
        expect((await readTransactions(path, payments)).toRows()).toEqual(table.toRows());
      }),
      { numRuns: 60 },
    );
  });

  it('writes a form that people and other programs read', async () => {
    const rows = [
      { at: '2018-04-01T00:00:31Z', card: 'a,"b"', amount: 57.1, fraud: true },
      { at: '2018-04-01T23:59:59.007Z', card: '', amount: null, fraud: null },
    ];
    await writeTransactions(join(folder, 't.csv'), Table.fromRows(rows, payments.kinds));
    const text = await readFile(join(folder, 't.csv'), 'utf8');
    expect(text).toBe('at,card,amount,fraud\n2018-04-01 00:00:31,"a,""b""",57.1,1\n2018-04-01 23:59:59.007,"",,\n');
  });

  it('gives the same bytes for the same table, and the same text with and without gzip', async () => {
    const table = simulateTransactions({ rows: 10_000, seed: 7 });
    for (const name of ['one.csv.gz', 'two.csv.gz', 'plain.csv']) await writeTransactions(join(folder, name), table);
    const [one, two, plain] = await Promise.all(
      ['one.csv.gz', 'two.csv.gz', 'plain.csv'].map((name) => readFile(join(folder, name))),
    );
    expect(one!.equals(two!)).toBe(true);
    expect(gunzipSync(one!).equals(plain!)).toBe(true);
    expect((await readTransactions(join(folder, 'plain.csv'))).toRows()).toEqual(table.toRows());
  });

  it.each([
    [{ AMOUNT: numberColumn([1, Number.POSITIVE_INFINITY]) }, 'column AMOUNT, row 1: Infinity is not a finite number'],
    [{ AT: timeColumn([0.5]) }, 'column AT, row 0: 0.5 is not a whole millisecond of the years 100 to 9999'],
    [{ AT: timeColumn([8e15]) }, 'column AT, row 0: 8000000000000000 is not a whole millisecond'],
  ])('refuses what it could not read back, and leaves the old file', async (columns, message) => {
    const path = join(folder, 't.csv');
    await writeFile(path, 'old');
    await expect(writeTransactions(path, Table.fromColumns(columns))).rejects.toThrow(message);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['t.csv']);
  });

  it('fails where there is no folder', async () => {
    await expect(writeTransactions(join(folder, 'no', 't.csv'), Table.fromColumns({}))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
