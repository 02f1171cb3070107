import { type BlobInfo, type BlobStore, memoryStore } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeptListing } from './kept-listing.js';
import { storeError, tellingStore, watchedStore } from './store-places.fixture.js';

const BYTES = Uint8Array.of(1);
const kept = (store: BlobStore, most = 100) =>
  new KeptListing(store, 'k/', (info) => (info.key.endsWith('x') ? undefined : info), most);

async function listed(store: BlobStore): Promise<BlobInfo[]> {
  const infos: BlobInfo[] = [];
  for await (const info of store.list('k/')) if (!info.key.endsWith('x')) infos.push(info);
  return infos;
}

describe('KeptListing', () => {
  it('is what a fresh listing is, whatever is put, deleted, not told or failing in between', async () => {
    const step = fc.tuple(
      fc.constantFrom('put', 'put', 'delete', 'ask', 'ask twice', 'fail', 'forget'),
      fc.constantFrom('k/1', 'k/2', 'k/3', 'k/4', 'k/5x', 'l/1'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, tells) => {
        const memory = memoryStore();
        const telling = tellingStore(memory);
        let isFailing = false;
        const store = watchedStore(tells ? telling : memory, {
          before: async (call, key) => {
            await new Promise(setImmediate);
            if (isFailing && (call === 'list' || call === 'changesSince')) throw storeError('UNAVAILABLE', key);
          },
        });
        const listing = kept(store);
        for (const [what, key] of [...steps, ['ask', ''] as const]) {
          if (what === 'put') await store.put(key, BYTES);
          if (what === 'delete') await store.delete(key);
          if (what === 'forget') telling.forget();
          if (what === 'ask') expect(await listing.items()).toEqual(await listed(memory));
          if (what === 'fail') {
            isFailing = true;
            await expect(listing.items()).rejects.toThrow('UNAVAILABLE');
            isFailing = false;
          }
          if (what === 'ask twice') {
            const first = listing.items();
            await store.put(`${key}z`, BYTES);
            const second = await listing.items();
            expect(second).toEqual(await listed(memory));
            await first;
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('lists once, and is the same array as long as nothing changed', async () => {
    const calls: string[] = [];
    const store = watchedStore(tellingStore(memoryStore()), { before: (call) => calls.push(call) });
    await store.put('k/2', BYTES);
    const listing = kept(store);
    const first = await listing.items();
    await store.put('k/3x', BYTES);
    expect(await listing.items()).toBe(first);
    await store.put('k/1', BYTES);
    expect((await listing.items()).map(({ key }) => key)).toEqual(['k/1', 'k/2']);
    expect(calls.filter((call) => call === 'list')).toHaveLength(1);
    const silent = kept(memoryStore());
    expect(await silent.items()).toBe(await silent.items());
  });

  it('keeps no more than its bound, and then lists each time', async () => {
    const calls: string[] = [];
    const store = watchedStore(tellingStore(memoryStore()), { before: (call) => calls.push(call) });
    for (let i = 0; i < 5; i++) await store.put(`k/${i}`, BYTES);
    const listing = kept(store, 3);
    for (let i = 0; i < 2; i++) expect((await listing.items()).map(({ key }) => key)).toEqual(['k/0', 'k/1', 'k/2', 'k/3']);
    expect(calls.filter((call) => call === 'list')).toHaveLength(2);
    for (let i = 0; i < 2; i++) await store.delete(`k/${i}`);
    expect((await listing.items()).map(({ key }) => key)).toEqual(['k/2', 'k/3', 'k/4']);
    for (let i = 0; i < 2; i++) await store.put(`k/${i}`, BYTES);
    expect(await listing.items()).toHaveLength(5);
    expect(await listing.items()).toHaveLength(4);
  });
});
