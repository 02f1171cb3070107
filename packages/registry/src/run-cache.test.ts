import { memoryStore } from '@fraudops/core';
import { expect, it } from 'vitest';
import { CACHE_LIMITS, RunCache } from './run-cache.js';
import { listRecords } from './run-listing.js';
import { putRecord, recordOf } from './run-records.fixture.js';
import { keysOf } from './store-places.fixture.js';

const idOf = (i: number) => `r${String(i).padStart(4, '0')}`;

function emptyPlace() {
  const store = memoryStore();
  const cache = new RunCache(store, true, { ...CACHE_LIMITS, shardRuns: 100, recordsAtOnce: 50 });
  return {
    store,
    put: async (from: number, to: number, name = 'x') => {
      for (let i = from; i < to; i++) await putRecord(store, recordOf({ id: idOf(i), name }));
    },
    names: async () => {
      const rows = await cache.rowsOf('fraud', await listRecords(store, 'fraud'));
      return rows.map(({ table, row }) => `${table.idOf(row)} ${table.record(row).name}`);
    },
    shards: async () => (await keysOf(store, 'run-index/')).map((key) => key.slice('run-index/fraud/'.length)),
  };
}

it('makes a shard of each stretch that was read at once, and writes only those again in which much changed', async () => {
  const { store, put, names, shards } = emptyPlace();
  await put(0, 130);
  const expected = Array.from({ length: 130 }, (_, i) => `${idOf(i)} x`);
  expect(await names()).toEqual(expected);
  expect(await shards()).toEqual(['0', idOf(50), idOf(100)]);
  const etags = async () => Promise.all((await keysOf(store, 'run-index/')).map(async (key) => (await store.get(key))!.etag));
  const before = await etags();
  await put(60, 81, 'changed');
  await put(5, 10, 'changed');
  expect(await names()).toEqual(
    expected.map((name, i) => ((i >= 60 && i < 81) || (i >= 5 && i < 10) ? `${idOf(i)} changed` : name)),
  );
  expect((await etags()).map((etag, i) => etag === before[i])).toEqual([true, false, true]);
});

it('splits a shard that has grown too large', async () => {
  const { put, names, shards } = emptyPlace();
  for (let count = 0; count < 189; count += 21) {
    await put(count, count + 21);
    expect(await names()).toHaveLength(count + 21);
  }
  expect(await shards()).toEqual(['0', idOf(35), idOf(70), idOf(109), idOf(149)]);
  expect(new Set(await names()).size).toBe(189);
});

it('lets another process be faster', async () => {
  const { store, put, names, shards } = emptyPlace();
  await put(0, 40);
  await names();
  await store.put('run-index/fraud/0', Uint8Array.of(1));
  await put(0, 30, 'changed');
  expect((await names())[0]).toBe('r0000 changed');
  expect((await store.get('run-index/fraud/0'))!.bytes).toEqual(Uint8Array.of(1));
  await put(0, 30, 'again');
  expect((await names())[0]).toBe('r0000 again');
  expect((await store.get('run-index/fraud/0'))!.bytes.length).toBeGreaterThan(1);
  expect(await shards()).toEqual(['0']);
});
