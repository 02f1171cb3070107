import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Column, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { arrowBytes } from './arrow-table.js';
import { type TransactionsFormat, requireFormat } from './transactions-format.js';
import { requireWritable, unwritable as unwritableValue } from './writable-values.js';
import { parquetChunks } from './write-parquet.js';

/** Options of {@link writeTransactions}. */
export interface WriteTransactionsOptions {
  /** What to write. Default: what the path says; `.parquet`, `.arrow` or `.feather` (Arrow IPC), everything else is CSV. */
  readonly format?: TransactionsFormat;
}

/**
 * Writes a table as CSV, gzip-compressed when the path ends in `.gz`, as Parquet (see {@link tableToParquet}) or as Arrow IPC (see
 * {@link tableToArrow}), so that {@link readTransactions} reads the same values back. The same table gives the same bytes.
 *
 * The header of a CSV file names the columns in the table's order. Numbers are written with the fewest digits that give the same
 * float64, times as `2018-04-01 00:00:31` in UTC (with `.mmm` when they have milliseconds), flags as 0 and 1, a missing value as an
 * empty cell, and the empty string as `""`. Cells with commas, quotes or line ends are quoted (RFC 4180); lines end with LF.
 *
 * The file appears whole or not at all: it is written beside its place, flushed to disk and renamed. A file that was there is replaced.
 *
 * @throws {FeatureError} INVALID_OPTION for a format that isn't known; INVALID_VALUE for what couldn't be read back: an infinite number,
 * text that is no Unicode, a time that is no whole millisecond or, in CSV, outside the years 100 to 9999; else the file system's own
 * error, such as ENOENT or ENOSPC. Nothing is left behind then.
 * @example await writeTransactions('transactions.parquet', simulateTransactions({ rows: 10_000, seed: 7 }));
 */
export async function writeTransactions(path: string, table: Table, options: WriteTransactionsOptions = {}): Promise<void> {
  const format = requireFormat('writeTransactions', path, options.format);
  const temporary = `${path}.${randomUUID()}.tmp`;
  const target = createWriteStream(temporary, { flags: 'wx' });
  try {
    if (format === 'csv' && path.endsWith('.gz')) await pipeline(csvChunks(table), createGzip(), target);
    else await pipeline(CHUNKS[format](table), target);
    await flushToDisk(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const CHUNKS: Readonly<Record<TransactionsFormat, (table: Table) => Iterable<string> | AsyncIterable<Uint8Array>>> = {
  csv: (table) => csvChunks(table),
  parquet: (table) => parquetChunks('writeTransactions', table),
  arrow: async function* (table) {
    yield await arrowBytes('writeTransactions', table);
  },
};

async function flushToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const ROWS_PER_CHUNK = 4096;

function* csvChunks(table: Table): Generator<string> {
  const columns = Object.entries(table.toColumns());
  yield `${columns.map(([name]) => csvText(name)).join(',')}\n`;
  const writers = columns.map(([name, column]) => cellWriter(name, column));
  for (let start = 0; start < table.rowCount; start += ROWS_PER_CHUNK) {
    const end = Math.min(start + ROWS_PER_CHUNK, table.rowCount);
    let chunk = '';
    for (let row = start; row < end; row++) {
      for (let column = 0; column < writers.length; column++) {
        if (column > 0) chunk += ',';
        chunk += writers[column]!(row);
      }
      chunk += '\n';
    }
    yield chunk;
  }
}

/** A function from a row to the text of its cell. */
function cellWriter(name: string, column: Column): (row: number) => string {
  switch (column.kind) {
    case 'category': {
      requireWritable('writeTransactions', name, column);
      const texts = column.dictionary.map(csvText);
      return (row) => (column.codes[row] === MISSING_CODE ? '' : texts[column.codes[row]!]!);
    }
    case 'flag':
      return (row) => (column.values[row] === MISSING_FLAG ? '' : String(column.values[row]));
    case 'time':
      return timeWriter(name, column.values);
    default:
      return (row) => {
        const value = column.values[row]!;
        if (Math.abs(value) === Number.POSITIVE_INFINITY) throw unwritable(name, row, value, 'a finite number');
        return Number.isNaN(value) ? '' : numberText(value);
      };
  }
}

const NEEDS_QUOTES = /[",\r\n]|^$|^\uFEFF/;

function csvText(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('0100-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function timeWriter(name: string, epochMs: Float64Array): (row: number) => string {
  // Rows in time order repeat their date, so the text of the last one is kept.
  let lastDay = Number.NaN;
  let date = '';
  return (row) => {
    const moment = epochMs[row]!;
    if (Number.isNaN(moment)) return '';
    if (!(moment >= FIRST_MS && moment <= LAST_MS && Number.isInteger(moment))) {
      throw unwritable(name, row, moment, 'a whole millisecond of the years 100 to 9999');
    }
    const day = Math.floor(moment / DAY_MS);
    if (day !== lastDay) {
      date = new Date(day * DAY_MS).toISOString().slice(0, 10);
      lastDay = day;
    }
    const milliseconds = moment - day * DAY_MS;
    const seconds = Math.floor(milliseconds / 1000);
    const time = `${twoDigits(Math.floor(seconds / 3600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
    const fraction = milliseconds - seconds * 1000;
    return fraction === 0 ? `${date} ${time}` : `${date} ${time}.${String(fraction).padStart(3, '0')}`;
  };
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function unwritable(column: string, row: number, value: number, rule: string): Error {
  return unwritableValue('writeTransactions', column, `row ${row}`, value, rule);
}
