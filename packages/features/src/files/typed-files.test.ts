import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ColumnKind, Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { tableFromArrow } from './arrow-table.js';
import { tableFromParquet } from './parquet-table.js';

// Files as other programs write them; their names say which program and version.
const folder = fileURLToPath(new URL('./fixtures/', import.meta.url));
const files = readdirSync(folder);

function read(file: string, kinds?: Readonly<Record<string, ColumnKind>>): Promise<Table> {
  const bytes = readFileSync(folder + file);
  return file.endsWith('.parquet') ? tableFromParquet(bytes, kinds) : tableFromArrow(bytes, kinds);
}

const cells = (table: Table, name: string) => table.toRows().map((row) => row[name]);
const T = (text: string) => new Date(text);

/** The columns of the files of pyarrow, value for value as the program that wrote them was given them. */
const EVERY_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  int8: [1, -2, null, 4, 5],
  uint32: [4294967295, 0, null, 1, 2],
  int64: [9007199254740991, -9007199254740991, null, 0, 7],
  float: [0.5, -1.25, null, null, 3],
  double: [57.16, -0, null, null, 1e-300],
  half: [0.5, -2, 6.103515625e-5, 1, 65504],
  decimal: [57.16, -0.01, null, 123456789.99, 0],
  wide: [Number('12345678901234567890.12'), -0.07, null, 1.1, 0],
  bool: [true, false, null, true, false],
  string: ['a', '', 'ß€😀', null, '\uFEFFa'],
  large: ['x', 'y', null, 'x', 'x'],
  dictionary: ['eu', 'us', null, 'eu', 'us'],
  s: [T('2018-04-01T00:00:31Z'), T('1969-12-31T23:59:59Z'), null, T('2024-02-29T12:00:00Z'), T('2018-04-01T00:00:31Z')],
  ms: [
    T('2018-04-01T00:00:31.123Z'),
    T('1969-12-31T23:59:59.999Z'),
    null,
    T('2024-02-29T12:00:00Z'),
    T('2018-04-01T00:00:31.123Z'),
  ],
  us: [
    T('2018-04-01T00:00:31.123Z'),
    T('1969-12-31T23:59:59.999Z'),
    null,
    T('2024-02-29T12:00:00Z'),
    T('2018-04-01T00:00:31.123Z'),
  ],
  ns: [
    T('2018-04-01T00:00:31.123Z'),
    T('1969-12-31T23:59:59.999Z'),
    null,
    T('2024-02-29T12:00:00Z'),
    T('2018-04-01T00:00:31.123Z'),
  ],
  zoned: [
    T('2018-04-01T00:00:31.123Z'),
    T('1969-12-31T23:59:59.999Z'),
    null,
    T('2024-02-29T12:00:00Z'),
    T('2018-04-01T00:00:31.123Z'),
  ],
  date: [T('2018-04-01'), T('1969-12-31'), null, T('2024-02-29'), T('2018-04-01')],
  nothing: [null, null, null, null, null],
  view: ['short', null, 'a text of more than twelve bytes', 'short', ''],
  run: ['p', 'p', 'q', 'q', null],
};
const BEYOND_FLOAT64 = {
  big: ['9223372036854775807', '-9223372036854775808', null, '12345678901234567', '7'],
  ubig: ['18446744073709551615', '0', null, '9007199254740993', '7'],
};

const ofPyarrow = files.filter((file) => file.startsWith('pyarrow-') && !/nested|int96|long/.test(file));

describe('files of pyarrow', () => {
  it('are there', () => expect(ofPyarrow).toHaveLength(12));

  it.each(ofPyarrow)('%s is read value for value', async (file) => {
    const isArrow = file.endsWith('.arrow');
    const names = Object.keys(EVERY_TYPE).filter((name) => isArrow || (name !== 'view' && name !== 'run'));
    const kindsOf: Readonly<Record<string, ColumnKind>> = {
      bool: 'flag',
      string: 'category',
      large: 'category',
      dictionary: 'category',
      nothing: 'category',
      view: 'category',
      run: 'category',
    };
    const kinds = Object.fromEntries(
      names.map((name) => [name, kindsOf[name] ?? (EVERY_TYPE[name]![0] instanceof Date ? 'time' : 'number')]),
    );
    const table = await read(file, kinds);
    for (const name of names) expect([name, cells(table, name)]).toEqual([name, EVERY_TYPE[name]]);
    const ids = await read(file, { big: 'category', ubig: 'category' });
    for (const [name, values] of Object.entries(BEYOND_FLOAT64)) expect(cells(ids, name)).toEqual(values);
  });

  it.each(ofPyarrow)('%s: whole numbers that float64 does not hold are refused as numbers', async (file) => {
    await expect(read(file, { big: 'number' })).rejects.toThrow(
      /row 0, column big: 9223372036854775807 is not a finite number; whole numbers/,
    );
    await expect(read(file)).rejects.toMatchObject({ code: 'INVALID_VALUE', details: { column: 'big', row: 0 } });
  });

  it('reads the old timestamps of 96 bits', async () => {
    const table = await read('pyarrow-26.0.1-int96.parquet');
    for (const name of ['us', 'ns', 'ms']) expect(cells(table, name)).toEqual(EVERY_TYPE[name]);
  });

  it('inflates LZ4 frames whose blocks look back at each other', async () => {
    const table = await read('pyarrow-26.0.1-long-lz4.feather');
    expect(cells(table, 'text')).toEqual(Array.from({ length: 60 }, (_, i) => `abc${i % 7} `.repeat(400)));
  });

  it('refuses nested columns and times of day by name, and reads those beside them', async () => {
    const file = 'pyarrow-26.0.1-nested.parquet';
    expect(cells(await read(file, { id: 'number' }), 'id')).toEqual([1, 2]);
    for (const [name, type] of [
      ['tags', 'nested'],
      ['point', 'nested'],
      ['clock', 'time-of-day'],
    ] as const) {
      await expect(read(file, { [name]: 'category' })).rejects.toThrow(
        `tableFromParquet: column ${name} holds ${type} values, which can't be read as category`,
      );
    }
    await expect(read(file)).rejects.toMatchObject({ code: 'WRONG_KIND' });
  });
});

describe('files of data frames', () => {
  const frames = files.filter((file) => !file.startsWith('pyarrow-'));
  it('are there', () => expect(frames).toHaveLength(6));

  it.each(frames)('%s is read without being told kinds', async (file) => {
    const table = await read(file);
    const missing = file.startsWith('fastparquet')
      ? { card: '', flag: true, at: T('2018-04-01') }
      : { card: null, flag: null, at: null };
    expect(table.toRows()).toEqual([
      { id: 1, amount: 1.5, card: 'a', flag: true, at: T('2018-04-01T00:00:31.500Z'), count: 1, cat: 'x' },
      { id: 2, amount: null, ...missing, count: null, cat: 'y' },
      { id: 3, amount: 2.25, card: 'b', flag: false, at: T('2018-04-02'), count: 3, cat: 'x' },
    ]);
    expect(table.category('cat').dictionary).toEqual(['x', 'y']);
  });
});
