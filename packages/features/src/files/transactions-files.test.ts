import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { categoryColumn, numberColumn, type Progress, Table, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';
import { contentOf } from './any-table.fixture.js';
import { readTransactions } from './read-transactions.js';
import { writeTransactions } from './write-transactions.js';

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string(), amount: z.number(), fraud: z.boolean(), note: z.string().optional() }),
  time: 'at',
  label: { field: 'fraud', delayMs: 0 },
  entities: ['card'],
});
const { note: _, ...kinds } = payments.kinds;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transactions-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const anyRow = fc.record({
  at: fc.option(
    fc.date({ min: new Date('0100-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
  ),
  card: fc.option(fc.string({ unit: 'binary', maxLength: 4 })),
  amount: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  fraud: fc.option(fc.boolean()),
});
const names = ['t.csv', 't.csv.gz', 't.parquet', 't.PARQUET', 't.arrow', 't.feather'];

describe('files of transactions', () => {
  it('give the same table in every format, with categories in order of first appearance', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow), async (rows) => {
        const table = Table.fromRows(rows, kinds);
        for (const name of names) {
          await writeTransactions(join(folder, name), table);
          const back = await readTransactions(join(folder, name), payments);
          expect(contentOf(back)).toEqual(contentOf(table));
          expect(back.category('card').dictionary).toEqual(table.category('card').dictionary);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are several row groups when they are long', { timeout: 60_000 }, async () => {
    const table = simulateTransactions({ rows: 130_000, seed: 7 });
    const path = join(folder, 't.parquet');
    await writeTransactions(path, table);
    expect(parquetMetadata(await readFile(path)).row_groups.map((group) => Number(group.num_rows))).toEqual([122_880, 7_120]);
    const back = await readTransactions(path);
    for (const name of table.columnNames) expect(back.toColumns()[name]!.kind).toBe(table.column(name).kind);
    for (const start of [0, 122_800, 129_900]) {
      expect(back.slice(start, start + 100).toRows()).toEqual(table.slice(start, start + 100).toRows());
    }
    const total = (of: Table) => of.number('TX_AMOUNT').reduce((sum, amount) => sum + Math.round(amount * 100), 0);
    expect(total(back)).toBe(total(table));
  });

  it('are what the options say, whatever they are called', async () => {
    const table = Table.fromRows([{ at: 0, card: 'a', amount: 1, fraud: true }], kinds);
    for (const format of ['csv', 'parquet', 'arrow'] as const) {
      const path = join(folder, `${format}.data`);
      await writeTransactions(path, table, { format });
      expect((await readTransactions(path, payments, { format })).toRows()).toEqual(table.toRows());
    }
    const odd = { format: 'xlsx' as 'csv' };
    await expect(readTransactions(join(folder, 'csv.data'), payments, odd)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(writeTransactions(join(folder, 'x'), table, odd)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('ignore columns that the definition does not know, and need those it requires', async () => {
    for (const name of ['t.parquet', 't.arrow']) {
      const path = join(folder, name);
      const table = Table.fromRows([{ fraud: 1, extra: 'x', amount: 1, card: 7, at: '2018-04-01', note: 'n' }], {
        fraud: 'number',
        extra: 'category',
        amount: 'number',
        card: 'number',
        at: 'category',
        note: 'category',
      });
      await writeTransactions(path, table);
      const read = await readTransactions(path, payments);
      expect(read.columnNames).toEqual(['at', 'card', 'amount', 'fraud', 'note']);
      expect(read.toRows()).toEqual([{ at: new Date('2018-04-01'), card: '7', amount: 1, fraud: true, note: 'n' }]);
      await writeTransactions(path, table.drop(['card']));
      await expect(readTransactions(path, payments)).rejects.toMatchObject({
        code: 'MISSING_COLUMN',
        details: { column: 'card', file: path },
      });
    }
  });

  it.each(['t.parquet', 't.arrow'])('%s: are refused with file, row, column, value and rule', async (name) => {
    const path = join(folder, name);
    await writeTransactions(
      path,
      Table.fromRows(
        [1, 2].map((fraud) => ({ at: 0, card: 'a', amount: 1, fraud })),
        { ...kinds, fraud: 'number' },
      ),
    );
    const error: FeatureError = await readTransactions(path, payments).then(
      () => expect.fail('was not refused'),
      (refusal: FeatureError) => refusal,
    );
    expect(error).toBeInstanceOf(FeatureError);
    expect(error.message).toBe(`${path}, row 1, column fraud: 2 is not 0, 1, true, false, yes, no, Y or N`);
    expect(error).toMatchObject({ code: 'INVALID_VALUE', details: { file: path, row: 1, column: 'fraud', value: '2' } });
    await expect(readTransactions(path, payments, { maxRows: 1 })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { rows: 2, maxRows: 1 },
    });
    await writeFile(path, 'at,card\n');
    await expect(readTransactions(path, payments)).rejects.toMatchObject({ code: 'INVALID_FILE', details: { file: path } });
    await expect(readTransactions(join(folder, `no-${name}`), payments)).rejects.toMatchObject({ code: 'ENOENT' });
    const stopped = AbortSignal.abort();
    await writeTransactions(path, Table.fromRows([{ at: 0, card: 'a', amount: 1 }], kinds));
    await expect(readTransactions(path, payments, { signal: stopped })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each(names)('%s: are written whole or not at all', async (name) => {
    const path = join(folder, name);
    await writeFile(path, 'old');
    const refused = [
      { amount: numberColumn([Number.POSITIVE_INFINITY]) },
      { at: timeColumn([0.5]) },
      { card: categoryColumn(['\uD800']) },
    ];
    for (const columns of refused) {
      await expect(writeTransactions(path, Table.fromColumns(columns))).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    }
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual([name]);
  });

  it.each(['t.parquet', 't.arrow'])('%s: report the bytes that are read', async (name) => {
    let read = 0;
    const task = { advance: (units: number) => void (read += units), total: () => {}, done: () => {}, fail: () => {} };
    const progress: Progress = { task: () => task };
    await writeTransactions(join(folder, name), simulateTransactions({ rows: 100, seed: 1 }));
    await readTransactions(join(folder, name), undefined, { progress });
    expect(read).toBeGreaterThan(1000);
  });
});
