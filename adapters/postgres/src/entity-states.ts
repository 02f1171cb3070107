import { StoreError } from '@fraudops/core';
import {
  type EntityStateChange,
  type EntityStateStore,
  FeatureError,
  type StoredEntityState,
  requireStateChanges,
  requireStateKeys,
} from '@fraudops/features';
import { type PostgresOperation, postgresFailure } from './postgres-failure.js';
import { type PutValues, isLostCreation, putStatement } from './put-statement.js';
import type { PgLike } from './postgres-pool.js';
import { migration, qualifiedName, storedKey } from './state-table.js';

/** Options of {@link postgresEntityStates}. Names have 1 to 50 letters of ASCII, digits and `_`. */
export interface PostgresEntityStatesOptions {
  /** Default `public`. */
  readonly schema?: string;
  /** Default `entity_states`. */
  readonly table?: string;
}

/** States of entities in a table of Postgres. */
export interface PostgresEntityStates extends EntityStateStore {
  /**
   * Makes the schema and the table where they are missing. Call it before anything else; several processes may call it at once.
   *
   * @throws {StoreError} IO when the user may not create them
   */
  migrate(): Promise<void>;
  /**
   * Deletes states that expired, the oldest first. Call it now and then: states that expired are not read, but fill the table.
   *
   * @param limit most states to delete, 1 to 100,000. Default 1000
   * @returns how many were deleted; fewer than `limit`: there are no more for now
   * @throws {FeatureError} INVALID_OPTION
   */
  sweep(limit?: number): Promise<number>;
}

/** Lost creations in a row: each means that another writer created a state between two attempts, and that it was swept since. */
const MOST_ATTEMPTS = 5;

/**
 * States of entities in Postgres 12 or newer. A put is one statement, and so is a read; neither needs a session, so a pooler in
 * transaction mode is fine.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example
 * const states = postgresEntityStates(new Pool({ connectionString }), { schema: 'fraud' });
 * await states.migrate();
 * const [card, shop] = await states.getMany(['card:596', 'shop:3156']);
 */
export function postgresEntityStates(pool: PgLike, options: PostgresEntityStatesOptions = {}): PostgresEntityStates {
  const { schema = 'public', table = 'entity_states' } = options;
  if (typeof pool?.query !== 'function') {
    throw new FeatureError('INVALID_OPTION', 'postgresEntityStates: pool has no query, expected a client such as a Pool of pg');
  }
  return new StateTable(pool, schema, table);
}

class StateTable implements PostgresEntityStates {
  readonly #pool: PgLike;
  readonly #table: string;
  readonly #migration: string;

  constructor(pool: PgLike, schema: string, table: string) {
    this.#pool = pool;
    this.#table = qualifiedName(schema, table);
    this.#migration = migration(schema, table);
  }

  async migrate(): Promise<void> {
    await this.#run('migrate', 'write', this.#migration, []);
  }

  async getMany(keys: readonly string[]): Promise<readonly (StoredEntityState | undefined)[]> {
    requireStateKeys(keys);
    if (keys.length === 0) return [];
    const storedKeys = keys.map(storedKey);
    const text = `SELECT key, version, bytes FROM ${this.#table} WHERE key = ANY($1::text[]) AND expires_at > statement_timestamp()`;
    const rows = await this.#run<{ key: string; version: string; bytes: Uint8Array }>('getMany', 'read', text, [storedKeys]);
    const states = new Map(rows.map((row) => [row.key, row]));
    return storedKeys.map((key) => {
      const row = states.get(key);
      return row && { bytes: Uint8Array.from(row.bytes), version: row.version };
    });
  }

  async putMany(changes: readonly EntityStateChange[]): Promise<boolean> {
    requireStateChanges(changes);
    if (changes.length === 0) return true;
    const text = putStatement(this.#table, changes.length);
    const values = changes.flatMap(putValues);
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      try {
        const { rows } = await this.#pool.query(text, values);
        return (rows[0] as { is_written: boolean }).is_written;
      } catch (error) {
        if (!isLostCreation(error)) throw postgresFailure('putMany', 'write', error);
      }
    }
    const message = `putMany: other writers created a state first, ${MOST_ATTEMPTS} times; try again`;
    throw new StoreError('UNAVAILABLE', message, { details: { attempts: MOST_ATTEMPTS } });
  }

  async sweep(limit = 1_000): Promise<number> {
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100_000) {
      throw new FeatureError('INVALID_OPTION', `sweep: limit is ${limit}, expected a whole number from 1 to 100000`, { limit });
    }
    const text = `WITH expired AS MATERIALIZED (
  SELECT key FROM ${this.#table} WHERE expires_at <= statement_timestamp() ORDER BY expires_at LIMIT $1::integer FOR UPDATE SKIP LOCKED
), deleted AS (DELETE FROM ${this.#table} WHERE key IN (SELECT key FROM expired) RETURNING key)
SELECT count(*)::integer AS deleted FROM deleted`;
    const [row] = await this.#run<{ deleted: number }>('sweep', 'write', text, [limit]);
    return row!.deleted;
  }

  async #run<Row>(call: string, operation: PostgresOperation, text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query(text, values)).rows as Row[];
    } catch (error) {
      throw postgresFailure(call, operation, error);
    }
  }
}

function putValues({ key, ifVersion, version, bytes, expiresAfterMs }: EntityStateChange): PutValues {
  return [storedKey(key), ifVersion ?? null, version, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), expiresAfterMs];
}
