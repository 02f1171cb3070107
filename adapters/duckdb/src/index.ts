/**
 * Transactions and features through DuckDB: Parquet, CSV and SQL in process, and window features computed in a warehouse.
 *
 * @packageDocumentation
 */
export {};
