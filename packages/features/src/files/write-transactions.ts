import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Table } from '@fraudops/core';
import type { Tables } from './table-parts.js';
import { type TransactionsFormat, requireFormat } from './transactions-format.js';
import { csvChunks } from './write-csv.js';

/** Options of {@link writeTransactions}. */
export interface WriteTransactionsOptions {
  /** What to write. Default: what the path says; `.parquet`, `.arrow` or `.feather` (Arrow IPC), everything else is CSV. */
  readonly format?: TransactionsFormat;
}

/**
 * Writes a table, or tables one below the other, as CSV, gzip-compressed when the path ends in `.gz`, as Parquet (see
 * {@link tableToParquet}) or as Arrow IPC (see {@link tableToArrow}), so that {@link readTransactions} reads the same values back. The same
 * table gives the same bytes.
 *
 * The header of a CSV file names the columns in the table's order. Numbers are written with the fewest digits that give the same
 * float64, times as `2018-04-01 00:00:31` in UTC (with `.mmm` when they have milliseconds), flags as 0 and 1, a missing value as an
 * empty cell, and the empty string as `""`. Cells with commas, quotes or line ends are quoted (RFC 4180); lines end with LF.
 *
 * An iterable of tables is written while it is made, so a file may be longer than memory: a table is asked for when those before are written
 * or, in Parquet and Arrow, wait for a group of 122,880 rows to be full. Memory holds a table, a group, and of Parquet and Arrow the list of
 * groups so far (in Parquet about a kilobyte a column and group). All tables have the columns of the first, in any order; dictionaries may differ. However the
 * rows are cut into tables, the bytes are the same: in CSV and Parquet those of one table; Arrow files of an iterable hold categories as
 * UTF-8 strings, since the format has one dictionary for all batches of a column.
 *
 * The file appears whole or not at all: it is written beside its place, flushed to disk and renamed. A file that was there is replaced.
 * Arrow files beyond 2 GiB are for other readers; {@link readTransactions} refuses them.
 *
 * @throws {FeatureError} INVALID_OPTION for a format that isn't known; INVALID_VALUE for what couldn't be read back: an infinite number,
 * text that is no Unicode, a time that is no whole millisecond or, in CSV, outside the years 100 to 9999; of an iterable MISSING_VALUE when it
 * has no table, MISSING_COLUMN, UNKNOWN_FIELD or WRONG_KIND when a table's columns are not those of the first, TOO_LARGE for 2 GiB of text
 * in one column and group of Arrow; else the file system's own error, such as ENOENT or ENOSPC, or what the iterable throws. Nothing is
 * left behind then.
 * @example await writeTransactions('transactions.parquet', simulateTransactions({ rows: 10_000, seed: 7 }));
 * @example await writeTransactions('long.csv.gz', streamTransactions({ rows: 100_000_000, seed: 7 }));
 */
export async function writeTransactions(
  path: string,
  table: Table | Iterable<Table> | AsyncIterable<Table>,
  options: WriteTransactionsOptions = {},
): Promise<void> {
  const format = requireFormat('writeTransactions', path, options.format);
  const chunks = chunksOf(format, table);
  const temporary = `${path}.${randomUUID()}.tmp`;
  const target = createWriteStream(temporary, { flags: 'wx' });
  try {
    if (format === 'csv' && path.endsWith('.gz')) await pipeline(chunks, createGzip(), target);
    else await pipeline(chunks, target);
    await flushToDisk(temporary);
    await rename(temporary, path);
  } catch (error) {
    // A file that is still being opened would appear after its removal.
    await finished(target).catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

function chunksOf(format: TransactionsFormat, table: Table | Tables): AsyncIterable<string | Uint8Array> {
  const tables = isIterable(table) ? table : [table];
  switch (format) {
    case 'csv':
      return csvChunks('writeTransactions', tables);
    case 'parquet':
      return parquetFile(tables);
    default:
      return arrowFile(table);
  }
}

const isIterable = (table: Table | Tables): table is Tables => Symbol.iterator in table || Symbol.asyncIterator in table;

// Parquet and Arrow are loaded when a file asks for them, as in read-transactions.ts.
async function* parquetFile(tables: Tables): AsyncGenerator<Uint8Array> {
  const { parquetChunks } = await import('./write-parquet.js');
  yield* parquetChunks('writeTransactions', tables);
}

async function* arrowFile(table: Table | Tables): AsyncGenerator<Uint8Array> {
  const { arrowBytes, arrowChunks } = await import('./write-arrow.js');
  if (isIterable(table)) yield* arrowChunks('writeTransactions', table);
  else yield await arrowBytes('writeTransactions', table);
}

async function flushToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
