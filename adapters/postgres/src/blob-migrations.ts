/**
 * Brings the tables of blobs up to date with kysely's migrator, in one transaction: other processes see all of it or nothing, and a
 * process that dies leaves nothing behind.
 *
 * Kysely's own lock belongs to a session: behind a pooler in transaction mode it would be taken on one connection and given back on
 * another. So the transaction takes a lock that ends with it, before kysely looks at anything.
 */
import { Kysely, type Migration, Migrator, PostgresAdapter, PostgresDialect, type PostgresPoolClient, sql } from 'kysely';
import { type BlobTableOptions, blobMigrations, blobTables } from './blob-tables.js';
import type { PgLike } from './postgres-pool.js';

/** Any number, so long as nothing else that takes advisory locks uses it. */
const MIGRATION_LOCK = '7301944018252062';

/** Runs what is missing of the migrations. @throws what the client throws */
export async function migrateBlobs(transaction: PgLike, options: BlobTableOptions): Promise<void> {
  await transaction.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, []);
  const { plain } = blobTables('migrate', options);
  const dialect = new TransactionDialect(transaction);
  const migrator = new Migrator({
    db: new Kysely({ dialect }),
    provider: { getMigrations: async () => Object.fromEntries(blobMigrations(options).map(toKysely)) },
    migrationTableSchema: plain.schema,
    migrationTableName: plain.migrations,
    migrationLockTableName: plain.lock,
    disableTransactions: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw dialect.firstFailure ?? error;
}

function toKysely({ name, statements }: ReturnType<typeof blobMigrations>[number]): [string, Migration] {
  const up: Migration['up'] = async (database) => {
    for (const statement of statements) await sql.raw(statement).execute(database);
  };
  return [name, { up }];
}

/** Runs everything in a transaction that is under way, and holds the lock already. */
class TransactionDialect extends PostgresDialect {
  /** A failure ends the transaction; whatever kysely asks afterwards fails because of that, and would hide the reason. */
  firstFailure: unknown;

  constructor(transaction: PgLike) {
    const query = (text: string, values: unknown[]) =>
      transaction.query(text, values).catch((error: unknown) => {
        this.firstFailure ??= error;
        throw error;
      });
    const client = { query, release: () => {} } as unknown as PostgresPoolClient;
    super({ pool: { connect: async () => client, end: async () => {} } });
  }

  override createAdapter(): PostgresAdapter {
    return new LockedAdapter();
  }
}

class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
