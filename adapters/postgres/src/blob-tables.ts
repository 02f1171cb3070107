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
 * | | changed | the transaction that wrote the row; 0 in rows older than the column |
 * | blobs_chunks | etag, n, bytes | bytes of larger blobs, 1 MiB a row, numbered from 0 |
 * | blobs_deleted | key, changed | keys whose blob was deleted, and by which transaction; of late only |
 * | blobs_migrations, blobs_migrations_lock | | kysely's record of what was migrated |
 *
 * A trigger deletes the chunks of what is overwritten or deleted, so that they go in the same moment, whoever does it. Others note which
 * transaction put or deleted a blob, see `store-changes.ts`; they do so for all who write, also for former versions of this package and
 * for replication.
 */
import { FraudOpsError, showValue } from '@fraudops/core';

/** Leaves room for `_migrations_lock`: Postgres cuts names after 63 characters. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;

/** Deletions are remembered through so many transactions of the server, then forgotten by those that come later. */
export const REMEMBERED_TRANSACTIONS = 1_000_000;
/** The trigger by which a table can tell what changed. */
export const CHANGE_TRIGGER = 'note_change';

/** Names as SQL takes them, checked and quoted. */
export interface BlobTables {
  readonly blobs: string;
  readonly chunks: string;
  readonly deleted: string;
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
    deleted: `"${schema}"."${table}_deleted"`,
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
  const tables = blobTables('blobMigrations', options);
  const named = (suffix: string) => `"${tables.plain.schema}"."${options.table ?? 'blobs'}_${suffix}"`;
  return [
    { name: '0001_blobs', statements: makeTables(tables, named('drop_chunks')) },
    { name: '0002_changes', statements: noteChanges(tables, options.table ?? 'blobs', named) },
  ];
}

function makeTables({ blobs, chunks }: BlobTables, dropChunks: string): string[] {
  return [
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
  ];
}

function noteChanges({ blobs, deleted }: BlobTables, table: string, named: (suffix: string) => string): string[] {
  const [noteChange, noteDelete] = [named('note_change'), named('note_delete')];
  return [
    `ALTER TABLE ${blobs} ADD COLUMN IF NOT EXISTS changed bigint NOT NULL DEFAULT 0`,
    `CREATE INDEX IF NOT EXISTS "${table}_changed" ON ${blobs} (changed)`,
    `CREATE TABLE IF NOT EXISTS ${deleted} (
  key text COLLATE "C" NOT NULL,
  changed bigint NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS "${table}_deleted_changed" ON ${deleted} (changed)`,
    `CREATE OR REPLACE FUNCTION ${noteChange}() RETURNS trigger LANGUAGE plpgsql AS $note$ BEGIN
  NEW.changed := pg_catalog.txid_current();
  RETURN NEW;
END $note$`,
    // With the rights of its owner, so that whoever may delete blobs needs none on this table. A few old ones go with each new one.
    `CREATE OR REPLACE FUNCTION ${noteDelete}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $note$ BEGIN
  INSERT INTO ${deleted} (key, changed) VALUES (OLD.key, txid_current());
  DELETE FROM ${deleted} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${deleted}
    WHERE changed < txid_snapshot_xmin(txid_current_snapshot()) - ${REMEMBERED_TRANSACTIONS}
    ORDER BY changed LIMIT 4 FOR UPDATE SKIP LOCKED
  ));
  RETURN NULL;
END $note$`,
    `REVOKE ALL ON FUNCTION ${noteDelete}() FROM PUBLIC`,
    `DROP TRIGGER IF EXISTS ${CHANGE_TRIGGER} ON ${blobs}`,
    `CREATE TRIGGER ${CHANGE_TRIGGER} BEFORE INSERT OR UPDATE ON ${blobs} FOR EACH ROW EXECUTE FUNCTION ${noteChange}()`,
    `DROP TRIGGER IF EXISTS note_delete ON ${blobs}`,
    `CREATE TRIGGER note_delete AFTER DELETE ON ${blobs} FOR EACH ROW EXECUTE FUNCTION ${noteDelete}()`,
    `ALTER TABLE ${blobs} ENABLE ALWAYS TRIGGER ${CHANGE_TRIGGER}, ENABLE ALWAYS TRIGGER note_delete`,
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
