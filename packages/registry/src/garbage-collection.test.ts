import { type BlobStore, layeredStore, memoryStore, seededRandom, sha256Hex } from '@fraudops/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, bytesOf, holdTime, keyOf, pass, putGarbage } from './garbage.fixture.js';
import { collectGarbage } from './garbage-collection.js';
import { readCollection } from './garbage-record.js';
import { Interleaving, contentEtagStore } from './interleaving.fixture.js';
import { exportModelBytes } from './model-archive.js';
import { importModel } from './model-import.js';
import { modelRegistry } from './model-registry.js';
import { flipBit, keysOf, storeError, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const file = (text: string) => ({ path: `${text}.txt`, bytes: bytesOf(text) });
const by = { by: 'ana', why: 'test' };

holdTime();

describe('collectGarbage', () => {
  it('deletes what nothing refers to, once it is old', async () => {
    const store = memoryStore();
    await modelRegistry(store).register('fraud', { files: [file('a'), file('b')] });
    const run = await tracker(store).startRun({ experiment: 'fraud' });
    await run.logArtifact('c.txt', bytesOf('c'));
    await putGarbage(store, 'x', 'yy');
    expect(await collectGarbage(store)).toMatchObject({ blobCount: 5, neededCount: 3, youngCount: 2, deletedCount: 0 });
    pass(25);
    await putGarbage(store, 'young');
    const dry = await collectGarbage(store, { dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, deletedCount: 2, deletedBytes: 3, youngCount: 1 });
    expect(await keysOf(store, 'blobs/')).toHaveLength(6);
    expect(await collectGarbage(store)).toEqual({ ...dry, dryRun: false });
    expect(await keysOf(store, 'blobs/')).toEqual(['a', 'b', 'c', 'young'].map(keyOf).toSorted());
    expect(await readCollection(store)).toMatchObject({ collection: 1, open: false, condemned: [] });
    expect((await modelRegistry(store).load('fraud', 1)).size).toBe(2);
  });

  it('leaves keys below blobs/ alone that are no contents', async () => {
    const store = memoryStore();
    const foreign = ['blobs/readme', `blobs/00/${sha256Hex('x')}`, `${keyOf('x')}~abc`, `${keyOf('x')}/a`];
    for (const key of foreign) await store.put(key, bytesOf('x'));
    pass(25);
    await collectGarbage(store);
    expect(await keysOf(store, 'blobs/')).toEqual(foreign.toSorted());
  });

  it('keeps files of a deleted version for the grace period, then tells that it was deleted', async () => {
    const store = memoryStore();
    const registry = modelRegistry(store);
    await registry.register('fraud', { files: [file('a'), file('shared')] });
    await registry.register('fraud', { files: [file('b'), file('shared')] });
    pass(100);
    await registry.deleteVersion('fraud', 1, by);
    pass(23);
    expect((await collectGarbage(store)).deletedCount).toBe(0);
    pass(2);
    expect((await collectGarbage(store)).deletedCount).toBe(1);
    expect(await keysOf(store, 'blobs/')).toEqual(['b', 'shared'].map(keyOf).toSorted());
    await expect(registry.load('fraud', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await registry.load('fraud', 2)).size).toBe(2);
  });

  it('tells a loader whose version is deleted and collected under its hands that it was deleted', async () => {
    const store = memoryStore();
    const registry = modelRegistry(store);
    await registry.register('fraud', { files: [file('a')] });
    pass(48);
    const slow = watchedStore(store, {
      before: async (call, key) => {
        if (call !== 'get' || key !== keyOf('a')) return;
        await registry.deleteVersion('fraud', 1, by);
        pass(48);
        await collectGarbage(store);
      },
    });
    await expect(modelRegistry(slow).load('fraud', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('deletes metric batches of runs that are gone, once they are old', async () => {
    const store = memoryStore();
    for (const id of ['gone', 'gone', 'kept']) {
      const run = await tracker(store, { newId: () => `${id}-${Math.random()}` }).startRun({ experiment: 'fraud' });
      await run.logMetrics({ loss: 1 });
      await run.finish();
    }
    for (const key of await keysOf(store, 'runs/')) if (key.includes('gone')) await store.delete(key);
    expect((await collectGarbage(store)).metricBatchCount).toBe(0);
    pass(25);
    expect((await collectGarbage(store)).metricBatchCount).toBe(2);
    expect(await keysOf(store, 'run-metrics/')).toEqual([expect.stringContaining('kept')]);
  });

  it.each([
    ['a log is damaged', 'models/', 'CORRUPT_LOG'],
    ['a run is damaged', 'runs/', 'CORRUPT_RUN'],
  ])('deletes nothing when %s', async (_what, prefix, code) => {
    const store = memoryStore();
    await modelRegistry(store).register('fraud', { files: [file('a')] });
    await tracker(store).startRun({ experiment: 'fraud' });
    await putGarbage(store, 'x');
    pass(25);
    const [key] = await keysOf(store, prefix);
    await flipBit(store, key!, 300);
    await expect(collectGarbage(store)).rejects.toMatchObject({ code });
    expect(await keysOf(store, 'blobs/')).toHaveLength(2);
  });

  it('refuses a grace period that writers do not keep, and a second collection beside one', async () => {
    const store = memoryStore();
    for (const graceMs of [0, 6 * HOUR_MS - 1, Number.NaN, 1e300, '1' as never]) {
      await expect(collectGarbage(store, { graceMs })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(collectGarbage(store, { dryRun: 1 as never })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await putGarbage(store, 'x', 'y');
    pass(25);
    let second: unknown;
    const other = watchedStore(store, {
      before: async (call) => {
        if (call === 'delete') second ??= await collectGarbage(store).catch((error: unknown) => error);
      },
    });
    await collectGarbage(other);
    expect(second).toMatchObject({ code: 'CONTENTION', details: { collection: 1 } });
  });

  it('takes over after an hour from a collector that died, and never uses again what that may still delete', async () => {
    const store = memoryStore();
    await putGarbage(store, 'x', 'y');
    pass(25);
    // The deletes are on their way for long.
    let arrive = () => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const pausing = watchedStore(store, { before: (call) => (call === 'delete' ? late : undefined) });
    const paused = collectGarbage(pausing);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(collectGarbage(store)).rejects.toMatchObject({ code: 'CONTENTION' });
    const registry = modelRegistry(store);
    await registry.register('fraud', { files: [file('x')] });
    pass(2);
    await putGarbage(store, 'z');
    expect(await collectGarbage(store)).toMatchObject({ deletedCount: 1 });
    await registry.register('fraud', { files: [file('y')] });
    expect((await readCollection(store)).condemned).toMatchObject([{ collection: 1, keys: [keyOf('x'), keyOf('y')].toSorted() }]);
    arrive();
    await paused;
    expect((await registry.load('fraud', 1)).size).toBe(1);
    expect((await registry.load('fraud', 2)).size).toBe(1);
    expect(await keysOf(store, 'blobs/')).toEqual([`${keyOf('x')}~1`, `${keyOf('y')}~1`, keyOf('z')].toSorted());
    // The store did not say that it deleted y: it was gone, perhaps by an earlier try that may come again.
    expect((await readCollection(store)).condemned).toMatchObject([{ collection: 1, keys: [keyOf('y')] }]);
  });

  it('keeps condemned what a store did not answer for, for 30 days', async () => {
    const store = memoryStore();
    await putGarbage(store, 'x', 'y');
    pass(25);
    const failing = watchedStore(store, {
      before: (call, key) => {
        if (call === 'delete' && key === keyOf('x')) throw storeError('UNAVAILABLE', key);
      },
    });
    await expect(collectGarbage(failing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readCollection(store)).toMatchObject({ open: false, condemned: [{ keys: [keyOf('x')] }] });
    expect((await collectGarbage(store)).deletedCount).toBe(1);
    pass(31 * 24);
    await putGarbage(store, 'z');
    pass(25);
    await collectGarbage(store);
    expect((await readCollection(store)).condemned).toEqual([]);
  });

  it('refuses to name files that were saved too long ago', async () => {
    const store = memoryStore();
    let late = true;
    const slow = watchedStore(store, {
      before: (call, key) => {
        // Reading the log comes between saving the files and the event.
        if (call === 'get' && key.startsWith('models/') && late) pass(5);
      },
    });
    await expect(modelRegistry(slow).register('fraud', { files: [file('a')] })).rejects.toMatchObject({ code: 'CONTENTION' });
    expect(await keysOf(store, 'models/')).toEqual([]);
    late = false;
    expect((await modelRegistry(slow).register('fraud', { files: [file('a')] })).version).toBe(1);
  });

  it('writes an old content again that is reused, and a young one not', async () => {
    const store = memoryStore();
    const puts: string[] = [];
    const watched = watchedStore(store, { after: (call, key) => (call === 'put' ? puts.push(key) : undefined) });
    for (const [hours, expected] of [
      [0, 1],
      [0.5, 0],
      [2, 1],
    ] as const) {
      pass(hours);
      puts.length = 0;
      await modelRegistry(watched).register('fraud', { files: [file('a')] });
      expect(puts.filter((key) => key === keyOf('a'))).toHaveLength(expected);
    }
  });

  it('asks the durable store, not an older answer near by', async () => {
    const durable = memoryStore();
    let away = false;
    const flaky = watchedStore(durable, {
      before: (_call, key) => {
        if (away) throw storeError('UNAVAILABLE', key);
      },
    });
    const layered = layeredStore(memoryStore(), flaky);
    await putGarbage(layered, 'x');
    await collectGarbage(layered);
    pass(25);
    away = true;
    await expect(collectGarbage(layered)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    away = false;
    expect((await collectGarbage(layered)).deletedCount).toBe(1);
  });
});

describe('versions keep their files, in whichever order requests come', () => {
  const CONTENTS = ['a', 'b', 'c', 'd'];
  let archive: Uint8Array;
  beforeAll(async () => {
    const store = memoryStore();
    for (const text of ['a', 'c']) await modelRegistry(store).register('imported', { files: [file(text), file('b')] });
    archive = await exportModelBytes(store, 'imported');
  });

  it.each([
    ['memoryStore', () => memoryStore()],
    ['a store where equal bytes have equal etags', contentEtagStore],
  ])('on %s', { timeout: 120_000 }, async (_name, makeStore) => {
    let [collected, spare, frozen] = [0, 0, 0];
    for (let seed = 1; seed <= Number(process.env['INTERLEAVINGS'] ?? 400); seed++) {
      const outcome = await explore(makeStore(), seed);
      collected += outcome.collected;
      spare += outcome.spare;
      frozen += outcome.frozen;
    }
    // The interleavings reach what they are about.
    expect(Math.min(collected, spare, frozen)).toBeGreaterThan(50);
  });

  async function explore(store: BlobStore, seed: number) {
    const random = seededRandom(seed);
    const pick = () => CONTENTS.filter(() => random.integer(2) === 0);
    const files = () => [...new Set([...pick(), CONTENTS[random.integer(4)]!])].map((text) => file(text));
    const registry = modelRegistry(store);
    await putGarbage(store, ...pick());
    if (random.integer(2)) await registry.register('fraud', { files: files() });
    pass(30);
    const outcome = { collected: 0, spare: 0, frozen: 0 };
    const sometimes = (chance: number, most: number) => (random.integer(chance) === 0 ? random.integer(most) : undefined);
    const turns = new Interleaving(store, random);
    for (let phase = 0; phase < 3; phase++) {
      for (let i = random.integer(3); i >= 0; i--) {
        const until = ([undefined, 'delete', random.integer(40)] as const)[random.integer(3)];
        turns.add((own) => collect(own, outcome), until);
      }
      for (let i = random.integer(3); i >= 0; i--) {
        const name = `m${random.integer(2)}`;
        const given = random.integer(3) === 0 ? [files(), files()] : [files()];
        turns.add((own) => registerAll(own, name, given), sometimes(4, 12), 'dies');
      }
      if (random.integer(3) === 0) {
        turns.add(async (own) => void (await importModel(own, archive)), sometimes(2, 25), 'dies');
      }
      turns.add((own) => deleteSome(own, random));
      turns.add((own) => readAll(own), sometimes(4, 12));
      await turns.run();
      expect(turns.failures, `seed ${seed}`).toEqual([]);
      await readAll(store);
      pass([0.5, 2, 30][random.integer(3)]!);
    }
    outcome.frozen = turns.frozenCount;
    turns.thaw();
    await turns.run();
    expect(turns.failures, `seed ${seed}`).toEqual([]);
    await readAll(store);
    outcome.spare = (await keysOf(store, 'blobs/')).filter((key) => key.includes('~')).length;
    // An import that died goes on, whatever was collected since.
    pass(48);
    await collectGarbage(store);
    await importModel(store, archive);
    await readAll(store);
    await requireNoGarbageLeft(store);
    return outcome;
  }

  async function collect(store: BlobStore, outcome: { collected: number }): Promise<void> {
    try {
      outcome.collected += (await collectGarbage(store)).deletedCount;
    } catch (error) {
      if ((error as { code?: string }).code !== 'CONTENTION') throw error;
    }
  }

  async function registerAll(store: BlobStore, name: string, given: readonly ReturnType<typeof file>[][]): Promise<void> {
    for (const each of given) await modelRegistry(store).register(name, { files: each });
  }

  async function deleteSome(store: BlobStore, random: ReturnType<typeof seededRandom>): Promise<void> {
    const registry = modelRegistry(store);
    for (const name of await registry.models()) {
      for (const { version } of await registry.versions(name)) {
        if (random.integer(2)) await registry.deleteVersion(name, version, by);
      }
    }
  }

  /** Reads all versions; each that can't be read must have been deleted meanwhile. */
  async function readAll(store: BlobStore): Promise<void> {
    const registry = modelRegistry(store);
    for (const name of await registry.models()) {
      for (const { version } of await registry.versions(name)) {
        await registry.load(name, version).catch((error: unknown) => {
          if ((error as { code?: string }).code !== 'NOT_FOUND') throw error;
        });
      }
    }
  }

  async function requireNoGarbageLeft(store: BlobStore): Promise<void> {
    pass(24 * 40);
    await collectGarbage(store);
    const registry = modelRegistry(store);
    const needed = new Set<string>();
    for (const name of await registry.models()) {
      for (const { files } of await registry.versions(name)) for (const { sha256 } of files) needed.add(sha256);
    }
    for (const key of await keysOf(store, 'blobs/')) expect(needed).toContain(key.slice(9, 73));
  }
});
