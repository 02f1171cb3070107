/**
 * All storage of the SDK is this interface: bytes under keys, with compare-and-swap.
 *
 * A put is atomic (readers see the old bytes or the new ones, never a part) and durable once its promise resolves. Conditions are
 * honoured between processes. Whoever implements it runs the contract suite of `@fraudops/core/testing`.
 */
import { types } from 'node:util';
import { StoreError } from './errors.js';
import { showValue } from './show-value.js';

/**
 * Bytes under keys, with compare-and-swap. A put is atomic, durable once its promise resolves, and honours its condition between processes;
 * the contract suite of `@fraudops/core/testing` holds implementations to that.
 */
export interface BlobStore {
  /** The blob, or undefined when there is none. @throws {StoreError} CORRUPT when it is known not to be what was put */
  get(key: string): Promise<StoredBlob | undefined>;
  /**
   * The blobs of up to {@link MAX_KEYS_AT_ONCE} keys, in their order, undefined where there is none. For stores that read many blobs in
   * one request; without it, readers call `get` for each.
   *
   * @throws {StoreError} as `get`; TOO_LARGE when there are more keys, or the blobs together are more than the store reads at once
   */
  getMany?(keys: readonly string[]): Promise<(StoredBlob | undefined)[]>;
  /**
   * Writes a blob, whole and durably, when the condition holds.
   * @throws {ConflictError} when it does not; the store is unchanged then
   * @throws {StoreError} INVALID_KEY, INVALID_ARGUMENT (see {@link requireValidPut}), TOO_LARGE, NO_SPACE, READ_ONLY, UNAVAILABLE, IO; the
   *   store is unchanged then. UNKNOWN_OUTCOME: the blob may have been kept; get tells
   */
  put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }>;
  /**
   * The blobs whose key begins with the prefix (any string; need not end at a `/`), in order of their keys' bytes.
   * `startAfter`: only keys behind this one. Blobs written or deleted meanwhile may or may not be seen; all others are, once.
   */
  list(prefix: string, from?: { startAfter?: string }): AsyncIterable<BlobInfo>;
  /** Deletes a blob, if there is one. @throws {ConflictError} when it has another etag than `when.ifMatch`, or is gone */
  delete(key: string, when?: { ifMatch: string }): Promise<void>;
  /**
   * What changed among the keys with a prefix since a mark, for whoever lists the same prefix again and again. Stores that can tell it for
   * less than a list have it.
   *
   * Without a mark, or when the store can't tell (any more, or the mark is none of its own), `changes` is undefined, and whoever wants to
   * know lists. In any case `mark` stands for a moment before the call returned: everything that a list begun later may miss is told by a
   * later call with this mark, also what was under way meanwhile. `mark` is undefined when the store can't promise that right now.
   *
   * @example
   * let { mark } = await store.changesSince('runs/', undefined);
   * const known = await listAll('runs/');
   * const next = await store.changesSince('runs/', mark); // then apply next.changes to what is known, or list again, and keep next.mark
   */
  changesSince?(prefix: string, mark: string | undefined): Promise<StoreChanges>;
}

/** What {@link BlobStore.changesSince} tells. */
export interface StoreChanges {
  /** For the next call with the same prefix; undefined when there is none. A mark may be written down and used by another process. */
  readonly mark: string | undefined;
  /**
   * The blobs that were put and the keys whose blob was deleted, as they are now, at most {@link MAX_CHANGES} of both. May hold more than
   * changed, never less. Undefined: list.
   */
  readonly changes: { readonly put: readonly BlobInfo[]; readonly deleted: readonly string[] } | undefined;
}

/** `ifNoneMatch: '*'`: only if the key has no blob. `ifMatch`: only if its blob has this etag. */
export type PutCondition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string };

/** A blob as it was read. */
export interface StoredBlob {
  readonly bytes: Uint8Array;
  /**
   * Opaque name of this state of the key: no other bytes that were put under the key have it. A put of equal bytes changes it in most stores
   * and may keep it in others (S3), so don't count puts by it.
   */
  readonly etag: string;
  /** When it was put, epoch milliseconds. */
  readonly modifiedMs: number;
}

