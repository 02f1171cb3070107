import { memoryStore } from '@fraudops/core';
import { expect, it } from 'vitest';
import { LISTING_LIMITS, RunListing } from './run-listing.js';
import { putRecord, recordOf } from './run-records.fixture.js';
import { tellingStore, watchedStore } from './store-places.fixture.js';

async function filledPlace() {
  const lists: string[] = [];
  const store = watchedStore(tellingStore(memoryStore()), { before: (call, key) => call === 'list' && lists.push(key) });
  for (const experiment of ['a', 'b', 'c']) {
    for (let i = 0; i < 3; i++) await putRecord(store, recordOf({ id: `${experiment}${i}`, experiment }));
  }
  return { store, lists };
}

it('keeps the listings that were used last, as many as its bounds allow', async () => {
  for (const limits of [
    { ...LISTING_LIMITS, keptRecords: 6 },
    { ...LISTING_LIMITS, keptListings: 2 },
  ]) {
    const { store, lists } = await filledPlace();
    const listing = new RunListing(store, limits);
    const idsOf = async (name: string) => (await listing.list([name], 100)).get(name)?.map(({ id }) => id);
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await idsOf(name)).toEqual([`${name}0`, `${name}1`, `${name}2`]);
    expect(lists).toEqual(['runs/a/', 'runs/b/', 'runs/c/', 'runs/b/']);
  }
});

it('gives the same records of an experiment as long as they are the same, also when those of another change', async () => {
  const { store } = await filledPlace();
  const listing = new RunListing(store);
  const before = await listing.list(undefined, 100);
  await putRecord(store, recordOf({ id: 'b1', experiment: 'b' }));
  await putRecord(store, recordOf({ id: 'b', experiment: 'b' }));
  const after = await listing.list(undefined, 100);
  expect([after.get('a') === before.get('a'), after.get('b') === before.get('b')]).toEqual([true, false]);
  expect(after.get('b')!.map(({ id }) => id)).toEqual(['b', 'b0', 'b1', 'b2']);
  expect((await listing.list(['none'], 100)).size).toBe(0);
});
