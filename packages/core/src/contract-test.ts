/** What the tests of the contract of blob stores are written with; see `testing.ts`. */
import assert from 'node:assert/strict';
import type { BlobInfo, BlobStore } from './blob-store.js';
import { type StoreErrorCode, isFraudOpsError } from './errors.js';

/** Declares a test that gets two stores on one empty place, as two processes would have them. */
export type Declare = (title: string, body: (store: BlobStore, other: BlobStore) => Promise<void>) => unknown;

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes));

export async function textAt(store: BlobStore, key: string): Promise<string | undefined> {
  return textOf((await store.get(key))?.bytes);
}

export async function rejectsWith(code: StoreErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(isFraudOpsError(error), `expected a StoreError, got ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}

export async function keysOf(blobs: AsyncIterable<BlobInfo>): Promise<string[]> {
  const keys: string[] = [];
  for await (const blob of blobs) keys.push(blob.key);
  return keys;
}
