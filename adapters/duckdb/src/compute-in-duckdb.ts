import type { Table } from '@fraudops/core';
import { FeatureError, type FeatureSet, type FeaturesToSqlOptions, featuresToSql } from '@fraudops/features';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryTable } from './query-table.js';
import { quotedName, type TableName } from './sql-text.js';

/** Options of {@link computeInDuckdb}: see `FeaturesToSqlOptions` of `@fraudops/features`. */
export type ComputeInDuckdbOptions = Pick<FeaturesToSqlOptions, 'order' | 'keep'>;

/**
 * Computes features where the transactions are: what `features.compute` gives, by one SQL statement in DuckDB (see `featuresToSql`). Rows
 * come in order of event time, those of one moment in order of `order`.
 *
 * Counts, smallest and largest values, and whatever is made of whole numbers only, are the same; sums, means, deviations and distances
 * may differ in the last bits.
 *
 * @param table with a column for each field that the features use
 * @returns a number column a feature, behind those of `keep`; missing values are NaN
 * @throws {FeatureError} NOT_SUPPORTED naming the feature that SQL can't compute, MISSING_COLUMN, INVALID_OPTION; else DuckDB's own error
 * @example const features = await computeInDuckdb(connection, handbookFeatures, 'transactions', { keep: ['TRANSACTION_ID'] });
 */
export async function computeInDuckdb(
  connection: DuckDBConnection,
  features: FeatureSet,
  table: TableName,
  options: ComputeInDuckdbOptions = {},
): Promise<Table> {
  const sql = featuresToSql(features, { dialect: 'duckdb', table, ...options });
  await requireColumns(connection, features, table, sql);
  return queryTable(connection, sql);
}

/** Names what DuckDB would only say it can't bind. */
async function requireColumns(
  connection: DuckDBConnection,
  { transactions }: FeatureSet,
  table: TableName,
  sql: string,
): Promise<void> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${quotedName('computeInDuckdb', table)}`);
  const columns = described.getRows().map(([name]) => String(name));
  const lowered = new Set(columns.map((name) => name.toLowerCase()));
  const missing = Object.keys(transactions.kinds).find((field) => {
    return !lowered.has(field.toLowerCase()) && sql.includes(`.${quotedName('computeInDuckdb', field)}`);
  });
  if (missing === undefined) return;
  const message = `computeInDuckdb: no column ${missing}, which the features use; the table has ${columns.join(', ').slice(0, 200)}: add it, of NULLs where nothing is known`;
  throw new FeatureError('MISSING_COLUMN', message, { column: missing });
}
