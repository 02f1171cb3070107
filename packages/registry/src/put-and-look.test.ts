import { type BlobStore, ConflictError, FraudOpsError, memoryStore } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { modelRegistry } from './model-registry.js';
import { putAndLook } from './put-and-look.js';
import { keysOf, storeError, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const unknownOutcome = (key: string) => new FraudOpsError('UNKNOWN_OUTCOME', `put ${key}: it may or may not have been kept`);
const isMine = (bytes: Uint8Array) => new TextDecoder().decode(bytes) === 'mine';
const putMine = (store: BlobStore) => putAndLook(store, 'k', bytesOf('mine'), { ifNoneMatch: '*' }, isMine);
const by = { by: 'ana', why: 'test' };

/** Fails every put: before it is kept, or after. */
function doubtful(store: BlobStore, when: 'before' | 'after', error: (key: string) => Error, only = ''): BlobStore {
  return watchedStore(store, {
    [when]: (call: string, key: string) => {
      if (call === 'put' && key.startsWith(only)) throw error(key);
    },
  });
}

describe('putAndLook', () => {
  it('counts a blob of its own as put, whatever the store answered', async () => {
    for (const error of [unknownOutcome, (key: string) => new ConflictError(key, 'nothing')]) {
      const memory = memoryStore();
      const put = await putMine(doubtful(memory, 'after', error));
      expect(put).toMatchObject({ own: true, etag: (await memory.get('k'))!.etag });
    }
  });

  it('tells when somebody else has the key', async () => {
    const memory = memoryStore();
    await memory.put('k', bytesOf('theirs'));
    for (const store of [memory, doubtful(memory, 'before', unknownOutcome)]) {
      expect(await putMine(store)).toMatchObject({ own: false, found: { bytes: bytesOf('theirs') } });
    }
  });

  it('throws UNKNOWN_OUTCOME when the key is as it was', async () => {
    const memory = memoryStore();
    const store = doubtful(memory, 'before', unknownOutcome);
    await expect(putMine(store)).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    const { etag } = await memory.put('k', bytesOf('before'));
    await expect(putAndLook(store, 'k', bytesOf('mine'), { ifMatch: etag }, isMine)).rejects.toMatchObject({
      code: 'UNKNOWN_OUTCOME',
    });
  });

  it('does not say that a put may be tried again when it could not look', async () => {
    const store = watchedStore(doubtful(memoryStore(), 'after', unknownOutcome), {
      before: (call, key) => {
        if (call === 'get') throw storeError('UNAVAILABLE', key);
      },
    });
    await expect(putMine(store)).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: false });
  });
});

describe('a store that does not know what became of a put', () => {
  it('makes no version twice', async () => {
    const memory = memoryStore();
    const registry = modelRegistry(doubtful(memory, 'after', unknownOutcome, 'models/'));
    for (const version of [1, 2]) {
      const files = [{ path: 'a', bytes: Uint8Array.of(version) }];
      expect((await registry.register('fraud', { files })).version).toBe(version);
      expect(await registry.promote('fraud', version, { stage: 'Production', ...by })).toMatchObject({ promoted: true });
    }
    expect(await modelRegistry(memory).verify('fraud')).toMatchObject({ ok: true, head: 4, versionCount: 2 });
  });

  it('goes on from what is stored when that is an earlier try of the same event', async () => {
    const memory = memoryStore();
    let now = 1_000;
    const tries: Uint8Array[] = [];
    const delayed: BlobStore = {
      ...watchedStore(memory, {}),
      put: async (key, bytes, when) => {
        if (!key.startsWith('models/')) return memory.put(key, bytes, when);
        tries.push(bytes);
        if (tries.length === 1) throw new ConflictError(key, 'nothing');
        // The first try arrives at last, just before the second one, which has a later time in it.
        if (tries.length === 2) await memory.put(key, tries[0]!);
        return memory.put(key, bytes, when);
      },
    };
    const registry = modelRegistry(delayed, { clock: { now: () => now++ } });
    await registry.register('fraud', { files: [{ path: 'a', bytes: bytesOf('a') }] });
    await registry.register('fraud', { files: [{ path: 'a', bytes: bytesOf('b') }] });
    expect(await modelRegistry(memory).verify('fraud')).toMatchObject({ ok: true, head: 2, versionCount: 2 });
    expect(tries.length).toBe(3);
  });

  it('writes files again, and logs no point twice', async () => {
    const memory = memoryStore();
    const doubted = new Set<string>();
    const store = watchedStore(memory, {
      after: (call, key) => {
        const inDoubt = key.startsWith('runs/') ? doubted.size > 0 : !key.startsWith('experiments/') && !doubted.has(key);
        if (call !== 'put' || !inDoubt) return;
        doubted.add(key);
        throw unknownOutcome(key);
      },
    });
    const run = await tracker(store).startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 1 });
    await run.logArtifact('a', bytesOf('a'));
    await run.logMetrics({ loss: 2 }, { step: 1 });
    await run.finish();
    const runs = tracker(memory);
    expect((await runs.metricHistory(run.id, 'loss')).map(({ value }) => value)).toEqual([1, 2]);
    expect(await runs.getRun(run.id)).toMatchObject({
      status: 'finished',
      metrics: { loss: { value: 2 } },
      artifacts: [{ path: 'a' }],
    });
    expect(await keysOf(memory, 'run-metrics/')).toHaveLength(2);
  });
});
