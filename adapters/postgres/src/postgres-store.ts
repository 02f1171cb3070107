/**
 * A blob store in Postgres. A blob is a row; up to 1 MiB its bytes are in the row, larger ones are in rows of chunks that are written in the
 * same transaction, or in another store. The row is what counts: whoever writes it, in one statement that compares and writes, has put the
 * blob.
 *
 * The etag of a put is a UUID made here. So when the answer to a put is lost with its connection, a look at the row may tell that the put
 * was kept. It can't tell that it was not, since the statement may still be under way.
 */
import { randomUUID } from 'node:crypto';
import {
  type BlobInfo,
  type BlobStore,
  ConflictError,
  FraudOpsError,
  type OptionKinds,
  type PutCondition,
  type StoreChanges,
  StoreError,
  type StoredBlob,
  optionProblem,
  requireValidDelete,
  requireValidKey,
  requireValidKeys,
  requireValidPut,
} from '@fraudops/core';
import { type BlobRow, type InfoRow, corruptBlob, infoOf, sha256Of, verifiedBlob } from './blob-row.js';
import { type BlobStatements, blobStatements } from './blob-statements.js';
import { type BlobTableOptions, blobMigrations, blobTables } from './blob-tables.js';
import { getElsewhere, putElsewhere, removeElsewhere } from './bytes-elsewhere.js';
import { CHUNK_BYTES, getChunks, putChunks } from './chunked-bytes.js';
import { keyRange } from './key-range.js';
import { type PostgresOperation, mayTryAgain, postgresFailure } from './postgres-failure.js';
import { type PgLike, type PgPool, inTransaction, isPgPool } from './postgres-pool.js';
import { type ChangeRow, NOTHING_TOLD, readMark, storeChanges } from './store-changes.js';

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions extends BlobTableOptions {
  /**
   * Keeps the bytes of blobs above 1 MiB, under `bytes/`; the rows stay in Postgres, and whoever writes a row has put the blob. Give each
   * table a store, or a prefix of one, of its own. Default: they are kept in Postgres, in chunks.
   */
  readonly bytesIn?: BlobStore;
  /** Largest blob, in bytes; a put above it fails with TOO_LARGE. Default 1 GiB. */
  readonly maxBlobBytes?: number;
}

const OPTIONS: OptionKinds<PostgresStoreOptions> = {
  schema: 'checked',
  table: 'checked',
  bytesIn: 'checked',
  maxBlobBytes: 'checked',
};

/** Blobs in tables of Postgres. */
export interface PostgresStore extends BlobStore {
  /**
   * Makes the tables, or brings them up to date; one query when they are. Call it before anything else; several processes may call it at
   * once.
   *
   * @throws {StoreError} READ_ONLY when the user may not create them; {@link blobMigrationSql} has the statements for one who may
   */
  migrate(): Promise<void>;
  getMany(keys: readonly string[]): Promise<(StoredBlob | undefined)[]>;
  /** One query. Tells nothing on a standby, and where tables are not up to date, see {@link migrate}, or this one may not be read. */
  changesSince(prefix: string, mark: string | undefined): Promise<StoreChanges>;
}

/** Tries of a statement that other transactions were in the way of, and of a read whose blob was written over meanwhile. */
const MOST_ATTEMPTS = 5;
/** Most bytes of the blobs that one `getMany` reads. */
export const MAX_BYTES_AT_ONCE = 64 * 2 ** 20;
/** A table, or a column, that is not there; or one that may not be read. */
const CANNOT_TELL: ReadonlySet<unknown> = new Set(['42P01', '42703', '42501']);
/** Rows of the first page of a list, for those who need only its beginning, and of the others. */
const FIRST_PAGE = 100;
const NEXT_PAGE = 10_000;

/**
 * Blobs in Postgres 12 or newer. A read is one query, and so is a put or a delete, up to 1 MiB; larger blobs take a transaction. Nothing
 * needs a session, so a pooler in transaction mode is fine.
 *
 * @param pool `Pool` of pg, or PGlite
 * @throws {FraudOpsError} INVALID_OPTION
 * @example
 * const pool = new Pool({ connectionString, connectionTimeoutMillis: 5_000 });
 * const store = postgresStore(pool, { schema: 'fraud' });
 * await store.migrate();
 * const registry = modelRegistry(store);
 */
