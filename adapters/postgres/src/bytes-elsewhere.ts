/**
 * The bytes of large blobs in another store, each put under a key of its own, made of their hash and the put's etag. Nothing else ever
 * has that key, so they can be removed as soon as their row is gone.
 */
import { type BlobStore, StoreError, isFraudOpsError } from '@fraudops/core';
import type { BlobRow } from './blob-row.js';

/** What names the bytes of a put. */
export type PutName = Pick<BlobRow, 'etag' | 'sha256'>;

/** Writes the bytes; the row must follow. @throws {StoreError} never UNKNOWN_OUTCOME: without a row nothing was put */
export async function putElsewhere(store: BlobStore, key: string, name: PutName, bytes: Uint8Array): Promise<void> {
  try {
    await store.put(keyElsewhere(name), bytes);
  } catch (error) {
    if (!isFraudOpsError(error) || error.code !== 'UNKNOWN_OUTCOME') throw error;
    const message = `put ${key}: the store of large blobs did not say whether it kept the bytes; nothing was changed, try again`;
    throw new StoreError('UNAVAILABLE', message, { details: { key }, cause: error });
  }
}

/** The bytes; undefined when they are gone. */
export async function getElsewhere(store: BlobStore | undefined, row: BlobRow): Promise<Uint8Array | undefined> {
  if (store) return (await store.get(keyElsewhere(row)))?.bytes;
  const message = `get ${row.key}: its bytes are in another store; give that store as bytesIn`;
  throw new StoreError('UNSUPPORTED', message, { details: { key: row.key } });
}

/** Removes the bytes of a row that is gone. What can't be removed now stays behind: it takes room, and does no harm. */
export async function removeElsewhere(store: BlobStore | undefined, name: PutName): Promise<void> {
  await store?.delete(keyElsewhere(name)).catch(() => {});
}

function keyElsewhere({ sha256, etag }: PutName): string {
  return `bytes/${sha256.slice(0, 2)}/${sha256}/${etag}`;
}
