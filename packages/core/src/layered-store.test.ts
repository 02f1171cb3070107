import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from './blob-store.js';
import { sha256Hex } from './canonical-json.js';
import { manualClock } from './clock.js';
import { StoreError } from './errors.js';
import { fileStore } from './file-store.js';
import { type LayeredStoreOptions, type StaleReading, durableLayer, layeredStore } from './layered-store.js';
import { memoryStore } from './memory-store.js';
import { seededRandom } from './random.js';
import { blobStoreContract } from './testing.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const blobKeyOf = (bytes: Uint8Array) => `blobs/${sha256Hex(bytes).slice(0, 2)}/${sha256Hex(bytes)}`;

blobStoreContract('layeredStore of memory before memory', { describe, it }, async () => {
  const [fast, durable] = [memoryStore(), memoryStore()];
  return { open: () => layeredStore(fast, durable), dispose: async () => {} };
});

blobStoreContract('layeredStore of a folder before memory', { describe, it }, async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'fraudops-layered-'));
  const durable = takingTime(memoryStore());
  return { open: () => layeredStore(fileStore(directory), durable), dispose: () => rm(directory, { recursive: true }) };
});

/** A store that lets others act before it answers, as one behind a network does; one in memory would keep a reader's loop from ever waiting. */
function takingTime(store: BlobStore): BlobStore {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    get: async (key) => (await turn(), store.get(key)),
    put: async (key, bytes, when) => (await turn(), store.put(key, bytes, when)),
    delete: async (key, when) => (await turn(), store.delete(key, when)),
    list: (prefix, from) => store.list(prefix, from),
  };
}

blobStoreContract('layeredStore whose fast store fails', { describe, it }, async () => {
  const [fast, durable] = [failing(memoryStore()), memoryStore()];
  fast.failWith = 'IO';
  return { open: () => layeredStore(fast.store, durable), dispose: async () => {} };
});

/** A store that counts calls, and fails them when told to. */
function failing(inner: BlobStore) {
  const state = {
    store: inner,
    calls: [] as string[],
    failWith: undefined as 'UNAVAILABLE' | 'IO' | 'UNKNOWN_OUTCOME' | undefined,
  };
  const check = (call: string, key: string) => {
    state.calls.push(`${call} ${key}`);
    if (state.failWith) throw new StoreError(state.failWith, `${call} ${key}: for a test`);
  };
  state.store = {
    get: async (key) => (check('get', key), inner.get(key)),
    put: async (key, bytes, when) => (check('put', key), inner.put(key, bytes, when)),
    delete: async (key, when) => (check('delete', key), inner.delete(key, when)),
    async *list(prefix, from) {
      check('list', prefix);
      yield* inner.list(prefix, from);
    },
  };
  return state;
}

function setUp(options: LayeredStoreOptions = {}) {
  const fast = memoryStore();
  const durable = failing(memoryStore());
  const stale: StaleReading[] = [];
  const open = () => layeredStore(fast, durable.store, { onStale: (reading) => stale.push(reading), ...options });
  return { fast, durable, stale, open };
}

