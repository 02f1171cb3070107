/** Files of transactions through DuckDB, in a database of its own that lives in memory for as long as the call does. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { ColumnKind, Table } from '@fraudops/core';
import { FeatureError, handbookTransactions, type TransactionsDefinition } from '@fraudops/features';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { insertTable } from './insert-table.js';
import { tableOfResult } from './query-table.js';
import { quotedName, quotedText } from './sql-text.js';

/** Options of {@link readTransactionsWithDuckdb}. */
export interface ReadWithDuckdbOptions {
  /** What the files are. Default: what the path says; `.parquet` or `.pq`, everything else is CSV. */
  readonly format?: 'csv' | 'parquet';
  /** Most rows that all files may have together. Default 50,000,000. */
  readonly maxRows?: number;
  /** Threads that DuckDB may use. Default: as many as there are processors. */
  readonly threads?: number;
}

/**
 * Transactions from CSV (plain or gzip) or Parquet files, read by DuckDB: what `readTransactions` of `@fraudops/features` does, for many
 * files at once and with several threads.
 *
 * Columns are found by name, in each file anew; those the definition doesn't know are ignored, and those of fields that aren't required
 * may be absent from all files. DuckDB takes a gzip file that ends early for a shorter one when it ends between two lines; where that may
 * be, use `readTransactions`. The first line of a CSV file names the columns; an empty cell is missing, `""` in a category is the empty
 * string. Times are UTC where they name no zone. Rows come in the order of the files' names, and of the lines in each.
 *
 * @param path of a file, or a pattern such as `data/2018-*.parquet`, or several
 * @param definition the columns to read. Default: `handbookTransactions`
 * @throws {FeatureError} INVALID_FILE (no such file, not of its format, damaged, or a CSV cell that isn't of its kind), MISSING_COLUMN,
 * WRONG_KIND, INVALID_VALUE naming column, row and rule, TOO_LARGE, INVALID_OPTION
 * @example const table = await readTransactionsWithDuckdb('data/2018-*.parquet');
 */
export async function readTransactionsWithDuckdb(
  path: string | readonly string[],
  definition: TransactionsDefinition = handbookTransactions,
  options: ReadWithDuckdbOptions = {},
): Promise<Table> {
  const { maxRows = 50_000_000, threads } = options;
  const paths = typeof path === 'string' ? [path] : path;
  const source = paths.join(', ').slice(0, 200);
  const format = options.format ?? (paths.every((each) => /\.(?:parquet|pq)$/i.test(each)) ? 'parquet' : 'csv');
  if (format !== 'csv' && format !== 'parquet') {
    const message = `readTransactionsWithDuckdb: format is ${String(format)}, expected csv or parquet`;
    throw new FeatureError('INVALID_OPTION', message, { format });
  }
  const list = `[${paths.map((each) => quotedText('readTransactionsWithDuckdb', each)).join(', ')}]`;
  return withDatabase(threads, async (connection) => {
    try {
      const all = format === 'parquet' ? `read_parquet(${list}, union_by_name = true)` : csvReader(list);
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${all}`);
      const kinds = wantedKinds(
        source,
        described.getRows().map(([name]) => String(name)),
        definition,
      );
      const files = format === 'parquet' ? all : csvReader(list, kinds);
      const selected = Object.keys(kinds).map((name) => quotedName('readTransactionsWithDuckdb', name));
      const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${files}`);
      return requireFinite(source, await tableOfResult(source, result, kinds, maxRows));
    } catch (error) {
      throw error instanceof FeatureError ? error : unreadable(source, error);
    }
  });
}

const CSV_TYPE_OF_KIND: Readonly<Record<ColumnKind, string>> = {
  number: 'DOUBLE',
  category: 'VARCHAR',
  time: 'TIMESTAMPTZ',
  flag: 'BOOLEAN',
};

/** Types are named, since DuckDB would take the id 007 for the number 7. */
function csvReader(list: string, kinds: Readonly<Record<string, ColumnKind>> = {}): string {
  const types = Object.entries(kinds).map(([name, kind]) => {
    return `${quotedText('readTransactionsWithDuckdb', name)}: '${CSV_TYPE_OF_KIND[kind]}'`;
  });
  const dialect = `delim = ',', quote = '"', escape = '"', header = true, nullstr = '', allow_quoted_nulls = false`;
  return `read_csv(${list}, ${dialect}, union_by_name = true, sample_size = 1${types.length === 0 ? ', all_varchar = true' : `, types = {${types.join(', ')}}`})`;
}

function wantedKinds(
  source: string,
  names: readonly string[],
  { kinds, fields }: TransactionsDefinition,
): Readonly<Record<string, ColumnKind>> {
  const present = Object.keys(kinds).filter((name) => {
    if (names.includes(name)) return true;
    if (!fields[name]!.required) return false;
    const message = `${source}: no column ${name}; the files have ${names.join(', ').slice(0, 200)}`;
    throw new FeatureError('MISSING_COLUMN', message, { source, column: name });
  });
  return Object.fromEntries(present.map((name) => [name, kinds[name]!]));
}

/** As `readTransactions`, which takes no infinite number. */
function requireFinite(source: string, table: Table): Table {
  for (const [name, column] of Object.entries(table.toColumns())) {
    if (column.kind !== 'number') continue;
    const row = column.values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
    if (row < 0) continue;
    const message = `${source}, row ${row}, column ${name}: ${column.values[row]} is not a finite number`;
    throw new FeatureError('INVALID_VALUE', message, { column: name, row, value: column.values[row] });
  }
  return table;
}

function unreadable(source: string, cause: unknown): FeatureError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${source}: can't be read (${reason.replaceAll(/\s+/g, ' ').slice(0, 300)}); check the path, the format and the cells`;
  return new FeatureError('INVALID_FILE', message, { source, reason }, cause);
}

/**
 * Writes a table as a Parquet file by DuckDB, compressed with Zstandard: numbers as DOUBLE, categories as strings, times as timestamps in
 * UTC, flags as booleans. `readTransactions` and {@link readTransactionsWithDuckdb} read the same values back.
 *
 * The file appears whole or not at all: it is written beside its place, flushed to disk and renamed. A file that was there is replaced.
 *
 * @throws {FeatureError} as {@link insertTable}; else DuckDB's or the file system's own error. Nothing is left behind then
 * @example await writeTransactionsWithDuckdb('payments.parquet', table);
 */
export async function writeTransactionsWithDuckdb(path: string, table: Table): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const target = quotedText('writeTransactionsWithDuckdb', temporary);
  try {
    await withDatabase(undefined, async (connection) => {
      await insertTable(connection, 'transactions', table);
      await connection.run(`COPY transactions TO ${target} (FORMAT parquet, COMPRESSION zstd)`);
    });
    await flushToDisk(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function flushToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function withDatabase<Result>(
  threads: number | undefined,
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new FeatureError(
      'INVALID_OPTION',
      `readTransactionsWithDuckdb: threads is ${threads}, expected a whole number of at least 1`,
      {
        threads,
      },
    );
  }
  const instance = await DuckDBInstance.create(':memory:', threads === undefined ? {} : { threads: String(threads) });
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
