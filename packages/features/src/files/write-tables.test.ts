/** {@link writeTransactions} of more tables than one. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { categoryColumn, numberColumn, Table, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { streamTransactions } from '../simulation/stream-transactions.js';
import { anyTable, contentOf } from './any-table.fixture.js';
import { tableFromArrow, tableToArrow } from './arrow-table.js';
import { tableFromParquet } from './parquet-table.js';
import { readTransactions } from './read-transactions.js';
import { simulatedPayments } from '../simulation/simulated-payments.js';
import { writeTransactions } from './write-transactions.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-tables-'));
});
afterEach(() => rm(folder, { recursive: true }));

const names = ['t.csv', 't.csv.gz', 't.parquet', 't.arrow'];
const simulation = { rows: 2500, days: 30, seed: 7, world: 'payments' } as const;

/** A table in two, each with a dictionary of its own, and a table of no rows between them. */
function* cut(table: Table, at: number): Generator<Table> {
  const kinds = Object.fromEntries(table.columnNames.map((name) => [name, table.column(name).kind]));
  for (const part of [table.slice(0, at), table.slice(at, at), table.slice(at)]) yield Table.fromRows(part.toRows(), kinds);
}

describe('writeTransactions of tables', () => {
  it.each(names)('%s: holds what one table would, from any kind of iterable', async (name) => {
    const path = join(folder, name);
    const whole = simulateTransactions(simulation);
    await writeTransactions(path, streamTransactions({ ...simulation, batchRows: 700 }));
    const bytes = await readFile(path);
    const back = await readTransactions(path, simulatedPayments);
    expect(contentOf(back)).toEqual(contentOf(whole));
    await writeTransactions(
      path,
      (async function* () {
        yield* cut(whole, 1000);
      })(),
    );
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await writeTransactions(path, [...cut(whole, 0)]);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await writeTransactions(path, whole);
    if (name !== 't.arrow') expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('gives back any values of any table, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, fc.nat(40), async (table, at) => {
        await writeTransactions(join(folder, 't.parquet'), cut(table, at));
        expect(contentOf(await tableFromParquet(await readFile(join(folder, 't.parquet'))))).toEqual(contentOf(table));
        await writeTransactions(join(folder, 't.arrow'), cut(table, at));
        const back = await tableFromArrow(await readFile(join(folder, 't.arrow')));
        expect(contentOf(back)).toEqual(contentOf(await tableFromArrow(await tableToArrow(table))));
      }),
      { numRuns: 40 },
    );
  });

  it('makes groups of 122,880 rows, however many a table has', { timeout: 60_000 }, async () => {
    const lengths = [1000, 200_000, 0, 50_000];
    const tables = lengths.map((rows, i) =>
      Table.fromColumns({
        n: numberColumn(new Float64Array(rows).fill(i)),
        c: categoryColumn(Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? null : `${i}-${row % 5}`))),
      }),
    );
    const whole = Table.concat(tables);
    for (const [name, read] of [
      ['t.parquet', tableFromParquet],
      ['t.arrow', tableFromArrow],
    ] as const) {
      await writeTransactions(join(folder, name), tables);
      const back = await read(await readFile(join(folder, name)));
      expect(back.number('n')).toEqual(whole.number('n'));
      expect(back.category('c')).toEqual(whole.category('c'));
    }
    const groups = parquetMetadata(await readFile(join(folder, 't.parquet'))).row_groups;
    expect(groups.map((group) => Number(group.num_rows))).toEqual([122_880, 122_880, 5_240]);
  });

  it.each(names)('%s: asks for a table when the one before is written or waits for its group, and for no other', async (name) => {
    const row = Table.fromColumns({ n: numberColumn(new Float64Array(122_880)) });
    let [asked, closed] = [0, false];
    const endless = function* () {
      try {
        for (;;) {
          asked++;
          // The third one can't be written.
          yield asked < 3 ? row : Table.fromColumns({ n: numberColumn([Number.POSITIVE_INFINITY]) });
        }
      } finally {
        closed = true;
      }
    };
    await expect(writeTransactions(join(folder, name), endless())).rejects.toThrow(
      'writeTransactions: column n, row 245760: Infinity is not a finite number',
    );
    expect([asked, closed]).toEqual([3, true]);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(names)('%s: leaves the old file alone when tables differ or fail', async (name) => {
    const path = join(folder, name);
    await writeFile(path, 'old');
    const one = Table.fromColumns({ at: timeColumn([0]), card: categoryColumn(['a']) });
    const refused = [
      [one.drop(['card']), 'MISSING_COLUMN', 'table 1, column card: is not there, expected category as in table 0'],
      [one.with('card', numberColumn([1])), 'WRONG_KIND', 'table 1, column card: is number, expected category as in table 0'],
      [one.with('more', numberColumn([1])), 'UNKNOWN_FIELD', 'table 1, column more: is number, expected none as in table 0'],
      [{ card: 'a' } as unknown as Table, 'INVALID_VALUE', 'table 1 is object, expected a Table'],
    ] as const;
    for (const [table, code, message] of refused) {
      const writing = writeTransactions(path, [one, table]);
      await expect(writing).rejects.toThrow(message);
      await expect(writing).rejects.toMatchObject({ code });
    }
    await expect(writeTransactions(path, [])).rejects.toMatchObject({ code: 'MISSING_VALUE' });
    const failing = async function* () {
      yield one;
      throw new Error('no more');
    };
    await expect(writeTransactions(path, failing())).rejects.toThrow('no more');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual([name]);
    await writeTransactions(path, [one, one.select(['card', 'at'])]);
    expect(await readdir(folder)).toEqual([name]);
  });
});
