import { describe, expect, it } from 'vitest';
import type { BlobStore, StoredBlob } from './blob-store.js';
import { StoreError } from './errors.js';
import { memoryStore } from './memory-store.js';
import { readBlobs } from './read-blobs.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const keys = Array.from({ length: 2_345 }, (_, i) => `k/${i}`);

async function filled(): Promise<BlobStore> {
  const store = memoryStore();
  for (const key of keys) await store.put(key, bytesOf(key));
  return store;
}

/** A store without `getMany`, and how many of its calls were under way at most. */
function oneByOne(store: BlobStore): { store: BlobStore; most: () => number } {
  let underWay = 0;
  let most = 0;
  const get = async (key: string): Promise<StoredBlob | undefined> => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return store.get(key);
  };
  const { put, list, delete: remove } = store;
  return { store: { get, put, list, delete: remove }, most: () => most };
}

async function namesRead(store: BlobStore, wanted: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of readBlobs(store, wanted)) {
    for (const { key, blob } of batch) names.push(`${key}=${blob ? new TextDecoder().decode(blob.bytes) : 'none'}`);
  }
  return names;
}

describe('readBlobs', () => {
  it('reads in the order of the keys, with getMany and without', async () => {
    const store = await filled();
    const wanted = ['none', ...keys, 'k/7'];
    const expected = ['none=none', ...keys.map((key) => `${key}=${key}`), 'k/7=k/7'];
    expect(await namesRead(store, wanted)).toEqual(expected);
    const single = oneByOne(store);
    expect(await namesRead(single.store, wanted)).toEqual(expected);
    expect(single.most()).toBeGreaterThan(8);
    // Two batches of 32 at once: the one that is awaited, and the one behind it.
    expect(single.most()).toBeLessThanOrEqual(64);
    expect(await namesRead(store, [])).toEqual([]);
  });

  it('asks for fewer at once when they are too large together', async () => {
    const store = await filled();
    const asked: number[] = [];
    const getMany = async (some: readonly string[]) => {
      asked.push(some.length);
      if (some.length > 300) throw new StoreError('TOO_LARGE', 'getMany: too large');
      return Promise.all(some.map((key) => store.get(key)));
    };
    expect(await namesRead(Object.assign(memoryStore(), { getMany }), keys.slice(0, 1000))).toHaveLength(1000);
    expect(asked.toSorted((a, b) => b - a)).toEqual([1000, 500, 500, 250, 250, 250, 250]);
  });

  it('fails as the store fails, and says nothing of what a caller no longer asks for', async () => {
    let calls = 0;
    const failure = new StoreError('UNAVAILABLE', 'getMany: away');
    const getMany = async (some: readonly string[]) => {
      if (calls++ > 0) throw failure;
      return some.map(() => undefined);
    };
    const store = Object.assign(memoryStore(), { getMany });
    for await (const batch of readBlobs(store, keys)) {
      expect(batch).toHaveLength(1000);
      break;
    }
    await expect(namesRead(store, keys)).rejects.toBe(failure);
  });
});
