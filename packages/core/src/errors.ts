/**
 * The one error shape of all packages. Every package has one subclass whose `code` names the rule that was broken, and a table
 * that says for each code whether the same call may succeed when tried again unchanged.
 *
 * `instanceof` fails when two copies of a package are installed, so errors also carry a marker: see {@link isFraudOpsError}.
 */

const MARKER: unique symbol = Symbol.for('fraudops.error') as never;

/** Values that explain an error: the field, what it was, what was expected. Never secrets. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** For each code of a package: may the same call succeed later, unchanged? */
export type RetryTable<Code extends string> = Readonly<Record<Code, boolean>>;

/**
 * Base of every error thrown on purpose by a package of this project.
 *
 * @example
 * try { table.number('AMOUNT') } catch (error) {
 *   if (isFraudOpsError(error) && error.code === 'UNKNOWN_COLUMN') console.log(error.details);
 * }
 */
export class FraudOpsError extends Error {
  readonly [MARKER] = true;
  /** Machine-readable rule that was broken, such as `UNKNOWN_COLUMN`. */
  readonly code: string;
  /** The values that broke it. */
  readonly details: ErrorDetails;
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { details?: ErrorDetails; retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }
}

/** True for errors of this project, from whichever installed copy of a package they come. */
export function isFraudOpsError(error: unknown): error is FraudOpsError {
  return typeof error === 'object' && error !== null && MARKER in error;
}

/** Operating system and network codes that pass by themselves. */
const TRANSIENT_SYSTEM_CODES: ReadonlySet<string> = new Set([
  'EAGAIN',
  'EBUSY',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETUNREACH',
  'ENFILE',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
]);

/**
 * Whether trying the same call again may help: the `retryable` flag of this project's errors, or a transient system code.
 *
 * @example isRetryable(Object.assign(new Error('reset'), { code: 'ECONNRESET' })); // true
 */
export function isRetryable(error: unknown): boolean {
  if (isFraudOpsError(error)) return error.retryable;
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && TRANSIENT_SYSTEM_CODES.has(code);
}

/** Codes of {@link TableError}. */
export type TableErrorCode =
  | 'UNKNOWN_COLUMN'
  | 'WRONG_KIND'
  | 'LENGTH_MISMATCH'
  | 'DUPLICATE_COLUMN'
  | 'INVALID_VALUE'
  | 'MISSING_TIME'
  | 'OUT_OF_RANGE';

/** A table, a column or a matrix was used against its rules. Never retryable. */
export class TableError extends FraudOpsError {
  declare readonly code: TableErrorCode;
  constructor(code: TableErrorCode, message: string, details?: ErrorDetails) {
    super(code, message, details ? { details } : {});
  }
}

/** Codes of {@link StoreError}. */
export type StoreErrorCode =
  | 'CONFLICT'
  | 'INVALID_KEY'
  | 'INVALID_ARGUMENT'
  | 'TOO_LARGE'
  | 'NO_SPACE'
  | 'READ_ONLY'
  | 'CORRUPT'
  | 'UNSUPPORTED'
  | 'UNAVAILABLE'
  | 'UNKNOWN_OUTCOME'
  | 'IO';

const STORE_RETRIES: RetryTable<StoreErrorCode> = {
  // Another writer won: read again and decide anew; the same put can never succeed.
  CONFLICT: false,
  INVALID_KEY: false,
  INVALID_ARGUMENT: false,
  TOO_LARGE: false,
  // A person or a clean-up job must make room.
  NO_SPACE: false,
  READ_ONLY: false,
  // The bytes kept are not those that were put.
  CORRUPT: false,
  UNSUPPORTED: false,
  UNAVAILABLE: true,
  // The same put might succeed, and might also write over what others have built on it since: look first.
  UNKNOWN_OUTCOME: false,
  IO: false,
};

/** A blob store refused or failed a call. Nothing is half-written when it is thrown; only UNKNOWN_OUTCOME may have changed anything. */
export class StoreError extends FraudOpsError {
  declare readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: STORE_RETRIES[code] });
  }
}

/** A conditional put or delete found another state than the one it was conditional on. */
export class ConflictError extends StoreError {
  /**
   * @param key the key that was written
   * @param expected what the caller wanted to find: an etag, or `nothing`
   * @param actual the etag found, or `nothing`; undefined where the store does not tell
   */
  constructor(key: string, expected: string, actual?: string) {
    const found = actual === undefined ? 'something else' : actual;
    super('CONFLICT', `put ${key}: expected ${expected}, found ${found}; read it again and decide anew`, {
      details: { key, expected, actual },
    });
  }
}
