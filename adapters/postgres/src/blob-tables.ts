/**
 * The tables of blobs.
 *
 * | table | column | what it holds |
 * |---|---|---|
 * | blobs | key | the key, in order of its bytes |
 * | | etag | a UUID that the put made |
 * | | size_bytes, sha256 | of the bytes, wherever they are |
 * | | modified_at | when the statement of the put began, by the database's clock |
 * | | bytes_in | where the bytes are: `row`, `chunks` or `store` (see `bytesIn` of {@link PostgresStoreOptions}) |
 * | | bytes | up to 1 MiB, if they are in the row |
 * | blobs_chunks | etag, n, bytes | bytes of larger blobs, 1 MiB a row, numbered from 0 |
 * | blobs_migrations, blobs_migrations_lock | | kysely's record of what was migrated |
 *
 * A trigger deletes the chunks of what is overwritten or deleted, so that they go in the same moment, whoever does it.
 */
import { FraudOpsError, showValue } from '@fraudops/core';

/** Leaves room for `_migrations_lock`: Postgres cuts names after 63 characters. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;

/** Names as SQL takes them, checked and quoted. */
export interface BlobTables {
  readonly blobs: string;
  readonly chunks: string;
  readonly migrations: string;
  /** Names of kysely's own tables, which it quotes itself. */
  readonly plain: { readonly schema: string; readonly migrations: string; readonly lock: string };
}

/** One step of the tables' history; its name sorts behind those before it. */
export interface BlobMigration {
  readonly name: string;
  /** Statements that may be run again without harm. */
  readonly statements: readonly string[];
}

/** Where blobs are kept in a database. Names have 1 to 40 letters of ASCII, digits and `_`. */
export interface BlobTableOptions {
  /** Default `public`. */
  readonly schema?: string;
  /** Default `blobs`; the other tables' names begin with it. */
  readonly table?: string;
}

/** @throws {FraudOpsError} INVALID_OPTION */
export function blobTables(call: string, { schema = 'public', table = 'blobs' }: BlobTableOptions): BlobTables {
  requireName(call, 'schema', schema);
  requireName(call, 'table', table);
  return {
    blobs: `"${schema}"."${table}"`,
    chunks: `"${schema}"."${table}_chunks"`,
    migrations: `"${schema}"."${table}_migrations"`,
    plain: { schema, migrations: `${table}_migrations`, lock: `${table}_migrations_lock` },
  };
}

function requireName(call: string, option: string, name: unknown): void {
  if (typeof name === 'string' && NAME.test(name)) return;
  const rule = 'expected 1 to 40 letters of ASCII, digits and "_", without a digit at the beginning';
  throw new FraudOpsError('INVALID_OPTION', `${call}: ${option} is ${showValue(name)}, ${rule}`, { details: { [option]: name } });
}

/** All migrations, in their order. */
export function blobMigrations(options: BlobTableOptions): BlobMigration[] {
  const { blobs, chunks, plain } = blobTables('blobMigrations', options);
  const dropChunks = `"${plain.schema}"."${options.table ?? 'blobs'}_drop_chunks"`;
  return [
    {
      name: '0001_blobs',
      statements: [
        `CREATE TABLE IF NOT EXISTS ${blobs} (
  key text COLLATE "C" PRIMARY KEY,
  etag text COLLATE "C" NOT NULL,
  size_bytes bigint NOT NULL,
  modified_at timestamptz NOT NULL,
  sha256 bytea NOT NULL,
  bytes_in text COLLATE "C" NOT NULL CHECK (bytes_in IN ('row', 'chunks', 'store')),
  bytes bytea CHECK ((bytes IS NOT NULL) = (bytes_in = 'row'))
)`,
        `CREATE TABLE IF NOT EXISTS ${chunks} (
  etag text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (etag, n)
)`,
        // Out of the row above 2 KB, so that lists read narrow rows; and as they are, for models are compressed already, and records soon read.
        `ALTER TABLE ${blobs} ALTER COLUMN bytes SET STORAGE EXTERNAL`,
        `ALTER TABLE ${chunks} ALTER COLUMN bytes SET STORAGE EXTERNAL`,
        `CREATE OR REPLACE FUNCTION ${dropChunks}() RETURNS trigger LANGUAGE plpgsql AS $drop$ BEGIN
  DELETE FROM ${chunks} WHERE etag = OLD.etag;
  RETURN NULL;
END $drop$`,
        `DROP TRIGGER IF EXISTS drop_chunks ON ${blobs}`,
        `CREATE TRIGGER drop_chunks AFTER DELETE OR UPDATE OF etag ON ${blobs}
  FOR EACH ROW WHEN (OLD.bytes_in = 'chunks') EXECUTE FUNCTION ${dropChunks}()`,
      ],
    },
  ];
}

/**
 * What `migrate()` does, as SQL for whoever creates tables by other means; it may be run again without harm.
 *
 * @throws {FraudOpsError} INVALID_OPTION
 * @example console.log(blobMigrationSql({ schema: 'fraud' }));
 */
export function blobMigrationSql(options: BlobTableOptions = {}): string {
  const { migrations, plain } = blobTables('blobMigrationSql', options);
  const steps = blobMigrations(options);
  const names = steps.map(({ name }) => `('${name}', '${new Date(0).toISOString()}')`).join(', ');
  const statements = [
    `CREATE SCHEMA IF NOT EXISTS "${plain.schema}"`,
    ...steps.flatMap((step) => step.statements),
    `CREATE TABLE IF NOT EXISTS ${migrations} (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS "${plain.schema}"."${plain.lock}" (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL DEFAULT 0)`,
    `INSERT INTO ${migrations} (name, timestamp) VALUES ${names} ON CONFLICT DO NOTHING`,
  ];
  return `BEGIN;\n${statements.map((statement) => `${statement};\n`).join('')}COMMIT;\n`;
}
