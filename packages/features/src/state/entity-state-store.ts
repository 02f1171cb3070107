/**
 * Where the histories of entities live when several processes share them: a small store of bytes by key, with compare-and-set over
 * several keys at once. One transaction changes the states of its card and of its shop, so both are written or neither.
 *
 * **Versions.** A writer reads states with their versions, makes new states, and writes them on condition that the versions are still
 * those it read. Versions are made by the writer, random and never used twice.
 *
 * **Unknown outcomes.** When a connection is cut while a put is under way, the writer can't know whether it happened. It gives the
 * *same* changes again, until it gets an answer. That is safe: a put that happened is not done a second time but answers true, since a
 * store remembers the versions it was given. For that it looks at each of the keys, and on each at the present version and the
 * {@link ENTITY_STATE_LIMITS}.rememberedVersions before it; one of them is enough. After an answer of false the put has not happened and
 * never will, even if its first attempt is still on its way. Making new changes before there was an answer could count a transaction twice.
 *
 * @example
 * const [state] = await store.getMany([key]);
 * const change = { key, bytes: next(state?.bytes), ifVersion: state?.version, version: randomUUID(), expiresAfterMs: 90 * DAY_MS };
 * const isWritten = await store.putMany([change]); // false: somebody else was faster; read again
 */
import { FeatureError } from '../feature-error.js';

/**
 * A store of states. All implementations pass the suite in `@fraudops/features/testing`. Keys and changes outside
 * {@link ENTITY_STATE_LIMITS} are refused before anything is sent.
 */
export interface EntityStateStore {
  /**
   * The states of keys, in their order; undefined where there is none, or where it expired. One round trip. A put is seen whole or
   * not at all. A key may be named twice.
   *
   * @param keys at most 1000
   * @throws {FeatureError} INVALID_VALUE or TOO_LARGE: the keys break a rule
   * @throws {StoreError} what the store failed at; UNAVAILABLE is worth trying again
   */
  getMany(keys: readonly string[]): Promise<readonly (StoredEntityState | undefined)[]>;
  /**
   * Writes all changes or none: true when each key still had the version that its change names, or when these very changes were written
   * before; else false, and nothing is written. One round trip. The bytes must not be changed before the promise settles.
   *
   * @param changes at most 1000, each with another key; none at all is true
   * @throws {FeatureError} INVALID_VALUE or TOO_LARGE: the changes break a rule; nothing is written
   * @throws {StoreError} what the store failed at. UNAVAILABLE: nothing was written. UNKNOWN_OUTCOME: they may have been written; give
   *   the same changes again
   */
  putMany(changes: readonly EntityStateChange[]): Promise<boolean>;
}

/** The state of one entity, as it was last written. */
export interface StoredEntityState {
  /** A copy of the caller's own. */
  readonly bytes: Uint8Array;
  /** Given by whoever wrote it. */
  readonly version: string;
}

/** One state to write; see {@link EntityStateStore.putMany}. */
export interface EntityStateChange {
  /** 1 to 1024 UTF-16 code units of any Unicode, without NUL and lone surrogates. */
  readonly key: string;
  /** At most 16 MiB, and 64 MiB in all changes of a batch. */
  readonly bytes: Uint8Array;
  /** The version that was read; undefined: there must be no state. */
  readonly ifVersion: string | undefined;
  /** The new version: 1 to 64 letters, digits, `-` and `_`, random, such as a UUID. */
  readonly version: string;
  /** How long after this write the state may be dropped, by the clock of the store: a whole number from 1 to 100 years. */
  readonly expiresAfterMs: number;
}

/** Limits of every {@link EntityStateStore}. */
export const ENTITY_STATE_LIMITS = {
  /** Keys of one call. */
  keys: 1_000,
  /** UTF-16 code units of a key. */
  keyLength: 1_024,
  /** Characters of a version. */
  versionLength: 64,
  /** Bytes of one state. */
  stateBytes: 16 * 2 ** 20,
  /** Bytes of all states of one put. */
  batchBytes: 64 * 2 ** 20,
  /** Longest life of a state: 100 years of 365 days. */
  expiresAfterMs: 100 * 365 * 86_400_000,
  /** Earlier versions of a state by which a repeated put is recognised; older ones are forgotten. */
  rememberedVersions: 16,
} as const;

