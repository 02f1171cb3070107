/**
 * Models and runs in Postgres, as a `BlobStore` of `@fraudops/core`; and feature state, the histories of cards and shops shared by several
 * processes. No update is lost.
 *
 * @packageDocumentation
 */
export { type BlobTableOptions, blobMigrationSql } from './blob-tables.js';
export * from './entity-states.js';
export { type PgConnection, type PgConnections, type PgLike, type PgPool, type PgTransactions } from './postgres-pool.js';
export * from './postgres-store.js';
