import { type FileHandle, open } from 'node:fs/promises';
import { type Progress, type ProgressTask, silentProgress, type Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { handbookTransactions } from '../handbook.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { MAX_ROWS } from './max-rows.js';
import { readCsv } from './read-csv.js';
import { type TransactionsFormat, requireFormat } from './transactions-format.js';
import { columnsOfDefinition } from './wanted-columns.js';

/** Options of {@link readTransactions}. */
export interface ReadTransactionsOptions {
  /** What the file is. Default: what its name says; `.parquet`, `.arrow` or `.feather` (Arrow IPC), everything else is CSV. */
  readonly format?: TransactionsFormat;
  /** Hears of the bytes read, compressed ones for a gzip file. Default: silent. */
  readonly progress?: Progress;
  /** Most rows the file may have; a longer one is refused rather than cut. Default 50,000,000. */
  readonly maxRows?: number;
  /** Longest line of a CSV file that is accepted, in bytes. Default 1,048,576. */
  readonly maxLineBytes?: number;
  /** Stops reading when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Transactions from a file: CSV, plain or gzip (told by its first bytes), Parquet, or Arrow IPC (Feather).
 *
 * The file names its columns; they may come in any order, and those the definition doesn't know are ignored. The table's columns come in
 * the definition's order. A column whose field isn't required may be absent, and is then absent from the table too. The same values give
 * the same table from any format.
 *
 * - **CSV** is read as a stream: memory holds the table and a few megabytes beside it. The first line names the columns. An empty cell is
 *   missing; `""` in a category is the empty string, elsewhere missing. Cells are read by the kind of their column: decimal numbers,
 *   correctly rounded; times as `parseTime` of `@fraudops/core` takes them; flags as `parseFlag` of it does (0, 1, true, false, yes, no, Y, N);
 *   categories UTF-8. Empty lines are
 *   skipped, unless the file has one column. Lines end with LF or CRLF. Quoting, line ends and byte order mark are as RFC 4180 and Excel
 *   write them.
 * - **Parquet** is read a column of a row group at a time. Any encoding of flat columns and any compression but LZO. Null is missing,
 *   and so is NaN.
 * - **Arrow IPC**, files and streams, plain or compressed with LZ4 or Zstandard, is read whole, at most 2 GiB.
 *
 * In Parquet and Arrow, a number is a whole number, float or decimal (rounded correctly), but no whole number beyond 2^53 - 1, which
 * float64 doesn't hold: such ids are exact in a category. A category is text, or a number as decimal text. A time is a timestamp of any
 * unit (cut to milliseconds; UTC unless it names a zone), a date, epoch milliseconds, or ISO 8601 text. A flag is a boolean, 0 or 1,
 * or text as in CSV. Empty text is missing where it isn't a category.
 *
 * Cells are only read here, not judged: see {@link validateTransactions}.
 *
 * @param path of the file
 * @param definition the columns to read. Default: {@link handbookTransactions}
 * @throws {FeatureError} INVALID_FILE (no header, a repeated column, a row with too many or too few cells, a bad quote, a damaged gzip
 * stream; not Parquet or Arrow, or damaged), MISSING_COLUMN, WRONG_KIND (a column of another type), INVALID_VALUE (a cell that isn't
 * of its kind: names file, line or row, column, value and rule), TOO_LARGE (a limit of the options), INVALID_OPTION, ABORTED; the file
 * system's own error when the file can't be read
 * @example const table = await readTransactions('transactions.parquet');
 */
export async function readTransactions(
  path: string,
  definition: TransactionsDefinition = handbookTransactions,
  options: ReadTransactionsOptions = {},
): Promise<Table> {
  const { progress = silentProgress, signal } = options;
  const format = requireFormat('readTransactions', path, options.format);
  requireLimit('maxRows', options.maxRows);
  requireLimit('maxLineBytes', options.maxLineBytes);
  const handle = await open(path);
  const { size } = await handle.stat();
  const task = progress.task('Reading transactions', { total: size, unit: 'bytes' });
  try {
    const table = await READERS[format](path, handle, definition, { size, task, options });
    task.done(`${table.rowCount} transactions`);
    return table;
  } catch (error) {
    task.fail();
    if (signal?.aborted)
      throw new FeatureError('ABORTED', `${path}: reading was aborted by the caller's signal`, { file: path }, error);
    throw error;
  } finally {
    await handle.close();
  }
}

function requireLimit(option: 'maxRows' | 'maxLineBytes', value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return;
  const message = `readTransactions: ${option} is ${String(value)}, expected a whole number of at least 0; leave it out for the default`;
  throw new FeatureError('INVALID_OPTION', message, { option, value });
}

interface Reading {
  readonly size: number;
  readonly task: ProgressTask;
  readonly options: ReadTransactionsOptions;
}

/** Parquet and Arrow are loaded when a file asks for them; a program that serves features has no use for them. */
type Reader = (path: string, handle: FileHandle, definition: TransactionsDefinition, reading: Reading) => Promise<Table>;

const READERS: Readonly<Record<TransactionsFormat, Reader>> = {
  csv: (path, handle, definition, { task, options: { maxRows = MAX_ROWS, maxLineBytes = 1_048_576, signal } }) =>
    readCsv(path, handle, definition, { maxRows, maxLineBytes, signal, task }),
  parquet: async (path, handle, definition, { size, task, options: { maxRows = MAX_ROWS, signal } }) => {
    const { readParquet } = await import('./read-parquet.js');
    return readParquet(parquetFile(path, handle, size, task), columnsOfDefinition(definition), { maxRows, signal });
  },
  arrow: async (path, handle, definition, { size, task, options: { maxRows = MAX_ROWS, signal } }) => {
    if (size > MAX_ARROW_BYTES) {
      const message = `${path}: ${size} bytes, an Arrow file is read up to ${MAX_ARROW_BYTES}; split it, or write Parquet`;
      throw new FeatureError('TOO_LARGE', message, { file: path, bytes: size, maxBytes: MAX_ARROW_BYTES });
    }
    signal?.throwIfAborted();
    const bytes = await handle.readFile(signal ? { signal } : {});
    task.advance(bytes.length);
    const { readArrow } = await import('./read-arrow.js');
    return readArrow({ name: path, bytes }, columnsOfDefinition(definition), { maxRows });
  },
};

/** What Node.js reads into one buffer at once. */
const MAX_ARROW_BYTES = 2 ** 31 - 1;

function parquetFile(path: string, handle: FileHandle, byteLength: number, task: ProgressTask) {
  return {
    name: path,
    byteLength,
    read: async (start: number, end: number): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      for (let read = 0; read < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, read, Math.min(bytes.length - read, MAX_READ_BYTES), start + read);
        if (bytesRead === 0)
          throw new FeatureError('INVALID_FILE', `${path}: the file became shorter while it was read`, { file: path });
        read += bytesRead;
      }
      task.advance(bytes.length);
      return bytes.buffer;
    },
  };
}

const MAX_READ_BYTES = 2 ** 30;
