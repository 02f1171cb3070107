/** Stores for tests: the ones that core has, and wrappers that watch them, slow them down, or break them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type BlobInfo,
  type BlobStore,
  StoreError,
  type StoreErrorCode,
  fileStore,
  memoryStore,
  seededRandom,
} from '@fraudops/core';

/** An empty place; each `open` sees what the others wrote, as several processes would. */
export interface StorePlace {
  open(): BlobStore;
  dispose(): Promise<void>;
}

/** How to make a new place, by the name of the store. */
export const storePlaces: readonly (readonly [name: string, make: () => Promise<StorePlace>])[] = [
  ['memoryStore', memoryPlace],
  ['fileStore', filePlace],
];

async function memoryPlace(): Promise<StorePlace> {
  const store = memoryStore();
  return { open: () => store, dispose: async () => {} };
}

async function filePlace(): Promise<StorePlace> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-registry-'));
  return { open: () => fileStore(folder), dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Calls `before` and `after` around each call; what they throw, the call throws. */
export function watchedStore(
  store: BlobStore,
  watch: { before?: (call: string, key: string) => unknown; after?: (call: string, key: string) => unknown },
): BlobStore {
  const around = async <Result>(call: string, key: string, work: () => Promise<Result>): Promise<Result> => {
    await watch.before?.(call, key);
    const result = await work();
    await watch.after?.(call, key);
    return result;
  };
  const { changesSince } = store;
  return {
    ...(changesSince && {
      changesSince: (prefix, mark) => around('changesSince', prefix, () => changesSince.call(store, prefix, mark)),
    }),
    get: (key) => around('get', key, () => store.get(key)),
    put: (key, bytes, when) => around('put', key, () => store.put(key, bytes, when)),
    delete: (key, when) => around('delete', key, () => store.delete(key, when)),
    async *list(prefix, from) {
      await watch.before?.('list', prefix);
      yield* store.list(prefix, from);
    },
  };
}

/**
 * Tells what changed since a mark, by a diary of all calls: for each key the state it is in now. Tells more than was asked for, as stores
 * may, and nothing more of what was before `forget`.
 */
export function tellingStore(store: BlobStore): BlobStore & { forget(): void } {
  const diary: string[] = [];
  let forgotten = 0;
  const noted = async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    diary.push(key);
    const result = await work();
    diary.push(key);
    return result;
  };
  return {
    get: (key) => store.get(key),
    put: (key, bytes, when) => noted(key, () => store.put(key, bytes, when)),
    delete: (key, when) => noted(key, () => store.delete(key, when)),
    list: (prefix, from) => store.list(prefix, from),
    forget: () => {
      forgotten = diary.length;
    },
    changesSince: async (prefix, mark) => {
      const next = String(diary.length);
      if (mark === undefined || Number(mark) < forgotten) return { mark: next, changes: undefined };
      const keys = new Set(diary.slice(Math.max(0, Number(mark) - 3)).filter((key) => key.startsWith(prefix)));
      const put: BlobInfo[] = [];
      for await (const info of store.list(prefix)) if (keys.delete(info.key)) put.push(info);
      return { mark: next, changes: { put: put.toReversed(), deleted: [...keys] } };
    },
  };
}

/** Lets calls of several users overlap: each waits a few turns, as seeded. */
export function jitteryStore(store: BlobStore, seed: number): BlobStore {
  const random = seededRandom(seed);
  const wait = async () => {
    for (let turns = random.integer(8); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  return watchedStore(store, { before: wait, after: wait });
}

/** Ends after some puts, as when its process is killed: that put and all calls behind it fail. */
export function dyingStore(store: BlobStore, putsLeft: number): BlobStore {
  let left = putsLeft;
  return watchedStore(store, {
    before: (call, key) => {
      if (call === 'put') left--;
      if (left < 0) throw storeError('UNAVAILABLE', key);
    },
  });
}

/** A store error as an adapter throws it. */
export function storeError(code: StoreErrorCode, key: string): StoreError {
  return new StoreError(code, `put ${key}: ${code} for a test`);
}

/** Changes one bit of a blob. */
export async function flipBit(store: BlobStore, key: string, bit: number): Promise<void> {
  const stored = await store.get(key);
  const bytes = Uint8Array.from(stored!.bytes);
  bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
  await store.put(key, bytes);
}

/** All keys of a store. */
export async function keysOf(store: BlobStore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