async function keysOf(store: BlobStore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

describe('layeredStore while the durable store answers', () => {
  it('asks it once for content under its hash, also for later handles', async () => {
    const { durable, open } = setUp();
    const bytes = bytesOf('weights');
    await durable.store.put(blobKeyOf(bytes), bytes);
    const { etag } = (await durable.store.get(blobKeyOf(bytes)))!;
    durable.calls.length = 0;
    for (let i = 0; i < 3; i++) expect(await open().get(blobKeyOf(bytes))).toMatchObject({ bytes, etag });
    expect(durable.calls).toEqual([`get ${blobKeyOf(bytes)}`]);
  });

  it('asks it each time for what may change, and tells its word', async () => {
    const { durable, stale, open } = setUp();
    const store = open();
    await store.put('head', bytesOf('1'));
    await durable.store.put('head', bytesOf('2'));
    expect(textOf((await store.get('head'))?.bytes)).toBe('2');
    expect(stale).toEqual([]);
    expect(store.staleSinceMs).toBeUndefined();
  });

  it('writes an answer near by only when it is another one', async () => {
    const fast = failing(memoryStore());
    const durable = memoryStore();
    const store = layeredStore(fast.store, durable);
    await durable.put('head', bytesOf('1'));
    for (let i = 0; i < 5; i++) await store.get('head');
    for (let i = 0; i < 5; i++) await store.get('none');
    for (let i = 0; i < 5; i++) await keysOf(store);
    expect(fast.calls.filter((call) => call.startsWith('put answers/'))).toHaveLength(3);
  });

  it('drops a copy with any flipped bit, and reads again', async () => {
    const { fast, durable, open } = setUp();
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
    await open().put(blobKeyOf(bytes), bytes);
    const [fastKey] = await keysOf(fast, 'answers/get/');
    const { length } = (await fast.get(fastKey!))!.bytes;
    for (let bit = 0; bit < length * 8; bit += 3) {
      const copy = (await fast.get(fastKey!))!.bytes;
      copy[bit >> 3]! ^= 1 << (bit & 7);
      await fast.put(fastKey!, copy);
      durable.calls.length = 0;
      expect((await open().get(blobKeyOf(bytes)))!.bytes).toEqual(bytes);
      expect(durable.calls).toEqual([`get ${blobKeyOf(bytes)}`]);
    }
    for (const cut of [0, 10, 35, 40, length - 1]) {
      await fast.put(fastKey!, (await fast.get(fastKey!))!.bytes.subarray(0, cut));
      expect((await open().get(blobKeyOf(bytes)))!.bytes).toEqual(bytes);
    }
  });

  it('does not keep content whose durable copy has not its hash', async () => {
    const { durable, open } = setUp();
    const bytes = bytesOf('weights');
    await durable.store.put(blobKeyOf(bytes), bytesOf('damaged'));
    expect(textOf((await open().get(blobKeyOf(bytes)))?.bytes)).toBe('damaged');
    await durable.store.put(blobKeyOf(bytes), bytes);
    expect((await open().get(blobKeyOf(bytes)))?.bytes).toEqual(bytes);
  });

  it('looks at the durable copy after a put that found something there', async () => {
    const { durable, open } = setUp();
    const bytes = bytesOf('weights');
    const store = open();
    await store.put(blobKeyOf(bytes), bytes);
    await durable.store.put(blobKeyOf(bytes), bytesOf('damaged'));
    await expect(store.put(blobKeyOf(bytes), bytes, { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(textOf((await store.get(blobKeyOf(bytes)))?.bytes)).toBe('damaged');
  });

  it('reads many at once, those near by without asking', async () => {
    const durable = memoryStore();
    const asked: string[][] = [];
    const getMany = async (keys: readonly string[]) => {
      asked.push([...keys]);
      return Promise.all(keys.map((key) => durable.get(key)));
    };
    const store = layeredStore(memoryStore(), { ...bound(durable), getMany });
    const [a, b] = [bytesOf('a'), bytesOf('b')];
    for (const bytes of [a, b]) await durable.put(blobKeyOf(bytes), bytes);
    await store.get(blobKeyOf(a));
    const blobs = await store.getMany!([blobKeyOf(b), 'none', blobKeyOf(a)]);
    expect(blobs.map((blob) => textOf(blob?.bytes))).toEqual(['b', undefined, 'a']);
    expect(asked).toEqual([[blobKeyOf(b), 'none']]);
    expect(layeredStore(memoryStore(), bound(memoryStore())).getMany).toBeUndefined();
  });
});

function bound(store: BlobStore): BlobStore {
  return {
    get: (key) => store.get(key),
    put: (key, bytes, when) => store.put(key, bytes, when),
    delete: (key, when) => store.delete(key, when),
    list: (prefix, from) => store.list(prefix, from),
  };
}

describe('durableLayer', () => {
  it('is the store whose word counts', () => {
    const durable = memoryStore();
    expect(durableLayer(layeredStore(memoryStore(), layeredStore(memoryStore(), durable)))).toBe(durable);
    expect(durableLayer(durable)).toBe(durable);
  });
});

describe('layeredStore while the durable store is away', () => {
  it('answers as it was answered last, and says so', async () => {
    const clock = manualClock(1_000);
    const { durable, stale, open } = setUp({ clock });
    const store = open();
    await store.put('log/1', bytesOf('one'));
    expect(await store.get('log/2')).toBeUndefined();
    expect(await keysOf(store, 'log/')).toEqual(['log/1']);
    clock.set(5_000);
    durable.failWith = 'UNAVAILABLE';
    for (const handle of [store, open()]) {
      expect(textOf((await handle.get('log/1'))?.bytes)).toBe('one');
      expect(handle.staleSinceMs).toBe(5_000);
      expect(await handle.get('log/2')).toBeUndefined();
      expect(await keysOf(handle, 'log/')).toEqual(['log/1']);
    }
    expect(stale.map(({ call, key, answeredMs }) => [call, key, answeredMs]).slice(0, 3)).toEqual([
      ['get', 'log/1', 1_000],
      ['get', 'log/2', 1_000],
      ['list', 'log/', 1_000],
    ]);
    expect(stale[0]!.cause).toMatchObject({ code: 'UNAVAILABLE' });
    durable.failWith = undefined;
    await store.get('log/1');
    expect(store.staleSinceMs).toBeUndefined();
  });

  it('never guesses: questions that were not asked before fail', async () => {
    const { durable, open } = setUp();
    const store = open();
    await store.put('a/1', bytesOf('1'));
    durable.failWith = 'UNAVAILABLE';
    await expect(store.get('a/2')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(keysOf(store, 'a/')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('answers no list of which only a part was read', async () => {
    const { durable, open } = setUp();
    const store = open();
    for (const key of ['a/1', 'a/2', 'a/3']) await store.put(key, bytesOf(key));
    for await (const { key } of store.list('a/')) if (key === 'a/2') break;
    durable.failWith = 'UNAVAILABLE';
    await expect(keysOf(store, 'a/')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('fails puts and deletes, and other failures are not hidden', async () => {
    const { durable, stale, open } = setUp();
    const store = open();
    const { etag } = await store.put('a', bytesOf('1'));
    for (const code of ['UNAVAILABLE', 'UNKNOWN_OUTCOME', 'IO'] as const) {
      durable.failWith = code;
      await expect(store.put('a', bytesOf('2'), { ifMatch: etag })).rejects.toMatchObject({ code });
      await expect(store.delete('a')).rejects.toMatchObject({ code });
      if (code !== 'UNAVAILABLE') await expect(store.get('a')).rejects.toMatchObject({ code });
    }
    durable.failWith = undefined;
    expect(textOf((await store.get('a'))?.bytes)).toBe('1');
    expect(stale).toEqual([]);
  });
});

describe('layeredStore keeps its bound', () => {
  const sizeOf = async (store: BlobStore) => {
    let bytes = 0;
    for await (const { key, sizeBytes } of store.list('')) if (key !== 'uses.json') bytes += sizeBytes;
    return bytes;
  };

  it('by evicting what was not used for longest, also after a restart', async () => {
    const clock = manualClock(1_000_000);
    const fast = memoryStore({ clock });
    const durable = failing(memoryStore());
    const open = () => layeredStore(fast, durable.store, { clock, maxBytes: 20_000 });
    const blobs = Array.from({ length: 10 }, (_, i) => new Uint8Array(1_500).fill(i));
    const first = open();
    for (const bytes of blobs) {
      clock.advance(1_000);
      await first.put(blobKeyOf(bytes), bytes);
    }
    clock.advance(1_000);
    for (const i of [0, 2]) await first.get(blobKeyOf(blobs[i]!));
    await first.flush();
    const second = open();
    for (let i = 10; i < 14; i++) {
      clock.advance(1_000);
      const bytes = new Uint8Array(1_500).fill(i);
      await second.put(blobKeyOf(bytes), bytes);
    }
    durable.calls.length = 0;
    const asked = async (i: number) => {
      durable.calls.length = 0;
      await second.get(blobKeyOf(blobs[i]!));
      return durable.calls.length;
    };
    expect([await asked(0), await asked(2)]).toEqual([0, 0]);
    expect([await asked(1), await asked(3)]).toEqual([1, 1]);
    expect(await sizeOf(fast)).toBeLessThanOrEqual(20_000);
  });

  it('with several handles that fill one fast store, for a moment a twentieth beyond it each', async () => {
    const [fast, durable] = [memoryStore(), memoryStore()];
    const handles = Array.from({ length: 3 }, () => layeredStore(fast, durable, { maxBytes: 100_000, maxEntries: 60 }));
    const random = seededRandom(7);
    for (let step = 0; step < 300; step++) {
      const bytes = new Uint8Array(200 + random.integer(4_000)).fill(step % 251);
      await handles[step % 3]!.put(`step/${step}`, bytes);
      expect(await sizeOf(fast)).toBeLessThanOrEqual(115_000 + 3 * 4_500);
      expect((await keysOf(fast)).length).toBeLessThanOrEqual(60 * 1.15 + 4);
    }
    expect(textOf((await handles[0]!.get('step/0'))?.bytes)).toBe(textOf((await durable.get('step/0'))?.bytes));
  });

  it('answers after an eviction as before it', async () => {
    const durable = failing(memoryStore());
    const store = layeredStore(memoryStore(), durable.store, { maxBytes: 5_000 });
    await store.put('kept', bytesOf('kept'));
    for (let i = 0; i < 40; i++) await store.put(`other/${i}`, new Uint8Array(500));
    expect(textOf((await store.get('kept'))?.bytes)).toBe('kept');
    durable.failWith = 'UNAVAILABLE';
    expect(textOf((await store.get('kept'))?.bytes)).toBe('kept');
  });
});

it('layeredStore refuses an option that is misspelt', () =>
  expect(() => layeredStore(memoryStore(), memoryStore(), { maxbytes: 1 } as object)).toThrow(
    'layeredStore: options.maxbytes is not an option; did you mean maxBytes?',
  ));
