import { type ColumnKind, Table } from '@fraudops/core';
import { FeatureError } from '@fraudops/features';
import { type DuckDBConnection, type DuckDBMaterializedResult, DuckDBTypeId } from '@duckdb/node-api';
import { valueType } from './duckdb-values.js';
import { ResultColumn, type ResultColumnType } from './result-column.js';

/** Most rows of a result, where the caller names no other bound. */
const MAX_ROWS = 50_000_000;

/**
 * The result of a query as a table. The query runs to its end first, so an error anywhere in it is thrown, and never gives a shorter
 * table. Until the call ends, memory holds DuckDB's result beside the table: 8 bytes a number or time and 16 a text and cell, more for texts
 * of more than 12 bytes.
 *
 * @param connection a connection of `@duckdb/node-api`
 * @param sql one statement, run as it is; put values into `values`, never into the text
 * @param kinds the columns to take, in this order, and as what. Default: all columns; numbers and decimals become number, text, enums and
 * UUIDs category, timestamps and dates time (UTC), booleans flag. Numbers can also be read as category (ids: exact also beyond 2^53), as
 * flag (0 and 1) or as time (epoch milliseconds), text as time (ISO 8601) or flag (what
 * `parseFlag` takes). NULL is missing, and so is NaN
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
  // Not stream(): its chunks end at an error as they do at the end of the result.
  const result = await connection.run(sql, [...values]);
  const table = new ResultTable('queryTable', MAX_ROWS);
  await table.append(result, kinds);
  return table.finish();
}

/** Makes a table from results, one after the other; see {@link queryTable}. */
export class ResultTable {
  readonly #source: string;
  readonly #maxRows: number;
  readonly #isCsv: boolean;
  #columns: readonly { readonly name: string; readonly column: ResultColumn }[] | undefined;
  #rowCount = 0;

  /** @param isCsv whether texts are cells of a CSV file, which can be of any kind */
  constructor(source: string, maxRows: number, isCsv = false) {
    this.#source = source;
    this.#maxRows = maxRows;
    this.#isCsv = isCsv;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Takes all rows of a result that isn't streaming. Results that follow have the columns of the first, of the same types. */
  async append(result: DuckDBMaterializedResult, kinds: Readonly<Record<string, ColumnKind>> | undefined): Promise<void> {
    const [source, maxRows] = [this.#source, this.#maxRows];
    const names = result.columnNames();
    const wanted = kinds ? Object.keys(kinds) : names;
    for (const name of wanted) requireOneColumn(source, names, name);
    if (this.#rowCount + result.rowCount > maxRows) {
      const message = `${source}: more than ${maxRows} rows; take fewer at a time, or raise the limit`;
      throw new FeatureError('TOO_LARGE', message, { source, maxRows });
    }
    this.#columns ??= wanted.map((name) => {
      const type = columnType(source, result, names.indexOf(name));
      return { name, column: new ResultColumn({ ...type, isCsv: this.#isCsv }, kinds?.[name]) };
    });
    const columns = this.#columns.map(({ name, column }) => ({ column, position: names.indexOf(name) }));
    let taken = 0;
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      taken += chunk.rowCount;
      for (const { position, column } of columns) column.append(chunk.getColumnVector(position), chunk.rowCount);
    }
    if (taken !== result.rowCount) throw new Error(`${source}: DuckDB gave ${taken} of its ${result.rowCount} rows`);
    this.#rowCount += taken;
  }

  finish(): Table {
    return Table.fromColumns(Object.fromEntries((this.#columns ?? []).map(({ name, column }) => [name, column.finish()])));
  }
}

function columnType(source: string, result: DuckDBMaterializedResult, position: number): Omit<ResultColumnType, 'isCsv'> {
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
