/** What is needed of a client of Postgres, by its shape: `Pool` of pg has it, and so has PGlite. The package itself imports no client. */

/** Runs statements: `Pool` and `Client` of pg, and PGlite. */
export interface PgLike {
  /** Runs one statement with parameters `$1`, `$2`, ... and gives its rows, each by column name, with bytea as bytes. */
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Runs statements, and several of them in one transaction: `Pool` of pg, or PGlite. */
export type PgPool = PgLike & (PgConnections | PgTransactions);

/** Lends connections, as `Pool` of pg does. */
export interface PgConnections {
  connect(): Promise<PgConnection>;
}

/** A connection that is lent, as `PoolClient` of pg. */
export interface PgConnection extends PgLike {
  /** Gives it back; with true it is closed. */
  release(isBroken?: boolean): void;
  on?(event: 'error', listener: (error: Error) => void): unknown;
  off?(event: 'error', listener: (error: Error) => void): unknown;
}

/** Runs a function in a transaction of its own, as PGlite does. */
export interface PgTransactions {
  transaction<Result>(work: (transaction: PgLike) => Promise<Result>): Promise<Result>;
}

/** Whether a value has what {@link PgPool} asks for. */
export function isPgPool(value: unknown): value is PgPool {
  const { query, connect, transaction } = (value ?? {}) as Record<string, unknown>;
  return typeof query === 'function' && (typeof connect === 'function' || typeof transaction === 'function');
}

/** Runs statements in one transaction, which is undone when one of them, or `work`, fails. Poolers in transaction mode keep to it. */
export async function inTransaction<Result>(pool: PgPool, work: (transaction: PgLike) => Promise<Result>): Promise<Result> {
  if ('transaction' in pool) return pool.transaction(work);
  const connection = await pool.connect();
  // A connection that is cut between two statements tells by an event, and by the next statement's failure; the event alone, unheard,
  // would end the process.
  const hear = () => {};
  connection.on?.('error', hear);
  let isUsable = false;
  try {
    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED', []);
    const result = await work(connection);
    await connection.query('COMMIT', []);
    isUsable = true;
    return result;
  } catch (error) {
    isUsable = await connection.query('ROLLBACK', []).then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    connection.off?.('error', hear);
    connection.release(!isUsable);
  }
}
