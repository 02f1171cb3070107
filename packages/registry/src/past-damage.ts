/**
 * Some stores verify what they read, and fail with CORRUPT for a blob that is damaged. Who wants to tell in which version, event or run the damage is, or
 * to replace it, reads such a blob as an empty one, which no event, record or content is.
 */
import { type BlobStore, type StoredBlob, isFraudOpsError } from '@fraudops/core';

/** A blob; empty when the store knows that it is damaged. */
export async function getPastDamage(store: BlobStore, key: string): Promise<StoredBlob | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (!isFraudOpsError(error) || error.code !== 'CORRUPT') throw error;
    return { bytes: new Uint8Array(), etag: '', modifiedMs: 0 };
  }
}

/** The store, its damaged blobs being empty. */
export function pastDamage(store: BlobStore): BlobStore {
  return {
    get: (key) => getPastDamage(store, key),
    put: (key, bytes, when) => store.put(key, bytes, when),
    delete: (key, when) => store.delete(key, when),
    list: (prefix, from) => store.list(prefix, from),
  };
}
