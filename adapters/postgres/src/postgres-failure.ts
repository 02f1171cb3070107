/** What a failed query of Postgres means to whoever uses a store on it. */
import { StoreError, type StoreErrorCode } from '@fraudops/core';

/** What the query that failed could have changed. `uncommitted`: nothing yet, since it was part of a transaction that was to go on. */
export type PostgresOperation = 'read' | 'uncommitted' | 'write';

/** What the failure is about. */
export interface FailureContext {
  /** Of the blob. */
  readonly key?: string;
  /** What to do when nobody knows what became of a write. */
  readonly whenUnknown?: string;
}

const NO_PERMISSION = '42501';
const PRIVILEGES = 'grant SELECT, INSERT, UPDATE and DELETE on the table';

/** By SQLSTATE, or by its class of two characters. A query that ended with one of these has changed nothing. */
const REFUSALS: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  '28': ['IO', 'the database did not let the user in'],
  '25006': ['READ_ONLY', 'the database takes no writes; is the client connected to a standby?'],
  '40': ['UNAVAILABLE', 'other transactions were in the way; try again'],
  '42P01': ['IO', 'the table is missing; call migrate() once'],
  '3F000': ['IO', 'the schema is missing; call migrate() once'],
  [NO_PERMISSION]: ['IO', `the user may not do this; ${PRIVILEGES}`],
  '53': ['UNAVAILABLE', 'the database is short of connections or memory; try again'],
  '53100': ['NO_SPACE', 'the disk of the database is full'],
  '55P03': ['UNAVAILABLE', 'a lock was not free in time (lock_timeout); try again'],
  '57014': ['UNAVAILABLE', 'it took too long (statement_timeout); try again'],
  '57P03': ['UNAVAILABLE', 'the database starts or recovers; try again'],
};

/** Other transactions were in the way: run again, the same statement may succeed. */
const IN_THE_WAY = /^40(?!003)/;
/** A connection that the database ends: what was under way may have been carried out. */
const CONNECTION_ENDED = /^(08|57P0[124]|40003)/;
/** No connection could be made, so nothing was sent. */
const NEVER_SENT_CODES: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const NEVER_SENT = 'timeout exceeded when trying to connect';
/** SQLSTATE: five digits or capitals. None begins with E, unlike the codes of system errors. */
const SQL_STATE = /^[0-9A-DF-Z][0-9A-Z]{4}$/;

/**
 * A failure as a {@link StoreError}. Neither its message nor its cause holds a connection string.
 *
 * | what failed | of a read | of a write |
 * |---|---|---|
 * | the connection, ended by either side or by a time-out (08, 57P01, 57P02, 57P04) | UNAVAILABLE | UNKNOWN_OUTCOME |
 * | the same, before a transaction was to be committed | UNAVAILABLE | UNAVAILABLE |
 * | no connection could be made | UNAVAILABLE | UNAVAILABLE |
 * | starting (57P03), short of connections or memory (53), lock or statement time-out, serialization (40) | UNAVAILABLE | UNAVAILABLE |
 * | disk full (53100) | NO_SPACE | NO_SPACE |
 * | a standby (25006) | READ_ONLY | READ_ONLY |
 * | no permission (42501) | IO | READ_ONLY |
 * | any other SQLSTATE, such as a missing table | IO | IO |
 */
export function postgresFailure(
  call: string,
  operation: PostgresOperation,
  error: unknown,
  { key, whenUnknown = 'give the same changes again' }: FailureContext = {},
): StoreError {
  const { code: found, message = String(error) } = (error ?? {}) as { code?: unknown; message?: string };
  const sqlState = sqlStateOf(error);
  const fail = (code: StoreErrorCode, advice: string) =>
    new StoreError(code, `${call}: ${advice} (${withoutAddress(message || String(found))})`, {
      details: { sqlState, ...(key !== undefined && { key }) },
      cause: holdsAddress(error) ? undefined : error,
    });

  if (sqlState !== undefined && !CONNECTION_ENDED.test(sqlState)) {
    if (sqlState === NO_PERMISSION && operation !== 'read') return fail('READ_ONLY', `the user may not write; ${PRIVILEGES}`);
    return fail(...(REFUSALS[sqlState] ?? REFUSALS[sqlState.slice(0, 2)] ?? ['IO', 'Postgres refused the query']));
  }
  if (operation !== 'write' || NEVER_SENT_CODES.has(found) || message.includes(NEVER_SENT)) {
    return fail('UNAVAILABLE', 'Postgres can’t be reached now; try again');
  }
  return fail('UNKNOWN_OUTCOME', `whether this was written is unknown; ${whenUnknown}`);
}

/** Whether a statement, or a transaction, failed only because others were in its way. */
export function mayTryAgain(error: unknown): boolean {
  return IN_THE_WAY.test(sqlStateOf(error) ?? '');
}

function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && SQL_STATE.test(code) ? code : undefined;
}

function withoutAddress(message: string): string {
  return message.replaceAll(/\bpostgres(ql)?:\/\/\S+/gi, 'postgres://...');
}

/** A connection string that is no URL comes back in the error about it, with the password. */
function holdsAddress(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return 'input' in error || withoutAddress((error as Error).message ?? '') !== (error as Error).message;
}
