import { randomUUID } from 'node:crypto';
import {
  type BlobInfo,
  type BlobStore,
  MAX_CHANGES,
  type PutCondition,
  type StoreChanges,
  type StoredBlob,
  requireValidDelete,
  requireValidKey,
  requireValidKeys,
  requireValidPut,
} from './blob-store.js';
import { type Clock, systemClock } from './clock.js';
import { ConflictError, StoreError } from './errors.js';

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Largest sum of all blobs, in bytes; a put above it fails with NO_SPACE. Default 1 GiB. */
  maxBytes?: number;
  /** Source of `modifiedMs`. Default: the machine's clock. */
  clock?: Clock;
}

/**
 * A blob store in this process's memory: for tests, notebooks and caches. Bytes are copied in and out, so nobody can change a stored blob.
 *
 * @example
 * const store = memoryStore();
 * const { etag } = await store.put('a/b', new TextEncoder().encode('hello'), { ifNoneMatch: '*' });
 */
export function memoryStore(options: MemoryStoreOptions = {}): BlobStore {
  return new MemoryStore(options.maxBytes ?? 2 ** 30, options.clock ?? systemClock);
}

class MemoryStore implements BlobStore {
  readonly #blobs = new Map<string, StoredBlob>();
  readonly #maxBytes: number;
  readonly #clock: Clock;
  #totalBytes = 0;
  #generation = 0;
  /** By what marks of this store are told from others'. */
  readonly #id = randomUUID();
  /** When keys changed last, in that order; and the change behind which all are here. */
  readonly #changed = new Map<string, number>();
  #changes = 0;
  #forgotten = 0;

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    const blob = this.#blobs.get(key);
    return blob && { ...blob, bytes: blob.bytes.slice() };
  }

  async getMany(keys: readonly string[]): Promise<(StoredBlob | undefined)[]> {
    requireValidKeys(keys);
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    requireValidPut(key, bytes, when);
    const current = this.#blobs.get(key);
    requireCondition(key, current?.etag, when);
    const totalBytes = this.#totalBytes - (current?.bytes.length ?? 0) + bytes.length;
    if (totalBytes > this.#maxBytes) {
      throw new StoreError(
        'NO_SPACE',
        `put ${key}: ${bytes.length} bytes would make ${totalBytes}, at most ${this.#maxBytes} are kept`,
        {
          details: { key, sizeBytes: bytes.length, maxBytes: this.#maxBytes },
        },
      );
    }
    const etag = `m${++this.#generation}`;
    this.#blobs.set(key, { bytes: Uint8Array.from(bytes), etag, modifiedMs: this.#clock.now() });
    this.#totalBytes = totalBytes;
    this.#noteChange(key);
    return { etag };
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    const keys = [...this.#blobs.keys()].filter((key) => key.startsWith(prefix) && key > (from.startAfter ?? '')).toSorted();
    for (const key of keys) {
      const blob = this.#blobs.get(key);
      if (blob) yield infoOf(key, blob);
    }
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidDelete(key, when);
    const current = this.#blobs.get(key);
    requireCondition(key, current?.etag, when);
    if (!current) return;
    this.#totalBytes -= current.bytes.length;
    this.#blobs.delete(key);
    this.#noteChange(key);
  }

  async changesSince(prefix: string, mark: string | undefined): Promise<StoreChanges> {
    const now = `${this.#id} ${this.#changes}`;
    if (mark === now) return { mark, changes: { put: [], deleted: [] } };
    const [id, number] = mark?.split(' ') ?? [];
    const since = Number(number);
    // Also when it is no number.
    if (id !== this.#id || !(since >= this.#forgotten)) return { mark: now, changes: undefined };
    const put: BlobInfo[] = [];
    const deleted: string[] = [];
    for (const [key, change] of this.#changed) {
      if (change <= since || !key.startsWith(prefix)) continue;
      const blob = this.#blobs.get(key);
      if (blob) put.push(infoOf(key, blob));
      else deleted.push(key);
    }
    return { mark: now, changes: { put, deleted } };
  }

  #noteChange(key: string): void {
    this.#changed.delete(key);
    this.#changed.set(key, ++this.#changes);
    if (this.#changed.size <= MAX_CHANGES) return;
    const [oldest, change] = this.#changed.entries().next().value!;
    this.#changed.delete(oldest);
    this.#forgotten = change;
  }
}

function infoOf(key: string, { etag, bytes, modifiedMs }: StoredBlob): BlobInfo {
  return { key, etag, sizeBytes: bytes.length, modifiedMs };
}

/** Throws {@link ConflictError} unless the condition holds for a key whose current etag is given (undefined: there is no blob). */
export function requireCondition(key: string, currentEtag: string | undefined, when: PutCondition | undefined): void {
  if (!when) return;
  if ('ifNoneMatch' in when) {
    if (currentEtag !== undefined) throw new ConflictError(key, 'nothing', currentEtag);
  } else if (currentEtag !== when.ifMatch) {
    throw new ConflictError(key, when.ifMatch, currentEtag ?? 'nothing');
  }
}
