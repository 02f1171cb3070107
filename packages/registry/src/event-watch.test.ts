import { type BlobStore, memoryStore } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import type { WatchFailure, WatchOptions } from './event-watch.js';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import type { RegistryEvent } from './registry-event.js';
import { flipBit, jitteryStore, storeError, storePlaces, watchedStore } from './store-places.fixture.js';

const files = [{ path: 'a', bytes: Uint8Array.of(1) }];

/** The sequence numbers of the next events, until there are so many. */
async function take(registry: ModelRegistry, count: number, options: WatchOptions = {}): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of registry.watch('fraud', { pollMs: 10, ...options })) {
    seqs.push(seq);
    if (seqs.length === count) break;
  }
  return seqs;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe.each(storePlaces)('watch on %s', (_name, makePlace) => {
  it('gives each event once and in order, while many write', async () => {
    const place = await makePlace();
    const writers = Array.from({ length: 4 }, (_, i) => modelRegistry(jitteryStore(place.open(), i)));
    const watchers = [0, 0].map(() => take(modelRegistry(place.open()), 60, { since: 0 }));
    await Promise.all(
      writers.map(async (writer) => {
        for (let i = 0; i < 15; i++) await writer.register('fraud', { files });
      }),
    );
    for (const watcher of watchers) expect(await watcher).toEqual(upTo(60));
    expect(await take(modelRegistry(place.open()), 53, { since: 7 })).toEqual(upTo(60).slice(7));
    await place.dispose();
  });
});