const VERSION = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Refuses keys that no store takes; every {@link EntityStateStore} calls it first in `getMany`.
 *
 * @throws {FeatureError} INVALID_VALUE or TOO_LARGE, naming the key by its place
 * @example requireStateKeys(['card:596', '']); // throws: getMany: keys[1] is "", expected 1 to 1024 characters ...
 */
export function requireStateKeys(keys: readonly string[]): void {
  requireBatchLength('getMany', 'keys', keys.length);
  for (let i = 0; i < keys.length; i++) requireKey(`getMany: keys[${i}]`, keys[i]!);
}

/**
 * Refuses changes that no store takes; every {@link EntityStateStore} calls it first in `putMany`.
 *
 * @throws {FeatureError} INVALID_VALUE or TOO_LARGE, naming the change by its place
 */
export function requireStateChanges(changes: readonly EntityStateChange[]): void {
  requireBatchLength('putMany', 'changes', changes.length);
  const places = new Map<string, number>();
  let batchBytes = 0;
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]!;
    requireChange(`putMany: changes[${i}]`, change);
    const first = places.get(change.key);
    if (first !== undefined) {
      refuse('INVALID_VALUE', `putMany: changes[${i}].key is that of changes[${first}], expected each key once`, change.key);
    }
    places.set(change.key, i);
    batchBytes += change.bytes.length;
  }
  if (batchBytes > ENTITY_STATE_LIMITS.batchBytes) {
    const rule = `expected at most ${ENTITY_STATE_LIMITS.batchBytes}; write fewer at once`;
    refuse('TOO_LARGE', `putMany: the changes have ${batchBytes} bytes, ${rule}`, batchBytes);
  }
}

function requireBatchLength(operation: string, what: string, length: number): void {
  if (length <= ENTITY_STATE_LIMITS.keys) return;
  const rule = `expected at most ${ENTITY_STATE_LIMITS.keys}; split them`;
  refuse('TOO_LARGE', `${operation}: there are ${length} ${what}, ${rule}`, length);
}

function requireChange(where: string, { key, bytes, ifVersion, version, expiresAfterMs }: EntityStateChange): void {
  requireKey(`${where}.key`, key);
  if (!(bytes instanceof Uint8Array)) refuse('INVALID_VALUE', `${where}.bytes is ${shown(bytes)}, expected a Uint8Array`, bytes);
  if (bytes.length > ENTITY_STATE_LIMITS.stateBytes) {
    const rule = `expected at most ${ENTITY_STATE_LIMITS.stateBytes}; remember fewer transactions of an entity`;
    refuse('TOO_LARGE', `${where}.bytes has ${bytes.length} bytes, ${rule}`, bytes.length);
  }
  requireVersion(`${where}.version`, version);
  if (ifVersion !== undefined) requireVersion(`${where}.ifVersion`, ifVersion);
  if (ifVersion === version) {
    refuse('INVALID_VALUE', `${where}.version is ifVersion, ${shown(version)}, expected a new one for each write`, version);
  }
  if (!Number.isSafeInteger(expiresAfterMs) || expiresAfterMs < 1 || expiresAfterMs > ENTITY_STATE_LIMITS.expiresAfterMs) {
    const rule = `expected a whole number from 1 to ${ENTITY_STATE_LIMITS.expiresAfterMs}`;
    refuse('INVALID_VALUE', `${where}.expiresAfterMs is ${shown(expiresAfterMs)}, ${rule}`, expiresAfterMs);
  }
}

function requireKey(where: string, key: string): void {
  const isValid =
    typeof key === 'string' &&
    key.length >= 1 &&
    key.length <= ENTITY_STATE_LIMITS.keyLength &&
    !key.includes('\0') &&
    !/\p{Surrogate}/u.test(key);
  if (isValid) return;
  const rule = `expected 1 to ${ENTITY_STATE_LIMITS.keyLength} characters without NUL and lone surrogates`;
  refuse('INVALID_VALUE', `${where} is ${shown(key)}, ${rule}`, key);
}

function requireVersion(where: string, version: string): void {
  if (typeof version === 'string' && VERSION.test(version)) return;
  refuse('INVALID_VALUE', `${where} is ${shown(version)}, expected 1 to 64 letters, digits, "-" and "_"`, version);
}

function refuse(code: 'INVALID_VALUE' | 'TOO_LARGE', message: string, value: unknown): never {
  throw new FeatureError(code, message, { value });
}

/** A value in a message, cut short. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return value.length > 100 ? `${JSON.stringify(value.slice(0, 100))}... of ${value.length} characters` : JSON.stringify(value);
}