/** A blob as it is listed. */
export interface BlobInfo {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Most keys of one {@link BlobStore.getMany}. */
export const MAX_KEYS_AT_ONCE = 1000;
/** Most changes that one {@link BlobStore.changesSince} tells; when there are more, it asks for a list. */
export const MAX_CHANGES = 10_000;
/** Longest key, in characters. */
export const MAX_KEY_LENGTH = 700;
/** Longest etag, in characters. */
export const MAX_ETAG_LENGTH = 200;
/** Longest part of a key between slashes, in characters. */
export const MAX_KEY_SEGMENT_LENGTH = 80;

/**
 * A key is 1 to 700 characters: segments of 1 to 80 characters out of `A-Z a-z 0-9 . _ - = + @ ~`, joined by single slashes. No segment
 * is `.` or `..`. These are the keys that a file system, S3 and Postgres all take as they are.
 *
 * @throws {StoreError} INVALID_KEY, saying which rule the key breaks
 */
export function requireValidKey(key: string): void {
  const reason = invalidKeyReason(key);
  if (reason) {
    const shown = JSON.stringify(typeof key === 'string' ? key.slice(0, 120) : String(key));
    throw new StoreError('INVALID_KEY', `key ${shown}: ${reason}`, { details: { key: shown, reason } });
  }
}

/** Checks the keys of a `getMany`. @throws {StoreError} TOO_LARGE for more than {@link MAX_KEYS_AT_ONCE}; INVALID_KEY */
export function requireValidKeys(keys: readonly string[]): void {
  if (keys.length > MAX_KEYS_AT_ONCE) {
    const message = `getMany: ${keys.length} keys, at most ${MAX_KEYS_AT_ONCE} are allowed; ask for fewer`;
    throw new StoreError('TOO_LARGE', message, { details: { keys: keys.length, maxKeys: MAX_KEYS_AT_ONCE } });
  }
  keys.forEach(requireValidKey);
}

/**
 * Checks the arguments of a put, before any work. Bytes are a Uint8Array. A condition is left out (undefined), or has exactly one of its
 * members: `ifNoneMatch: '*'`, or `ifMatch` with an etag, 1 to {@link MAX_ETAG_LENGTH} visible characters of ASCII. So `{ ifMatch: found?.etag }`
 * of a blob that was not found is refused, rather than taken for no condition or for one that holds when there is nothing.
 *
 * @throws {StoreError} INVALID_KEY; INVALID_ARGUMENT, naming the argument and its value
 */
export function requireValidPut(key: string, bytes: Uint8Array, when: PutCondition | undefined): void {
  requireValidKey(key);
  if (!types.isUint8Array(bytes)) throw invalidArgument(`put ${key}: bytes is ${showValue(bytes)}, expected a Uint8Array`, key);
  if (when === undefined) return;
  requireMember('put', key, when, 'either ifMatch or ifNoneMatch', ['ifMatch', 'ifNoneMatch']);
  if ('ifMatch' in when) return requireEtag('put', key, when.ifMatch);
  if (when.ifNoneMatch === '*') return;
  throw invalidArgument(`put ${key}: when.ifNoneMatch is ${showValue(when.ifNoneMatch)}, expected "*"`, key);
}

/** Checks the arguments of a delete, whose condition is `ifMatch` as of {@link requireValidPut}. @throws {StoreError} INVALID_KEY; INVALID_ARGUMENT */
export function requireValidDelete(key: string, when: { readonly ifMatch: string } | undefined): void {
  requireValidKey(key);
  if (when === undefined) return;
  requireMember('delete', key, when, 'ifMatch and nothing else', ['ifMatch']);
  requireEtag('delete', key, when.ifMatch);
}

/** Whether a string is a key by the rules of {@link requireValidKey}. */
export function isValidKey(key: string): boolean {
  return invalidKeyReason(key) === undefined;
}

function invalidKeyReason(key: string): string | undefined {
  if (typeof key !== 'string' || key.length === 0) return 'a key is a string of at least one character';
  if (key.length > MAX_KEY_LENGTH) return `${key.length} characters, at most ${MAX_KEY_LENGTH} are allowed`;
  for (const segment of key.split('/')) {
    if (segment === '') return 'it begins or ends with a slash, or has two in a row';
    if (segment === '.' || segment === '..') return `the segment ${segment} is not allowed`;
    if (segment.length > MAX_KEY_SEGMENT_LENGTH)
      return `a segment of ${segment.length} characters, at most ${MAX_KEY_SEGMENT_LENGTH} are allowed`;
    if (!/^[A-Za-z0-9._\-=+@~]+$/.test(segment)) return 'allowed characters are A-Z a-z 0-9 . _ - = + @ ~ and / between segments';
  }
  return undefined;
}

function requireMember(call: string, key: string, when: object, expected: string, names: readonly string[]): void {
  const members = typeof when === 'object' && when !== null ? Object.keys(when) : undefined;
  if (members?.length === 1 && names.includes(members[0]!)) return;
  const found = members ? `has ${members.length === 0 ? 'no member' : showValue(members.join(', '))}` : `is ${showValue(when)}`;
  throw invalidArgument(`${call} ${key}: when ${found}, expected ${expected}; leave it out for no condition`, key);
}

function requireEtag(call: string, key: string, etag: string): void {
  if (typeof etag === 'string' && etag.length <= MAX_ETAG_LENGTH && /^[!-~]+$/.test(etag)) return;
  const advice = `expected an etag, 1 to ${MAX_ETAG_LENGTH} visible characters; for a key without a blob use ifNoneMatch: '*'`;
  throw invalidArgument(`${call} ${key}: when.ifMatch is ${showValue(etag)}, ${advice}`, key);
}

function invalidArgument(message: string, key: string): StoreError {
  return new StoreError('INVALID_ARGUMENT', message, { details: { key } });
}