describe('watch', () => {
  const registered = async (count: number, store: BlobStore = memoryStore()) => {
    for (let i = 0; i < count; i++) await modelRegistry(store).register('fraud', { files });
    return store;
  };

  it('begins with what comes next unless it is told where', async () => {
    const store = await registered(3);
    const registry = modelRegistry(store);
    const next = take(registry, 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await registry.describe('fraud', { tags: { a: 'x' }, by: 'ana' });
    expect(await next).toEqual([4]);
    await expect(take(registry, 1, { since: 5 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { model: 'fraud', seq: 5 },
    });
  });

  it('costs one request a poll when nothing is new', async () => {
    const requests: string[] = [];
    const store = watchedStore(await registered(2), { before: (call, key) => requests.push(`${call} ${key}`) });
    const end = new AbortController();
    const watching = (async () => {
      for await (const _ of modelRegistry(store).watch('fraud', { since: 2, pollMs: 10, signal: end.signal }))
        throw new Error('news');
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    end.abort();
    await watching;
    expect(requests.shift(), 'where it begins').toBe('get models/fraud/log/00000002.json');
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.length).toBeLessThan(13);
    expect(new Set(requests)).toEqual(new Set(['get models/fraud/log/00000003.json']));
  });

  it('reads a long log in batches, and goes on where that ends', async () => {
    const memory = await registered(300);
    const requests: string[] = [];
    const store: BlobStore = {
      ...watchedStore(memory, { before: (call) => requests.push(call) }),
      getMany: async (keys) => {
        requests.push('getMany');
        return Promise.all(keys.map((key) => memory.get(key)));
      },
    };
    expect(await take(modelRegistry(store), 300, { since: 0 })).toEqual(upTo(300));
    expect(requests.filter((call) => call === 'get').length, '16 events, and whether the model is being imported').toBe(17);
    expect(requests.filter((call) => call === 'getMany').length).toBe(2);
  });

  it('tells when the store is away, waits longer each time, and misses nothing', async () => {
    const memory = await registered(2);
    let away = false;
    const store = watchedStore(memory, {
      before: (call, key) => {
        if (away && call === 'get') throw storeError('UNAVAILABLE', key);
      },
    });
    const failures: WatchFailure[] = [];
    const seen: RegistryEvent[] = [];
    for await (const event of modelRegistry(store).watch('fraud', { since: 1, pollMs: 10, onError })) {
      seen.push(event);
      if (event.seq === 2) away = true;
      if (event.seq === 5) break;
    }
    function onError(failure: WatchFailure): void {
      failures.push(failure);
      if (failures.length === 3) void registered(3, memory).then(() => (away = false));
    }
    expect(seen.map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
    expect(failures.length).toBeGreaterThanOrEqual(3);
    for (const [i, { error, failures: count, retryMs }] of failures.entries()) {
      expect([(error as { code: string }).code, count]).toEqual(['UNAVAILABLE', i + 1]);
      expect(retryMs / (10 * 2 ** (i + 1))).toBeCloseTo(1, 0);
    }
  });

  it('throws what goes wrong when nobody is told, and damage in any case', async () => {
    const memory = await registered(3);
    const away = watchedStore(memory, {
      before: (_call, key) => {
        throw storeError('UNAVAILABLE', key);
      },
    });
    await expect(take(modelRegistry(away), 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await flipBit(memory, 'models/fraud/log/00000003.json', 900);
    const told: unknown[] = [];
    const watching = take(modelRegistry(memory), 2, { since: 1, onError: (failure) => told.push(failure) });
    await expect(watching).rejects.toMatchObject({ code: 'CORRUPT_LOG', details: { seq: 3 } });
    expect(told).toEqual([]);
  });

  it('finds an event that does not follow the one it gave before', async () => {
    const memory = await registered(2);
    const other = await registered(3);
    const seqs: number[] = [];
    const watching = (async () => {
      for await (const { seq } of modelRegistry(memory).watch('fraud', { since: 1, pollMs: 10 })) {
        seqs.push(seq);
        await memory.put('models/fraud/log/00000003.json', (await other.get('models/fraud/log/00000003.json'))!.bytes);
      }
    })();
    await expect(watching).rejects.toMatchObject({ code: 'CORRUPT_LOG' });
    expect(seqs).toEqual([2]);
  });

  it('ends when its signal says so, also in the midst of events', async () => {
    const store = await registered(3);
    const seqs: number[] = [];
    const end = new AbortController();
    for await (const { seq } of modelRegistry(store).watch('fraud', { since: 0, signal: end.signal })) {
      seqs.push(seq);
      if (seq === 2) end.abort();
    }
    expect(seqs).toEqual([1, 2]);
    expect(await take(modelRegistry(store), 1, { since: 0, signal: end.signal })).toEqual([]);
    const begun = Date.now();
    const waiting = take(modelRegistry(store), 1, { since: 3, pollMs: 60_000, signal: AbortSignal.timeout(30) });
    expect(await waiting).toEqual([]);
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  it.each([
    ['list', {}],
    ['get', { since: 0 }],
    ['get', { since: 2 }],
  ] as const)('ends at once while a %s hangs, by its reader and by its signal', async (hanging, options) => {
    const memory = await registered(3);
    const late: (() => void)[] = [];
    const store = watchedStore(memory, {
      before: (call, key) => {
        if (call !== hanging) return undefined;
        return new Promise<void>((_, reject) => late.push(() => reject(storeError('UNAVAILABLE', key))));
      },
    });
    const failures: WatchFailure[] = [];
    const onError = (failure: WatchFailure) => failures.push(failure);
    const events = modelRegistry(store).watch('fraud', { ...options, onError });
    const iterator = events[Symbol.asyncIterator]();
    const pending = iterator.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await iterator.return!()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await take(modelRegistry(store), 1, { ...options, onError, signal: AbortSignal.timeout(20) })).toEqual([]);
    expect(late.length).toBeGreaterThan(0);
    for (const answer of late) answer();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(failures, 'nobody is told what comes too late').toEqual([]);
  });

  it('refuses bad options at the call', () => {
    const registry = modelRegistry(memoryStore());
    for (const options of [
      null,
      { pollMs: 5 },
      { pollMs: Infinity },
      { since: -1 },
      { since: 1.5 },
      { signal: {} },
      { onError: 'log' },
    ]) {
      expect(() => registry.watch('fraud', options as never), JSON.stringify(options)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(INVALID_ARGUMENT|LIMIT_EXCEEDED)$/) }),
      );
    }
    expect(() => registry.watch('../fraud')).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
  });
});
