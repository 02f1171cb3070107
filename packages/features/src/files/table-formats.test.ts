import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { categoryColumn, numberColumn, Table, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureError } from '../feature-error.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { anyTable, contentOf } from './any-table.fixture.js';
import { tableFromArrow, tableToArrow } from './arrow-table.js';
import { tableFromParquet, tableToParquet } from './parquet-table.js';

describe.each([
  ['Parquet', tableToParquet, tableFromParquet],
  ['Arrow', tableToArrow, tableFromArrow],
])('%s bytes', (_, write, read) => {
  it('give back the table, whatever its values', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        expect(contentOf(await read(await write(table)))).toEqual(contentOf(table));
      }),
      { numRuns: 300 },
    );
  });

  it('are the same for the same table', async () => {
    const table = simulateTransactions({ rows: 3000, seed: 7 });
    const [one, two] = [await write(table), await write(table)];
    expect(Buffer.compare(one, two)).toBe(0);
    expect(contentOf(await read(one))).toEqual(contentOf(table));
  });

  it('are read from the middle of a larger buffer', async () => {
    const bytes = await write(Table.fromColumns({ amount: numberColumn([1, 2.5]), card: categoryColumn(['a', null]) }));
    const larger = Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('tail')]);
    expect((await read(larger.subarray(3, 3 + bytes.length))).toRows()).toEqual([
      { amount: 1, card: 'a' },
      { amount: 2.5, card: null },
    ]);
  });

  it('are read as the kinds that are named, in their order', async () => {
    const bytes = await write(
      Table.fromColumns({
        id: numberColumn([7, 1.5, Number.NaN]),
        at: categoryColumn(['2018-04-01', '', '2018-04-01 00:00:31']),
      }),
    );
    const table = await read(bytes, { at: 'time', id: 'category' });
    expect(table.toRows()).toEqual([
      { at: new Date('2018-04-01'), id: '7' },
      { at: null, id: '1.5' },
      { at: new Date('2018-04-01T00:00:31Z'), id: null },
    ]);
    expect(table.category('id').dictionary).toEqual(['7', '1.5']);
    const flags = await write(
      Table.fromColumns({ fraud: numberColumn([1, 0, Number.NaN]), ms: numberColumn([1.5e12, 0, Number.NaN]) }),
    );
    expect((await read(flags, { fraud: 'flag', ms: 'time' })).row(0)).toEqual({ fraud: true, ms: new Date(1.5e12) });
    const words = await write(Table.fromColumns({ fraud: categoryColumn(['Y', 'N', null, '', 'Y']) }));
    expect([...(await read(words, { fraud: 'flag' })).flag('fraud')]).toEqual([1, 0, 255, 255, 1]);
  });

  it.each([
    [{ id: categoryColumn(['a']) }, { id: 'number' }, 'WRONG_KIND', "column id holds text values, which can't be read as number"],
    [{ id: categoryColumn(['a', '31']) }, { id: 'time' }, 'INVALID_VALUE', 'row 0, column id: "a" is not a time: a timestamp'],
    [
      { id: numberColumn([1, 2]) },
      { id: 'flag' },
      'INVALID_VALUE',
      'row 1, column id: 2 is not 0, 1, true, false, yes, no, Y or N',
    ],
    [{ id: categoryColumn(['N', 'ja']) }, { id: 'flag' }, 'INVALID_VALUE', 'row 1, column id: "ja" is not 0, 1, true'],
    [{ id: numberColumn([9e15]) }, { id: 'time' }, 'INVALID_VALUE', 'row 0, column id: 9000000000000000 is not a time'],
    [{ id: numberColumn([1]) }, { at: 'time' }, 'MISSING_COLUMN', 'no column at; the file has id'],
  ] as const)('that hold %j are not read as %j', async (columns, kinds, code, message) => {
    const bytes = await write(Table.fromColumns(columns));
    await expect(read(bytes, kinds)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each([
    [{ amount: numberColumn([1, Number.POSITIVE_INFINITY]) }, 'column amount, row 1: Infinity is not a finite number'],
    [{ at: timeColumn([0.5]) }, 'column at, row 0: 0.5 is not a whole millisecond of a Date'],
    [{ at: timeColumn([8.64e15 + 1]) }, 'column at, row 0: 8640000000000001 is not a whole millisecond of a Date'],
    [{ card: categoryColumn(['\uD800']) }, 'column card, dictionary entry 0: "\\ud800" is not Unicode text'],
  ])('are not made of %j', async (columns, message) => {
    await expect(write(Table.fromColumns(columns))).rejects.toThrow(message);
  });

  it.each([
    [new Uint8Array(0)],
    [Buffer.from('PAR1PAR1')],
    [Buffer.from('ARROW1\0\0ARROW1')],
    [Buffer.from('a,b\n1,2\n'.repeat(9))],
  ])('are told from other bytes: %j', async (bytes) => {
    await expect(read(bytes)).rejects.toBeInstanceOf(FeatureError);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });
});

describe('damaged bytes', () => {
  const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)));
  const files = [
    ...['snappy', 'none', 'gzip', 'zstd', 'lz4', 'brotli', 'v2-delta'].map((name) => `pyarrow-26.0.1-${name}.parquet`),
    ...['none', 'lz4', 'zstd', 'stream'].map((name) => `pyarrow-26.0.1-${name}.arrow`),
  ];

  it.each(files)('%s: give a table or a FeatureError, never anything else', { timeout: 60_000 }, async (name) => {
    const whole = fixture(name);
    const read = name.endsWith('.parquet') ? tableFromParquet : tableFromArrow;
    const damage = fc.record({
      cut: fc.option(fc.nat(whole.length)),
      changes: fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ cut, changes }) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        const outcome = await read(bytes.subarray(0, cut ?? bytes.length)).catch((error: unknown) => error);
        expect(outcome instanceof FeatureError || outcome instanceof Table).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each(files)('%s: half of them are refused', async (name) => {
    const whole = fixture(name);
    const read = name.endsWith('.parquet') ? tableFromParquet : tableFromArrow;
    await expect(read(whole.subarray(0, whole.length >> 1))).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });
});
