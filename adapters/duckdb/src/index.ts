/**
 * Transactions and features through DuckDB: Parquet, CSV and SQL in process, and window features computed in a warehouse.
 *
 * @packageDocumentation
 */
export * from './compute-in-duckdb.js';
export * from './duckdb-files.js';
export * from './insert-table.js';
export { queryTable } from './query-table.js';
export { type TableName } from './sql-text.js';
