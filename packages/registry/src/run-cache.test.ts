import { memoryStore } from '@fraudops/core';
import { expect, it } from 'vitest';
import { CACHE_LIMITS, RunCache } from './run-cache.js';
import { RunListing } from './run-listing.js';
import { putRecord, recordOf } from './run-records.fixture.js';
import { keysOf } from './store-places.fixture.js';

it('splits a shard that has grown too large, and writes only the shards again that changed', async () => {
  const store = memoryStore();
  const count = CACHE_LIMITS.shardRuns + 10;
  const idOf = (i: number) => `r${String(i).padStart(6, '0')}`;
  for (let i = 0; i < count; i++) await putRecord(store, recordOf({ id: idOf(i) }));
  const listing = new RunListing(store);
  const cache = new RunCache(store, true);
  const ids = async () => (await cache.rowsOf('fraud', await listing.inOrder('fraud'))).map(({ table, row }) => table.idOf(row));
  const expected = Array.from({ length: count }, (_, i) => idOf(i));
  expect(await ids()).toEqual(expected);
  const shards = await keysOf(store, 'run-index/');
  expect(shards).toEqual(['run-index/fraud/0', `run-index/fraud/${idOf(6670)}`, `run-index/fraud/${idOf(13340)}`]);
  const etags = async () => Promise.all(shards.map(async (key) => (await store.get(key))!.etag));
  const before = await etags();
  for (let i = 7_000; i < 7_201; i++) await putRecord(store, recordOf({ id: idOf(i), name: 'changed' }));
  expect(await ids()).toEqual(expected);
  const after = await etags();
  expect(after.map((etag, i) => etag === before[i])).toEqual([true, false, true]);
}, 60_000);
