/** States that hold a count, which the suites of {@link EntityStateStore} let writers increase against one another. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFraudOpsError, isRetryable } from '@fraudops/core';
import type { EntityStateChange, EntityStateStore, StoredEntityState } from './entity-state-store.js';

const HOUR_MS = 3_600_000;
/** So many conflicts or failures of one increase in a row are no bad luck. */
const MOST_ATTEMPTS = 10_000;

const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A change with a new version that stays for an hour, unless `parts` says otherwise. */
export function changeOf(key: string, content: Uint8Array | string, parts: Partial<EntityStateChange> = {}): EntityStateChange {
  const bytes = typeof content === 'string' ? bytesOf(content) : content;
  return { key, bytes, ifVersion: undefined, version: randomUUID(), expiresAfterMs: HOUR_MS, ...parts };
}

/** The counts of keys; 0 where there is no state. */
export async function countsOf(store: EntityStateStore, keys: readonly string[]): Promise<number[]> {
  return (await store.getMany(keys)).map(countOf);
}

/**
 * Adds one to the counts of all keys at once, by the rule for writers: read, write on condition; when the outcome is unknown, give the
 * same changes again until there is an answer; when nothing was written, read again. Returns how often the outcome was unknown.
 */
export async function addOne(store: EntityStateStore, keys: readonly string[]): Promise<number> {
  let unknownOutcomes = 0;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const states = await unlessUnavailable(store.getMany(keys));
    if (states === undefined) continue;
    const changes = keys.map((key, i) => changeOf(key, String(countOf(states[i]) + 1), { ifVersion: states[i]?.version }));
    for (; attempt < MOST_ATTEMPTS; attempt++) {
      const answer = await unlessUnavailable(unlessUnknown(store.putMany(changes)));
      if (answer === true) return unknownOutcomes;
      if (answer !== UNKNOWN) break;
      unknownOutcomes++;
    }
  }
  return assert.fail(`${keys.join(', ')} could not be increased in ${MOST_ATTEMPTS} attempts`);
}

const UNKNOWN = 'unknown outcome';

async function unlessUnknown(put: Promise<boolean>): Promise<boolean | typeof UNKNOWN> {
  try {
    return await put;
  } catch (error) {
    if (isFraudOpsError(error) && error.code === 'UNKNOWN_OUTCOME') return UNKNOWN;
    throw error;
  }
}

async function unlessUnavailable<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRetryable(error)) return undefined;
    throw error;
  }
}

const countOf = (state: StoredEntityState | undefined) => (state ? Number(textOf(state.bytes)) : 0);
