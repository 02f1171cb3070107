import type { Table } from '@fraudops/core';
import { type FeatureSet, type FeaturesToSqlOptions, featuresToSql } from '@fraudops/features';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryTable } from './query-table.js';
import type { TableName } from './sql-text.js';

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
 * @throws {FeatureError} NOT_SUPPORTED naming the feature that SQL can't compute, INVALID_OPTION; else DuckDB's own error
 * @example const features = await computeInDuckdb(connection, handbookFeatures, 'transactions', { keep: ['TRANSACTION_ID'] });
 */
export async function computeInDuckdb(
  connection: DuckDBConnection,
  features: FeatureSet,
  table: TableName,
  options: ComputeInDuckdbOptions = {},
): Promise<Table> {
  const sql = featuresToSql(features, { dialect: 'duckdb', table, ...options });
  return queryTable(connection, sql);
}