export function postgresStore(pool: PgPool, options: PostgresStoreOptions = {}): PostgresStore {
  const problem = optionProblem(options, OPTIONS);
  if (problem !== undefined) throw new FraudOpsError('INVALID_OPTION', `postgresStore: ${problem}`);
  const { maxBlobBytes = 2 ** 30 } = options;
  if (!isPgPool(pool)) {
    throw new FraudOpsError('INVALID_OPTION', 'postgresStore: pool has no query and connect, expected a Pool of pg, or PGlite');
  }
  if (!Number.isSafeInteger(maxBlobBytes) || maxBlobBytes < 0) {
    throw new FraudOpsError('INVALID_OPTION', `postgresStore: maxBlobBytes is ${maxBlobBytes}, expected a whole number of bytes`);
  }
  return new BlobTable(pool, { ...options, maxBlobBytes });
}

/** A put on its way: what its row will hold. */
interface NewRow {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly bytesIn: BlobRow['bytes_in'];
  readonly bytes: Uint8Array | null;
}

/** Which put a row is of, and where its bytes are. */
type PutPlace = Pick<BlobRow, 'etag' | 'sha256' | 'bytes_in'>;

class BlobTable implements PostgresStore {
  readonly #pool: PgPool;
  readonly #options: PostgresStoreOptions & { maxBlobBytes: number };
  readonly #statements: BlobStatements;
  /** False once it was seen that the tables can't tell. */
  #tellsChanges = true;

  constructor(pool: PgPool, options: PostgresStoreOptions & { maxBlobBytes: number }) {
    this.#pool = pool;
    this.#options = options;
    this.#statements = blobStatements(blobTables('postgresStore', options));
  }

