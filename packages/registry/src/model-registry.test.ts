import { type BlobStore, manualClock, memoryStore, sha256Hex } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelRegistry } from './model-registry.js';
import { emptyModelState, foldEvents } from './model-state.js';
import { type Registration } from './registration.js';
import { type StorePlace, dyingStore, flipBit, jitteryStore, keysOf, storePlaces } from './store-places.fixture.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const files = (text: string) => [
  { path: 'model.json', bytes: bytesOf(`model ${text}`) },
  { path: 'plots/roc.svg', bytes: bytesOf(`plot ${text}`) },
];
const code = (expected: string, details: Record<string, unknown> = {}) =>
  expect.objectContaining({ code: expected, details: expect.objectContaining(details) });
const by = { by: 'ana', why: 'test' };

describe.each(storePlaces)('modelRegistry on %s', (_name, makePlace) => {
  let place: StorePlace;
  let store: BlobStore;
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
  });
  afterEach(() => place.dispose());

  it('registers versions from 1 on, with all that was given', async () => {
    const registry = modelRegistry(store, { clock: manualClock(1_700_000_000_000) });
    const given = {
      files: files('a'),
      metrics: { rocAuc: 0.87, lift: null },
      algorithm: 'boosting',
      runId: 'r1',
      description: 'first',
      tags: { market: 'eu' },
    };
    const version = await registry.register('fraud', given, { by: 'ana' });
    expect(version).toEqual({
      name: 'fraud',
      version: 1,
      stage: 'None',
      registeredMs: 1_700_000_000_000,
      registeredBy: 'ana',
      algorithm: 'boosting',
      runId: 'r1',
      description: 'first',
      metrics: { rocAuc: 0.87, lift: null },
      tags: { market: 'eu' },
      aliases: [],
      approvals: [],
      files: [
        { path: 'model.json', sha256: sha256Hex('model a'), sizeBytes: 7 },
        { path: 'plots/roc.svg', sha256: sha256Hex('plot a'), sizeBytes: 6 },
      ],
    });
    expect((await registry.register('fraud', { files: files('b') })).version).toBe(2);
    expect(await modelRegistry(place.open()).get('fraud', 1)).toEqual(version);
    const blobs = ['model a', 'plot a', 'model b', 'plot b'].map(
      (text) => `blobs/${sha256Hex(text).slice(0, 2)}/${sha256Hex(text)}`,
    );
    const events = ['models/fraud/log/00000001.json', 'models/fraud/log/00000002.json'];
    expect(await keysOf(store)).toEqual([...blobs.toSorted(), ...events]);
  });

  it('gives the same bytes for the same input', async () => {
    const logs: unknown[] = [];
    for (const other of [store, memoryStore()]) {
      const registry = modelRegistry(other, { clock: manualClock(1_000), newId: () => 'id' });
      await registry.register('fraud', { files: files('a').toReversed(), tags: { b: '1', a: '2' } });
      logs.push(new TextDecoder().decode((await other.get('models/fraud/log/00000001.json'))?.bytes));
    }
    expect(logs[0]).toEqual(logs[1]);
  });

  it('loads exactly the files that were registered', async () => {
    await modelRegistry(store).register('fraud', { files: files('a') });
    const loaded = await modelRegistry(place.open()).load('fraud', 1);
    expect([...loaded].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)])).toEqual([
      ['model.json', 'model a'],
      ['plots/roc.svg', 'plot a'],
    ]);
  });

  it('sees at once what other instances write', async () => {
    const [one, two] = [modelRegistry(place.open()), modelRegistry(place.open())];
    expect(await two.production('fraud')).toBeUndefined();
    expect(await two.head('fraud')).toBe(0);
    await one.register('fraud', { files: files('a') });
    expect(await two.changed('fraud', 0)).toBe(true);
    expect(await two.changed('fraud', 1)).toBe(false);
    await one.promote('fraud', 1, { stage: 'Production', ...by });
    expect(await two.changed('fraud', 1)).toBe(true);
    expect((await two.production('fraud'))?.version).toBe(1);
    expect(await two.head('fraud')).toBe(2);
  });

  it('gives concurrent registrations distinct consecutive versions', async () => {
    const registries = Array.from({ length: 8 }, (_, i) => modelRegistry(jitteryStore(place.open(), i)));
    const versions = await Promise.all(
      registries.flatMap((registry, i) => [0, 1, 2].map((j) => registry.register('fraud', { files: files(`${i}.${j}`) }))),
    );
    expect(versions.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    const registry = modelRegistry(place.open());
    for (const { version, files: expected } of versions) expect((await registry.get('fraud', version))?.files).toEqual(expected);
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('lists models in order', async () => {
    const registry = modelRegistry(store);
    expect(await registry.models()).toEqual([]);
    for (const name of ['fraud', 'fraud-eu', 'fraud.v2', 'a', 'fraud']) await registry.register(name, { files: files(name) });
    await store.put('models/stray/readme.txt', bytesOf('no log'));
    expect(await registry.models()).toEqual(['a', 'fraud', 'fraud-eu', 'fraud.v2']);
  });

  it('shares contents, and repairs a damaged one that is registered again', async () => {
    const registry = modelRegistry(store);
    await registry.register('fraud', { files: files('a') });
    const key = `blobs/${sha256Hex('model a').slice(0, 2)}/${sha256Hex('model a')}`;
    await flipBit(store, key, 5);
    await expect(registry.load('fraud', 1)).rejects.toEqual(code('CORRUPT_ARTIFACT', { path: 'model.json' }));
    await registry.register('fraud', { files: files('a') });
    expect((await keysOf(store, 'blobs/')).length).toBe(2);
    expect((await registry.load('fraud', 1)).size).toBe(2);
  });

  it('names the file that is damaged, cut or missing', async () => {
    const registry = modelRegistry(store);
    await registry.register('fraud', { files: files('a') });
    const key = `blobs/${sha256Hex('plot a').slice(0, 2)}/${sha256Hex('plot a')}`;
    const damages: [string, () => Promise<unknown>][] = [
      ['has another SHA-256', () => flipBit(store, key, 13)],
      ['has 3 bytes, expected 6', () => store.put(key, bytesOf('plo'))],
      ['is missing', () => store.delete(key)],
    ];
    for (const [reason, damage] of damages) {
      await damage();
      await expect(registry.load('fraud', 1)).rejects.toThrow(`model fraud version 1: file plots/roc.svg ${reason}`);
      await expect(registry.load('fraud', 1)).rejects.toEqual(code('CORRUPT_ARTIFACT', { path: 'plots/roc.svg' }));
      const report = await registry.verify('fraud');
      expect(report.problems).toEqual([expect.objectContaining({ code: 'CORRUPT_ARTIFACT', version: 1, path: 'plots/roc.svg' })]);
    }
  });

  it('keeps a history that folds to its state', async () => {
    const registry = modelRegistry(store, { clock: manualClock(5_000) });
    await registry.register('fraud', { files: files('a') }, { by: 'ci', why: 'weekly' });
    await registry.promote('fraud', 1, { stage: 'Production', ...by });
    const history = await modelRegistry(place.open()).history('fraud');
    expect(history.map(({ seq, type, by: who, why, atMs }) => [seq, type, who, why, atMs])).toEqual([
      [1, 'registered', 'ci', 'weekly', 5_000],
      [2, 'promoted', 'ana', 'test', 5_000],
    ]);
    expect(history[1]!.previous).toBe(sha256Hex((await store.get('models/fraud/log/00000001.json'))!.bytes));
    expect(foldEvents(emptyModelState('fraud'), history).versions).toEqual(await registry.versions('fraud'));
  });

  it('finds a flipped bit in any event, and names the event', async () => {
    const registry = modelRegistry(store);
    for (const text of ['a', 'b', 'c']) await registry.register('fraud', { files: files(text) });
    for (const seq of [1, 2, 3]) {
      const key = `models/fraud/log/0000000${seq}.json`;
      for (const bit of [3, 400, 1_001, 2_500]) {
        await flipBit(store, key, bit);
        await expect(registry.history('fraud')).rejects.toEqual(code('CORRUPT_LOG', { seq }));
        await expect(modelRegistry(place.open()).production('fraud')).rejects.toEqual(code('CORRUPT_LOG', { seq }));
        expect((await registry.verify('fraud')).problems).toEqual([expect.objectContaining({ code: 'CORRUPT_LOG', seq })]);
        expect((await registry.versions('fraud')).length, 'what was read before goes on').toBe(3);
        await flipBit(store, key, bit);
      }
    }
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('finds an event that was removed or rewritten with a new checksum', async () => {
    const registry = modelRegistry(store, { clock: manualClock(1), newId: () => 'id' });
    for (const text of ['a', 'b', 'c']) await registry.register('fraud', { files: files(text) }, { by: 'ana' });
    const forger = memoryStore();
    const forged = modelRegistry(forger, { clock: manualClock(1), newId: () => 'id' });
    await forged.register('fraud', { files: files('a') }, { by: 'ana' });
    await forged.register('fraud', { files: files('b') }, { by: 'eve' });
    const key = 'models/fraud/log/00000002.json';
    const original = (await store.get(key))!.bytes;
    await store.put(key, (await forger.get(key))!.bytes);
    await expect(registry.history('fraud')).rejects.toEqual(code('CORRUPT_LOG', { seq: 2 }));
    expect((await registry.verify('fraud')).problems).toEqual([expect.objectContaining({ seq: 2 })]);
    await store.delete(key);
    await expect(registry.history('fraud')).rejects.toThrow('event 2: it is missing');
    expect((await registry.verify('fraud')).problems).toEqual([expect.objectContaining({ seq: 2 })]);
    await store.put(key, original);
    expect(await registry.verify('fraud')).toEqual({
      model: 'fraud',
      ok: true,
      head: 3,
      headSha256: sha256Hex((await store.get('models/fraud/log/00000003.json'))!.bytes),
      versionCount: 3,
      artifactCount: 6,
      problems: [],
    });
  });

  it('shows no half version, wherever its writer dies', async () => {
    const work = async (writing: BlobStore) => {
      const registry = modelRegistry(writing);
      for (const text of ['a', 'b']) {
        const { version } = await registry.register('fraud', { files: files(text) });
        await registry.promote('fraud', version, { stage: 'Production', ...by });
      }
    };
    for (let puts = 0; puts < 8; puts++) {
      const other = await makePlace();
      await expect(work(dyingStore(other.open(), puts))).rejects.toThrow('UNAVAILABLE');
      const registry = modelRegistry(other.open());
      const versions = await registry.versions('fraud');
      expect(versions.length).toBe(puts < 3 ? 0 : puts < 7 ? 1 : 2);
      for (const { version } of versions) expect((await registry.load('fraud', version)).size).toBe(2);
      const { ok } = versions.length > 0 ? await registry.verify('fraud') : { ok: true };
      expect(ok).toBe(true);
      await work(other.open());
      expect((await registry.verify('fraud')).ok).toBe(true);
      await other.dispose();
    }
  });

  it('throws typed errors for what does not exist', async () => {
    const registry = modelRegistry(store);
    expect(await registry.get('fraud', 1)).toBeUndefined();
    expect(await registry.versions('fraud')).toEqual([]);
    await expect(registry.load('fraud', 1)).rejects.toEqual(code('NOT_FOUND', { model: 'fraud' }));
    await expect(registry.promote('fraud', 1, { stage: 'Production', ...by })).rejects.toEqual(code('NOT_FOUND'));
    await expect(registry.rollback('fraud', by)).rejects.toEqual(code('NOT_FOUND'));
    await expect(registry.history('fraud')).rejects.toEqual(code('NOT_FOUND'));
    await expect(registry.verify('fraud')).rejects.toEqual(code('NOT_FOUND'));
    await registry.register('fraud', { files: files('a') });
    expect(await registry.get('fraud', 2)).toBeUndefined();
    await expect(registry.load('fraud', 2)).rejects.toThrow('model fraud has no version 2; its last is 1');
    await expect(registry.rollback('fraud', by)).rejects.toEqual(code('NOTHING_TO_ROLL_BACK'));
  });

  it('refuses bad input before anything is written', async () => {
    const registry = modelRegistry(store);
    const register = (change: object) => registry.register('fraud', { files: files('a'), ...change });
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 1]));
    const one = (path: string, bytes: unknown = bytesOf('x')) => [{ path, bytes }];
    const refused: [() => Promise<unknown>, string, string][] = [
      [() => registry.register('../fraud', { files: files('a') }), 'INVALID_NAME', 'model name "../fraud"'],
      [() => registry.production('Fraud'), 'INVALID_NAME', 'allowed are'],
      [() => registry.changed('fraud', -1), 'INVALID_ARGUMENT', 'sinceSeq -1'],
      [() => registry.get('fraud', 0), 'INVALID_VERSION', 'version 0'],
      [() => registry.load('fraud', 1.5), 'INVALID_VERSION', 'version 1.5'],
      [() => registry.get('fraud', '1' as never), 'INVALID_VERSION', 'version 1: expected a whole number'],
      [() => registry.inStage('fraud', 'Live' as never), 'INVALID_STAGE', 'stage "Live"'],
      [() => register({ files: [] }), 'INVALID_ARGUMENT', 'at least one file'],
      [() => register({ files: undefined }), 'INVALID_ARGUMENT', 'at least one file'],
      [
        () => register({ files: Array.from({ length: 101 }, (_, i) => one(`f${i}`)[0]) }),
        'LIMIT_EXCEEDED',
        '101 files, at most 100',
      ],
      [() => register({ files: [...one('a'), ...one('a')] }), 'INVALID_ARGUMENT', 'given twice'],
      [() => register({ files: one('../a') }), 'INVALID_ARGUMENT', 'the segment ..'],
      [() => register({ files: one('/a') }), 'INVALID_ARGUMENT', 'a slash'],
      [() => register({ files: one('a\u0000') }), 'INVALID_ARGUMENT', 'allowed are'],
      [() => register({ files: one('x'.repeat(251)) }), 'INVALID_ARGUMENT', '251 characters'],
      [() => register({ files: one('a', 'text') }), 'INVALID_ARGUMENT', 'no Uint8Array'],
      [() => register({ files: one('a', new Uint8Array(256 * 2 ** 20 + 1)) }), 'LIMIT_EXCEEDED', 'at most 268435456'],
      [() => register({ metrics: { rocAuc: Number.NaN } }), 'INVALID_ARGUMENT', 'metrics.rocAuc'],
      [() => register({ metrics: { rocAuc: Infinity } }), 'INVALID_ARGUMENT', 'metrics.rocAuc'],
      [() => register({ metrics: { '': 1 } }), 'INVALID_ARGUMENT', 'register: metrics.'],
      [() => register({ metrics: many(501) }), 'LIMIT_EXCEEDED', '501 entries, at most 500'],
      [() => register({ tags: { a: 1 } }), 'INVALID_ARGUMENT', 'tags.a'],
      [() => register({ tags: { a: 'x'.repeat(6_001) } }), 'LIMIT_EXCEEDED', 'tags.a'],
      [() => register({ description: 'x'.repeat(10_001) }), 'LIMIT_EXCEEDED', 'description'],
      [() => register({ algorithm: '' }), 'INVALID_ARGUMENT', 'algorithm'],
      [() => register({ runId: 'a/b' }), 'INVALID_ARGUMENT', 'runId'],
      [() => registry.register('fraud', { files: files('a') }, { by: '' }), 'INVALID_ARGUMENT', 'by'],
    ];
    for (const [call, expected, message] of refused) {
      await expect(call(), message).rejects.toEqual(code(expected));
      await expect(call()).rejects.toThrow(message);
    }
    expect(await keysOf(store)).toEqual([]);
  });

  it('treats members given as undefined as not given', async () => {
    const facts = { algorithm: undefined, runId: undefined, metrics: undefined } as unknown as Registration;
    const version = await modelRegistry(store).register('fraud', { ...facts, files: files('a') });
    expect(Object.keys(version)).not.toContain('runId');
    expect(version.metrics).toEqual({});
  });
});
