import { type BlobStore, StoreError, layeredStore, memoryStore, seededRandom, sha256Hex } from '@fraudops/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectGarbage } from './garbage-collection.js';
import { COLLECTION_KEY, replaceCollection, readCollection } from './garbage-record.js';
import { exportModelBytes } from './model-archive.js';
import { importModel } from './model-import.js';
import { modelRegistry } from './model-registry.js';
import { dyingStore, flipBit, keysOf, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';
import { verifyStore } from './verify-store.js';

const file = (text: string) => ({ path: `${text}.txt`, bytes: new TextEncoder().encode(text.repeat(20)) });

async function filledStore(): Promise<BlobStore> {
  const store = memoryStore();
  const registry = modelRegistry(store);
  for (const text of ['a', 'b', 'c']) await registry.register('fraud', { files: [file(text), file('shared')] });
  await registry.promote('fraud', 2, { stage: 'Production', by: 'ana', why: 'test' });
  await registry.register('other', { files: [file('a')] });
  const run = await tracker(store).startRun({ experiment: 'fraud', params: { trees: 100 } });
  await run.logMetrics({ averagePrecision: 0.5 });
  await run.logMetrics({ averagePrecision: 0.6 }, { step: 1 });
  await run.logArtifact('run.txt', file('run').bytes);
  await run.finish();
  await store.put(`blobs/${sha256Hex('x').slice(0, 2)}/${sha256Hex('x')}`, new TextEncoder().encode('x'));
  await replaceCollection(store, await readCollection(store), { id: 'c', collection: 1, open: false, condemned: [] });
  return store;
}

describe('verifyStore', () => {
  let store: BlobStore;
  let keys: string[];
  beforeAll(async () => {
    store = await filledStore();
    const sizes = await Promise.all(
      (await keysOf(store)).map(async (key) => [key, (await store.get(key))!.bytes.length] as const),
    );
    keys = sizes.flatMap(([key, sizeBytes]) => (sizeBytes > 0 ? [key] : []));
  });

  it('finds a whole store whole', async () => {
    const report = await verifyStore(store);
    expect(report).toMatchObject({ ok: true, problems: [], importing: [], runCount: 1, contentCount: 6 });
    expect(report.models.map(({ model, versionCount }) => [model, versionCount])).toEqual([
      ['fraud', 3],
      ['other', 1],
    ]);
    expect((await verifyStore(memoryStore())).ok).toBe(true);
  });

  it('finds and names every flipped bit, in whichever object', { timeout: 60_000 }, async () => {
    const random = seededRandom('flips');
    for (let round = 0; round < 500; round++) {
      const key = keys[round % keys.length]!;
      const before = (await store.get(key))!.bytes;
      await flipBit(store, key, random.integer(before.length * 8));
      const { ok, problems } = await verifyStore(store);
      expect(ok, key).toBe(false);
      expect(problems.map((problem) => problem.key)).toContain(key);
      await store.put(key, before);
    }
    expect((await verifyStore(store)).ok).toBe(true);
  });

  it('finds and names what is missing', async () => {
    const unseen: string[] = [];
    for (const key of keys) {
      const before = (await store.get(key))!.bytes;
      await store.delete(key);
      const { problems } = await verifyStore(store);
      const owner = key.startsWith('run-metrics/') ? keys.find((each) => each.startsWith('runs/')) : key;
      if (problems.every((problem) => problem.key !== owner)) unseen.push(key);
      await store.put(key, before);
    }
    // Nothing else tells that these were there: a record, the end of a log, and a content that nothing needs.
    const ends = ['models/fraud/log/00000004.json', 'models/other/log/00000001.json', COLLECTION_KEY];
    const records = keys.filter((key) => /^(runs|experiments)\//.test(key) || key.endsWith(sha256Hex('x')));
    expect(unseen.toSorted()).toEqual([...ends, ...records].toSorted());
  });

  it('names what the store itself knows to be damaged, and a file saved again replaces it', async () => {
    const damaged = new Set<string>();
    const checking = watchedStore(store, {
      before: (call, key) => {
        if (call === 'get' && damaged.has(key)) throw new StoreError('CORRUPT', `${key}: for a test`);
        if (call === 'put') damaged.delete(key);
      },
    });
    for (const key of keys) {
      damaged.add(key);
      expect((await verifyStore(checking)).problems.map((problem) => problem.key)).toContain(key);
      damaged.clear();
    }
    const shared = keys.find((key) => key.endsWith(sha256Hex(file('shared').bytes)))!;
    damaged.add(shared);
    await expect(modelRegistry(checking).load('fraud', 1)).rejects.toMatchObject({ code: 'CORRUPT_ARTIFACT' });
    await modelRegistry(checking).register('fraud', { files: [file('shared')] });
    expect((await modelRegistry(checking).load('fraud', 1)).size).toBe(2);
  });

  it('tells imports that did not end, and reads the durable layer', async () => {
    const archive = await exportModelBytes(store, 'fraud');
    const durable = memoryStore();
    await expect(importModel(dyingStore(durable, 7), archive)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await verifyStore(durable)).toMatchObject({ ok: true, importing: ['fraud'], models: [] });
    await importModel(durable, archive);
    const layered = layeredStore(memoryStore(), durable);
    await modelRegistry(layered).load('fraud', 1);
    const [key] = await keysOf(durable, 'blobs/');
    await flipBit(durable, key!, 3);
    expect((await verifyStore(layered)).problems.map((problem) => problem.key)).toContain(key);
    await collectGarbage(layered, { dryRun: true });
  });
});