  async migrate(): Promise<void> {
    this.#tellsChanges = true;
    if (await this.#isMigrated()) return;
    const { migrateBlobs } = await import('./blob-migrations.js');
    // The outcome of a migration is never unknown for long: run again, it sees what is there.
    await attempt(
      { call: 'migrate' },
      () => 'uncommitted',
      () => inTransaction(this.#pool, (transaction) => migrateBlobs(transaction, this.#options)),
    );
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    for (let tries = 1; ; tries++) {
      const [row] = await this.#query<BlobRow>({ call: 'get', key }, 'read', this.#statements.get, [key]);
      if (!row) return undefined;
      const bytes = await this.#bytesOf(row);
      if (bytes) return verifiedBlob(row, bytes);
      // Large bytes are read after their row; they are gone when the row is, unless they were lost.
      if ((await this.#look(key))?.etag === row.etag) throw corruptBlob(row, 'bytes of it are missing');
      if (tries === MOST_ATTEMPTS) throw overtaken(key);
    }
  }

  async getMany(keys: readonly string[]): Promise<(StoredBlob | undefined)[]> {
    requireValidKeys(keys);
    if (keys.length === 0) return [];
    const rows = await this.#query<BlobRow>({ call: 'getMany' }, 'read', this.#statements.getMany, [keys]);
    const totalBytes = rows.reduce((sum, row) => sum + Number(row.size_bytes), 0);
    if (totalBytes > MAX_BYTES_AT_ONCE) throw tooLarge(rows.length, totalBytes);
    const blobs = new Map<string, StoredBlob | undefined>();
    for (const row of rows) {
      // Those that are not small come by themselves, and what is written over meanwhile comes as it is then.
      blobs.set(row.key, row.bytes ? verifiedBlob(row, new Uint8Array(row.bytes)) : await this.get(row.key));
    }
    return keys.map((key) => blobs.get(key));
  }

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    requireValidPut(key, bytes, when);
    const { maxBlobBytes } = this.#options;
    if (bytes.length > maxBlobBytes) {
      throw new StoreError('TOO_LARGE', `put ${key}: ${bytes.length} bytes, at most ${maxBlobBytes} are allowed`, {
        details: { key, sizeBytes: bytes.length, maxBytes: maxBlobBytes },
      });
    }
    // The caller may go on to use the array.
    const copy = bytes.slice();
    const etag = randomUUID();
    const row = { key, etag, sizeBytes: copy.length, sha256: sha256Of(copy) };
    try {
      if (copy.length <= CHUNK_BYTES) await this.#putRow({ ...row, bytesIn: 'row', bytes: copy }, when);
      else await this.#putLarge(row, copy, when);
    } catch (error) {
      if (!isUnknownOutcome(error)) throw error;
      const found = await this.#look(key).catch(() => undefined);
      if (found?.etag !== etag) throw error;
    }
    return { etag };
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    const range = keyRange(prefix, from.startAfter ?? '');
    if (!range) return;
    for (let { above } = range, size = FIRST_PAGE; ; size = NEXT_PAGE) {
      const values = [above, range.from, range.below, size];
      const rows = await this.#query<InfoRow>({ call: `list ${prefix}` }, 'read', this.#statements.list, values);
      for (const row of rows) yield infoOf(row);
      if (rows.length < size) return;
      above = rows.at(-1)!.key;
    }
  }

  async changesSince(prefix: string, mark: string | undefined): Promise<StoreChanges> {
    const range = keyRange(prefix, '');
    if (!range || !this.#tellsChanges) return NOTHING_TOLD;
    const since = readMark(mark);
    const values = [since?.place ?? null, since?.seen ?? null, range.from, range.below];
    try {
      const rows = await this.#query<ChangeRow>({ call: `changesSince ${prefix}` }, 'read', this.#statements.changes, values);
      return storeChanges(rows, since);
    } catch (error) {
      if (!(error instanceof StoreError) || !CANNOT_TELL.has(error.details['sqlState'])) throw error;
      this.#tellsChanges = false;
      return NOTHING_TOLD;
    }
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidDelete(key, when);
    const [text, values] = when ? [this.#statements.deleteIf, [key, when.ifMatch]] : [this.#statements.delete, [key]];
    try {
      const [place] = await this.#query<PutPlace>({ call: 'delete', key }, 'write', text, values);
      if (when && !place) throw new ConflictError(key, when.ifMatch);
      if (place) await this.#removeBytes(place);
    } catch (error) {
      // With a condition it matters who deleted it, and that can't be seen.
      if (when || !isUnknownOutcome(error)) throw error;
      const isGone = await this.#look(key).then(
        (found) => found === undefined,
        () => false,
      );
      if (!isGone) throw error;
    }
  }

  async #putLarge(row: Omit<NewRow, 'bytesIn' | 'bytes'>, bytes: Uint8Array, when: PutCondition | undefined): Promise<void> {
    const before = await this.#look(row.key);
    // A put that is refused anyway should not cost writing its bytes.
    requireCondition(row.key, before?.etag, when);
    const { bytesIn } = this.#options;
    if (!bytesIn) return this.#putInChunks({ ...row, bytesIn: 'chunks', bytes: null }, bytes, when);
    await putElsewhere(bytesIn, row.key, row, bytes);
    try {
      await this.#putRow({ ...row, bytesIn: 'store', bytes: null }, when);
    } catch (error) {
      if (!isUnknownOutcome(error)) await removeElsewhere(bytesIn, row);
      throw error;
    }
    if (before) await this.#removeBytes(before);
  }

  async #putInChunks(row: NewRow, bytes: Uint8Array, when: PutCondition | undefined): Promise<void> {
    let operation: PostgresOperation = 'uncommitted';
    const work = async (transaction: PgLike) => {
      operation = 'uncommitted';
      await putChunks(transaction, this.#statements, row.etag, bytes);
      await this.#writeRow(transaction, row, when);
      // Nothing of all this lasts unless it is committed, which comes next.
      operation = 'write';
    };
    await attempt(
      { call: 'put', key: row.key },
      () => operation,
      () => inTransaction(this.#pool, work),
    );
  }

  async #putRow(row: NewRow, when: PutCondition | undefined): Promise<void> {
    await attempt(
      { call: 'put', key: row.key },
      () => 'write',
      () => this.#writeRow(this.#pool, row, when),
    );
  }

  /** Writes the row, if the condition holds at that moment. @throws {ConflictError} */
  async #writeRow(runner: PgLike, row: NewRow, when: PutCondition | undefined): Promise<void> {
    const { put, create, replace } = this.#statements;
    const values: unknown[] = [row.key, row.etag, row.sizeBytes, row.sha256, row.bytesIn, row.bytes];
    const isReplacing = when !== undefined && 'ifMatch' in when;
    const { rows } = await (isReplacing
      ? runner.query(replace, [...values, when.ifMatch])
      : runner.query(when ? create : put, values));
    if (rows.length === 0) throw new ConflictError(row.key, isReplacing ? when.ifMatch : 'nothing');
  }

  async #bytesOf(row: BlobRow): Promise<Uint8Array | undefined> {
    if (row.bytes) return new Uint8Array(row.bytes);
    if (row.bytes_in === 'store') return getElsewhere(this.#options.bytesIn, row);
    const read = () => getChunks(this.#pool, this.#statements, row.etag, Number(row.size_bytes));
    return attempt({ call: 'get', key: row.key }, () => 'read', read);
  }

  async #removeBytes(place: PutPlace): Promise<void> {
    if (place.bytes_in === 'store') await removeElsewhere(this.#options.bytesIn, place);
  }

  async #look(key: string): Promise<PutPlace | undefined> {
    return (await this.#query<PutPlace>({ call: 'get', key }, 'read', this.#statements.look, [key]))[0];
  }

  async #isMigrated(): Promise<boolean> {
    try {
      const rows = await this.#query<{ name: string }>({ call: 'migrate' }, 'read', this.#statements.migrated, []);
      const done = new Set(rows.map(({ name }) => name));
      return blobMigrations(this.#options).every(({ name }) => done.has(name));
    } catch (error) {
      if (error instanceof StoreError && isMissing(error)) return false;
      throw error;
    }
  }

  async #query<Row>(call: Call, operation: PostgresOperation, text: string, values: unknown[]): Promise<Row[]> {
    const { rows } = await attempt(
      call,
      () => operation,
      () => this.#pool.query(text, values),
    );
    return rows as Row[];
  }
}

/** What a caller called, and on which key. */
interface Call {
  readonly call: string;
  readonly key?: string;
}

/** Runs a statement or a transaction, again while others are in its way, a few times. @throws {StoreError} */
async function attempt<Result>(
  { call, key }: Call,
  operation: () => PostgresOperation,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (!mayTryAgain(error) || tries === MOST_ATTEMPTS) {
        const context = { ...(key !== undefined && { key }), whenUnknown: 'get tells' };
        throw postgresFailure(key === undefined ? call : `${call} ${key}`, operation(), error, context);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * tries));
    }
  }
}

function requireCondition(key: string, etag: string | undefined, when: PutCondition | undefined): void {
  if (!when) return;
  const expected = 'ifMatch' in when ? when.ifMatch : undefined;
  if (etag !== expected) throw new ConflictError(key, expected ?? 'nothing', etag ?? 'nothing');
}

function isUnknownOutcome(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'UNKNOWN_OUTCOME';
}

function isMissing({ details }: StoreError): boolean {
  return details['sqlState'] === '42P01' || details['sqlState'] === '3F000';
}

function overtaken(key: string): StoreError {
  const message = `get ${key}: it was written over while it was read, ${MOST_ATTEMPTS} times; try again`;
  return new StoreError('UNAVAILABLE', message, { details: { key } });
}

function tooLarge(count: number, totalBytes: number): StoreError {
  const message = `getMany: ${count} blobs have ${totalBytes} bytes, at most ${MAX_BYTES_AT_ONCE} are read at once; ask for fewer`;
  return new StoreError('TOO_LARGE', message, { details: { totalBytes, maxBytes: MAX_BYTES_AT_ONCE } });
}
