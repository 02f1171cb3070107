/** Files of transactions through DuckDB, in a database of its own that lives in memory for as long as the call does. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { ColumnKind, Table } from '@fraudops/core';
import { FeatureError, handbookTransactions, type TransactionsDefinition } from '@fraudops/features';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type CsvFile, readCsvHeader } from './csv-header.js';
import { insertTable } from './insert-table.js';
import { ResultTable } from './query-table.js';
import { quotedName, quotedText } from './sql-text.js';

/** Options of {@link readTransactionsWithDuckdb}. */
export interface ReadWithDuckdbOptions {
  /** What the files are. Default: what the path says; `.parquet` or `.pq`, everything else is CSV. */
  readonly format?: 'csv' | 'parquet';
  /** Most rows that all files may have together. Default 50,000,000. */
  readonly maxRows?: number;
  /** Threads that DuckDB may use; a CSV file is read by one. Default: as many as there are processors. */
  readonly threads?: number;
}

/**
 * Transactions from CSV (plain or gzip) or Parquet files, read by DuckDB: what `readTransactions` of `@fraudops/features` does, for many
 * files at once and with several threads.
 *
 * Columns are found by name, in each file anew; those the definition doesn't know are ignored, and those of fields that aren't required
 * may be absent. The first line of a CSV file names the columns; cells are read by the rules of `readTransactions`, nothing is guessed. Gzip
 * is told by the first bytes. A CSV file is read through once beforehand, to count its lines and find damage. Rows come in the order of the files'
 * names, and of the lines in each. A damaged file is an error, never a shorter table.
 *
 * Memory holds the table and DuckDB's result of the files with the same columns: 8 bytes a number or time in Parquet, 16 a text and a cell
 * of CSV, more for those of more than 12 bytes.
 *
 * @param path of a file on this machine, or a pattern such as `data/2018-*.parquet`, or several
 * @param definition the columns to read. Default: `handbookTransactions`
 * @throws {FeatureError} INVALID_FILE (no such file, not of its format, damaged, a repeated column, a row with too many or too few cells, or a CSV cell that isn't of its kind: names row, column, value and rule), MISSING_COLUMN,
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
  if (!Number.isSafeInteger(maxRows + 1) || maxRows < 0) {
    const message = `readTransactionsWithDuckdb: maxRows is ${maxRows}, expected a whole number of at least 0`;
    throw new FeatureError('INVALID_OPTION', message, { maxRows });
  }
  return withDatabase(threads, async (connection) => {
    try {
      const read = { source, paths, definition, maxRows };
      const table = await (format === 'parquet' ? readParquetFiles(connection, read) : readCsvFiles(connection, read));
      return requireFinite(source, table);
    } catch (error) {
      throw error instanceof FeatureError ? error : unreadable(source, error);
    }
  });
}

/** What to read. */
interface FilesToRead {
  /** The files, for messages. */
  readonly source: string;
  readonly paths: readonly string[];
  readonly definition: TransactionsDefinition;
  readonly maxRows: number;
}

async function readParquetFiles(
  connection: DuckDBConnection,
  { source, paths, definition, maxRows }: FilesToRead,
): Promise<Table> {
  const files = `read_parquet([${paths.map(quotedPath).join(', ')}], union_by_name = true)`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${files}`);
  const names = described.getRows().map(([name]) => String(name));
  const kinds = wantedKinds(source, [names], definition);
  const selected = Object.keys(kinds).map((name) => quotedName(CALLER, name));
  const table = new ResultTable(source, maxRows);
  await table.append(await connection.run(`SELECT ${selected.join(', ')} FROM ${files} LIMIT ${maxRows + 1}`), kinds);
  return table.finish();
}

async function readCsvFiles(connection: DuckDBConnection, { source, paths, definition, maxRows }: FilesToRead): Promise<Table> {
  const files: CsvFile[] = [];
  for (const path of await matchingFiles(connection, paths)) files.push(await readCsvHeader(path));
  const kinds = wantedKinds(
    source,
    files.map(({ names }) => names),
    definition,
  );
  const table = new ResultTable(source, maxRows, true);
  for (const group of alikeInARow(files)) {
    const { names } = group[0]!;
    const selected = Object.keys(kinds).map((name) => {
      const position = names.indexOf(name);
      return `${position < 0 ? 'NULL::VARCHAR' : `c${position}`} AS ${quotedName(CALLER, name)}`;
    });
    // A row more than may be: LIMIT holds memory down, and the table refuses it.
    const sql = `SELECT ${selected.join(', ')} FROM ${csvReader(group)} LIMIT ${maxRows + 1 - table.rowCount}`;
    const before = table.rowCount;
    await table.append(await connection.run(sql), kinds);
    const expected = group.reduce((sum, { rowCount }) => sum + rowCount, before);
    // Empty lines of a single column are missing cells to some, and none to others.
    if (names.length > 1 && table.rowCount !== expected) {
      throw new Error(`the files have ${expected} lines behind their first, of which DuckDB read ${table.rowCount}`);
    }
  }
  return table.finish();
}

/** The files that paths and patterns mean, those of a pattern in order of their names. */
async function matchingFiles(connection: DuckDBConnection, paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await connection.runAndReadAll(`SELECT file FROM glob(${quotedPath(path)}) ORDER BY file`);
    if (found.currentRowCount === 0) throw new Error(`No files found that match ${path}`);
    files.push(...found.getRows().map(([file]) => String(file)));
  }
  return files;
}

/** Files that follow one another and have the same columns and compression, which DuckDB reads at once. */
function alikeInARow(files: readonly CsvFile[]): CsvFile[][] {
  const groups: CsvFile[][] = [];
  let last: string | undefined;
  for (const file of files) {
    const shape = JSON.stringify([file.compression, file.names]);
    if (shape === last) groups.at(-1)!.push(file);
    else groups.push([file]);
    last = shape;
  }
  return groups;
}

/** All that DuckDB could guess is said, since it drops lines that don't suit its guess. Columns are text, named by their place. */
function csvReader(files: readonly CsvFile[]): string {
  const { compression, names } = files[0]!;
  // These are names of files by now, and no patterns.
  const paths = files.map(({ path }) => quotedPath(path.replaceAll(/[*?[]/g, '[$&]')));
  const columns = names.map((_, i) => `c${i}: 'VARCHAR'`);
  const dialect = `delim = ',', quote = '"', escape = '"', comment = '', header = true, skip = 0, nullstr = '', allow_quoted_nulls = false`;
  const rules = 'auto_detect = false, strict_mode = true, ignore_errors = false, null_padding = false, hive_partitioning = false';
  // In parts of 32 MB side by side, DuckDB 1.5 loses lines after a change from CRLF to LF, and refuses line ends within quotes.
  const whole = 'parallel = false';
  return `read_csv([${paths.join(', ')}], columns = {${columns.join(', ')}}, ${dialect}, ${rules}, ${whole}, compression = '${compression}')`;
}

const CALLER = 'readTransactionsWithDuckdb';

function quotedPath(path: string): string {
  return quotedText(CALLER, path);
}

/** The columns to read: those that are required, which all files have, and the others that at least one has. */
function wantedKinds(
  source: string,
  namesOfFiles: readonly (readonly string[])[],
  { kinds, fields }: TransactionsDefinition,
): Readonly<Record<string, ColumnKind>> {
  const present = Object.keys(kinds).filter((name) => {
    const names = namesOfFiles.find((each) => !each.includes(name));
    if (names === undefined) return true;
    if (!fields[name]!.required) return namesOfFiles.some((each) => each.includes(name));
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
