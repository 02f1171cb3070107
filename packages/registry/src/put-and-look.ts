import { type BlobStore, type PutCondition, type StoredBlob, isFraudOpsError } from '@fraudops/core';
import { isConflict } from './conflict.js';

/** What a key holds after a put: the writer's own blob, or what came before it (undefined when that is gone again). */
export type PutResult =
  | { readonly own: true; readonly bytes: Uint8Array; readonly etag: string }
  | { readonly own: false; readonly found: StoredBlob | undefined };

/**
 * Puts a blob on a condition. A store may say CONFLICT for a put that it kept (it tried again after a lost answer), or UNKNOWN_OUTCOME
 * for one that it may have kept; so after either the key is looked at, and a blob of the writer's own counts as put. Nothing is ever
 * written twice that way.
 *
 * @param isOwn whether bytes are the writer's: by an id or a content that no other writer has
 * @throws what the store throws; UNKNOWN_OUTCOME only if the key is as it was before, or can't be looked at
 */
export async function putAndLook(
  store: BlobStore,
  key: string,
  bytes: Uint8Array,
  when: PutCondition,
  isOwn: (bytes: Uint8Array) => boolean,
): Promise<PutResult> {
  try {
    const { etag } = await store.put(key, bytes, when);
    return { own: true, bytes, etag };
  } catch (error) {
    const unknown = isUnknownOutcome(error);
    if (!unknown && !isConflict(error)) throw error;
    const found = await store.get(key).catch((failure: unknown) => {
      // The failure to look may be retryable; the put is not, as long as nobody knows what became of it.
      throw unknown ? error : failure;
    });
    if (found && isOwn(found.bytes)) return { own: true, bytes: found.bytes, etag: found.etag };
    const before = 'ifMatch' in when ? when.ifMatch : undefined;
    if (unknown && found?.etag === before) throw error;
    return { own: false, found };
  }
}

/** Whether a put may or may not have been kept, whichever installed copy of core the store comes from. */
export function isUnknownOutcome(error: unknown): boolean {
  return isFraudOpsError(error) && error.code === 'UNKNOWN_OUTCOME';
}
