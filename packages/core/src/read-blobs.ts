import { type BlobStore, MAX_KEYS_AT_ONCE, type StoredBlob } from './blob-store.js';
import { eachBounded } from './each-bounded.js';
import { isFraudOpsError } from './errors.js';

/** A key, and its blob if there is one. */
export interface ReadBlob {
  readonly key: string;
  readonly blob: StoredBlob | undefined;
}

/** Blobs read at once of a store that reads one at a time, and how many of them are held. */
const PARALLEL_GETS = 32;
const GETS_HELD = 256;

/**
 * Reads many small blobs in the order of their keys, in as few requests as the store allows: `getMany` where it has that, else `get`, up to
 * 32 at once. They come in batches of up to 1000; while the caller works on one, the next is read.
 *
 * @throws {StoreError} as the store does
 * @example
 * for await (const batch of readBlobs(store, keys)) for (const { key, blob } of batch) console.log(key, blob?.bytes.length);
 */
export async function* readBlobs(store: BlobStore, keys: readonly string[]): AsyncGenerator<readonly ReadBlob[]> {
  const size = store.getMany ? MAX_KEYS_AT_ONCE : GETS_HELD;
  const read = async (first: number): Promise<readonly ReadBlob[]> => {
    const some = keys.slice(first, first + size);
    const blobs = store.getMany
      ? await readTogether(store, some)
      : await eachBounded(some, PARALLEL_GETS, (key) => store.get(key));
    return some.map((key, i) => ({ key, blob: blobs[i] }));
  };
  let next = keys.length > 0 ? read(0) : undefined;
  for (let first = size; next; first += size) {
    const batch = await next;
    next = first < keys.length ? read(first) : undefined;
    // A caller who stops here never learns that the next batch failed.
    next?.catch(() => {});
    yield batch;
  }
}

/** Halves the keys when their blobs are too large together. */
async function readTogether(store: BlobStore, keys: readonly string[]): Promise<(StoredBlob | undefined)[]> {
  if (keys.length === 1) return [await store.get(keys[0]!)];
  try {
    return await store.getMany!(keys);
  } catch (error) {
    if (!isFraudOpsError(error) || error.code !== 'TOO_LARGE') throw error;
    const middle = keys.length >> 1;
    return [...(await readTogether(store, keys.slice(0, middle))), ...(await readTogether(store, keys.slice(middle)))];
  }
}
