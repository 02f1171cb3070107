import { type Column, type ColumnKind, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { FeatureError } from '@fraudops/features';
import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  DuckDBTimestampMillisecondsValue,
  TIMESTAMP_MS,
  VARCHAR,
} from '@duckdb/node-api';
import { quotedName, type TableName } from './sql-text.js';

const TYPE_OF_KIND: Readonly<Record<ColumnKind, DuckDBType>> = {
  number: DOUBLE,
  category: VARCHAR,
  time: TIMESTAMP_MS,
  flag: BOOLEAN,
};

/** Rows of a data chunk, DuckDB's vector size. */
const CHUNK_ROWS = 2048;

/**
 * Makes a table in the database and puts all rows into it, in their order: numbers as DOUBLE, categories as VARCHAR, times as
 * TIMESTAMP_MS in UTC, flags as BOOLEAN, missing values as NULL. All or nothing, unless the caller's own transaction is open.
 *
 * @param name of the new table; `['archive', 'payments']` is `payments` in the schema `archive`
 * @throws {FeatureError} INVALID_OPTION for a name that is none, INVALID_VALUE for a time that is no whole millisecond or a table without
 * columns; else DuckDB's own error, such as for a table that is there already
 * @example await insertTable(connection, 'payments', await readTransactions('payments.parquet'));
 */
export async function insertTable(connection: DuckDBConnection, name: TableName, table: Table): Promise<void> {
  const quoted = quotedName('insertTable', name);
  const columns = Object.entries(table.toColumns());
  if (columns.length === 0)
    throw new FeatureError('INVALID_VALUE', 'insertTable: the table has no columns, which DuckDB needs; add one', { name });
  for (const [columnName, column] of columns) requireWholeMilliseconds(columnName, column);
  const types = columns.map(([columnName, { kind }]) => `${quotedName('insertTable', columnName)} ${String(TYPE_OF_KIND[kind])}`);
  await connection.run(`CREATE TABLE ${quoted} (${types.join(', ')})`);
  try {
    await appendRows(connection, name, table, columns);
  } catch (error) {
    await connection.run(`DROP TABLE IF EXISTS ${quoted}`);
    throw error;
  }
}

async function appendRows(
  connection: DuckDBConnection,
  name: TableName,
  table: Table,
  columns: readonly (readonly [string, Column])[],
): Promise<void> {
  const [tableName, schema, catalog] = (typeof name === 'string' ? [name] : [...name]).toReversed() as [string, string?, string?];
  const appender = await connection.createAppender(tableName, schema ?? null, catalog ?? null);
  try {
    for (let start = 0; start < table.rowCount; start += CHUNK_ROWS) {
      const end = Math.min(start + CHUNK_ROWS, table.rowCount);
      const chunk = DuckDBDataChunk.create(
        columns.map(([, { kind }]) => TYPE_OF_KIND[kind]),
        end - start,
      );
      columns.forEach(([, column], i) => chunk.setColumnValues(i, values(column, start, end)));
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

function values(column: Column, start: number, end: number): DuckDBValue[] {
  const value = valueAt(column);
  return Array.from({ length: end - start }, (_, i) => value(start + i));
}

function valueAt(column: Column): (row: number) => DuckDBValue {
  switch (column.kind) {
    case 'category':
      return (row) => (column.codes[row] === MISSING_CODE ? null : column.dictionary[column.codes[row]!]!);
    case 'flag':
      return (row) => (column.values[row] === MISSING_FLAG ? null : column.values[row] === 1);
    case 'time':
      return (row) =>
        Number.isNaN(column.values[row]) ? null : new DuckDBTimestampMillisecondsValue(BigInt(column.values[row]!));
    default:
      return (row) => (Number.isNaN(column.values[row]) ? null : column.values[row]!);
  }
}

function requireWholeMilliseconds(name: string, column: Column): void {
  if (column.kind !== 'time') return;
  const bad = column.values.findIndex((value) => !Number.isNaN(value) && !Number.isInteger(value));
  if (bad < 0) return;
  const message = `insertTable: column ${name}, row ${bad}: ${column.values[bad]} is not a whole millisecond; round it`;
  throw new FeatureError('INVALID_VALUE', message, { column: name, row: bad, value: column.values[bad] });
}
