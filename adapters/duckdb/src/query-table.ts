import { type ColumnKind, Table } from '@fraudops/core';
import { FeatureError } from '@fraudops/features';
import { type DuckDBConnection, type DuckDBResult, DuckDBTypeId } from '@duckdb/node-api';
import { valueType } from './duckdb-values.js';
import { ResultColumn, type ResultColumnType } from './result-column.js';

/** Most rows of a result, where the caller names no other bound. */
const MAX_ROWS = 50_000_000;

/**
 * The result of a query as a table, read chunk by chunk: memory holds the table and a chunk of 2,048 rows beside it.
 *
 * @param connection a connection of `@duckdb/node-api`
 * @param sql one statement, run as it is; put values into `values`, never into the text
 * @param kinds the columns to take, in this order, and as what. Default: all columns; numbers and decimals become number, text, enums and
 * UUIDs category, timestamps and dates time (UTC), booleans flag. Numbers can also be read as category (ids: exact also beyond 2^53), as
 * flag (0 and 1) or as time (epoch milliseconds), text as time (ISO 8601). NULL is missing, and so is NaN
 * @param values of the statement's parameters, `$1`, `$2` ...
 * @throws {FeatureError} MISSING_COLUMN, WRONG_KIND (a type that can't be read as this kind, such as a list), INVALID_VALUE naming column,
 * row and rule, TOO_LARGE above 50,000,000 rows; else DuckDB's own error
 * @example await queryTable(connection, 'SELECT * FROM payments WHERE card = $1', { at: 'time', amount: 'number' }, ['4921']);
 */
export async function queryTable(
  connection: DuckDBConnection,
  sql: string,
  kinds?: Readonly<Record<string, ColumnKind>>,
  values: readonly (string | number | bigint | boolean | null)[] = [],
): Promise<Table> {
  const result = await connection.stream(sql, [...values]);
  return tableOfResult('queryTable', result, kinds, MAX_ROWS);
}

/** The rows of a result as a table; see {@link queryTable}. */
export async function tableOfResult(
  source: string,
  result: DuckDBResult,
  kinds: Readonly<Record<string, ColumnKind>> | undefined,
  maxRows: number,
): Promise<Table> {
  const names = result.columnNames();
  const wanted = kinds ? Object.keys(kinds) : names;
  for (const name of wanted) requireOneColumn(source, names, name);
  const columns = wanted.map((name) => {
    const position = names.indexOf(name);
    return { name, position, column: new ResultColumn(columnType(source, result, position), kinds?.[name]) };
  });
  let rowCount = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    rowCount += chunk.rowCount;
    if (rowCount > maxRows) {
      const message = `${source}: more than ${maxRows} rows; take fewer at a time, or raise the limit`;
      throw new FeatureError('TOO_LARGE', message, { source, maxRows });
    }
    for (const { position, column } of columns) column.append(chunk.getColumnVector(position), chunk.rowCount);
  }
  return Table.fromColumns(Object.fromEntries(columns.map(({ name, column }) => [name, column.finish()])));
}

function columnType(source: string, result: DuckDBResult, position: number): ResultColumnType {
  const typeId = result.columnTypeId(position);
  return { source, name: result.columnName(position), type: valueType(typeId), typeName: DuckDBTypeId[typeId] };
}

function requireOneColumn(source: string, names: readonly string[], name: string): void {
  const first = names.indexOf(name);
  if (first >= 0 && first === names.lastIndexOf(name) && name !== '' && name !== '__proto__') return;
  if (first < 0) {
    const message = `${source}: no column ${name}; the result has ${names.join(', ').slice(0, 200) || 'none'}`;
    throw new FeatureError('MISSING_COLUMN', message, { column: name });
  }
  const message = `${source}: a table can't have the column ${JSON.stringify(name)}, or twice; rename it with AS`;
  throw new FeatureError('INVALID_VALUE', message, { column: name });
}
