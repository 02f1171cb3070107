/** Garbage for tests of its collection, and the machine's time, by which stores and writers tell how old it is; the tests move it. */
import { type BlobStore, sha256Hex } from '@fraudops/core';
import { afterEach, beforeEach, vi } from 'vitest';

export const HOUR_MS = 3_600_000;

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const keyOf = (text: string) => `blobs/${sha256Hex(text).slice(0, 2)}/${sha256Hex(text)}`;

/** Holds the machine's time still in each test of the file, until {@link pass} moves it. */
export function holdTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export function pass(hours: number): void {
  vi.setSystemTime(Date.now() + hours * HOUR_MS);
}

export async function putGarbage(store: BlobStore, ...texts: string[]): Promise<void> {
  for (const text of texts) await store.put(keyOf(text), bytesOf(text));
}
