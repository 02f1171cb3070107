/** Traffic splits, deletion, lineage and history of models, on every store. */
import { type BlobStore, manualClock } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import { type StorePlace, storePlaces } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const by = { by: 'ana', why: 'test' };
const toProduction = { stage: 'Production', ...by } as const;
const code = (expected: string, details: Record<string, unknown> = {}) =>
  expect.objectContaining({ code: expected, details: expect.objectContaining(details) });

describe.each(storePlaces)('models on %s', (_name, makePlace) => {
  let place: StorePlace;
  let store: BlobStore;
  let registry: ModelRegistry;
  const elsewhere = () => modelRegistry(place.open());
  const register = async (count: number) => {
    for (let i = 0; i < count; i++) await registry.register('fraud', { files: [{ path: 'a', bytes: Uint8Array.of(i) }] });
  };
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    registry = modelRegistry(store, { clock: manualClock(5_000) });
    await register(3);
  });
  afterEach(() => place.dispose());

  describe('traffic', () => {
    const split = { champion: 90, challengers: [{ version: 2, percent: 10 }], shadow: [3], ...by };

    it('is split by percent, and ended by the champion alone', async () => {
      expect(await registry.traffic('fraud')).toBeUndefined();
      await registry.promote('fraud', 1, toProduction);
      const traffic = await registry.setTraffic('fraud', split);
      expect(traffic).toEqual({
        model: 'fraud',
        seq: 5,
        champion: { version: 1, percent: 90 },
        challengers: [{ version: 2, percent: 10 }],
        shadow: [3],
        slots: [
          [2, 1_000],
          [1, 9_000],
        ],
      });
      expect(await elsewhere().traffic('fraud')).toEqual(traffic);
      expect(await registry.setTraffic('fraud', { champion: 100, ...by })).toBeUndefined();
      expect((await elsewhere().model('fraud'))?.traffic).toBeNull();
    });

    it('ends when Production changes, by a promotion or a rollback', async () => {
      for (const version of [3, 1]) await registry.promote('fraud', version, toProduction);
      await registry.setTraffic('fraud', { ...split, shadow: [] });
      await registry.rollback('fraud', by);
      expect(await elsewhere().traffic('fraud')).toBeUndefined();
      await registry.setTraffic('fraud', { ...split, shadow: [] });
      await registry.promote('fraud', 2, toProduction);
      expect(await elsewhere().traffic('fraud')).toBeUndefined();
    });

    it('set on what somebody else changed meanwhile conflicts; other events do not matter', async () => {
      await registry.promote('fraud', 1, toProduction);
      const seen = await registry.head('fraud');
      await register(1);
      await registry.setTraffic('fraud', { ...split, expectedSeq: seen });
      const late = registry.setTraffic('fraud', {
        ...split,
        champion: 50,
        challengers: [{ version: 2, percent: 50 }],
        expectedSeq: seen,
      });
      await expect(late).rejects.toMatchObject({ code: 'CONFLICT', currentSeq: 6, name: 'TrafficConflictError' });
      await registry.promote('fraud', 4, toProduction);
      await expect(registry.setTraffic('fraud', { champion: 100, ...by, expectedSeq: 6 })).rejects.toMatchObject({
        currentSeq: 7,
      });
    });

    it('refuses what is no split', async () => {
      await expect(registry.setTraffic('fraud', split)).rejects.toThrow('no version of model fraud is in Production');
      await registry.promote('fraud', 3, toProduction);
      await registry.promote('fraud', 1, toProduction);
      const refused: [object, string, string][] = [
        [{ champion: 80 }, 'INVALID_ARGUMENT', 'the shares make 90 percent, expected 100'],
        [{ champion: 89.999 }, 'INVALID_ARGUMENT', 'version 1 gets 89.999 percent'],
        [{ champion: Number.NaN }, 'INVALID_ARGUMENT', 'champion'],
        [{ challengers: [{ version: 1, percent: 10 }] }, 'INVALID_ARGUMENT', 'version 1 is given twice, it is the champion'],
        [{ challengers: [{ version: 2, percent: 10 }], shadow: [2] }, 'INVALID_ARGUMENT', 'version 2 is given twice'],
        [{ challengers: [{ version: 9, percent: 10 }] }, 'NOT_FOUND', 'model fraud has no version 9; its last is 3'],
        [{ challengers: [{ version: 'v2', percent: 10 }] }, 'INVALID_VERSION', 'version v2'],
        [{ challengers: 'v2' }, 'INVALID_ARGUMENT', 'challengers'],
        [{ shadow: [3] }, 'INVALID_ARGUMENT', 'version 3 of model fraud is archived'],
        [{ shadow: [0] }, 'INVALID_VERSION', 'version 0'],
        [{ challengers: Array.from({ length: 11 }, () => ({ version: 2, percent: 1 })) }, 'LIMIT_EXCEEDED', 'challengers'],
        [{ expectedSeq: -1 }, 'INVALID_ARGUMENT', 'expectedSeq'],
      ];
      for (const [change, expected, message] of refused) {
        const setting = registry.setTraffic('fraud', { ...split, shadow: [], ...change });
        await expect(setting, message).rejects.toEqual(code(expected));
        await expect(setting).rejects.toThrow(message);
      }
      expect(await registry.head('fraud')).toBe(5);
    });
  });

  describe('deletion', () => {
    it('is not for the version that a rollback would go back to', async () => {
      for (const version of [1, 2, 3]) await registry.promote('fraud', version, toProduction);
      await expect(registry.deleteVersion('fraud', 2, by)).rejects.toEqual(
        code('VERSION_IN_USE', { use: 'what a rollback would go back to' }),
      );
      await registry.deleteVersion('fraud', 1, by);
      expect(await registry.rollback('fraud', by)).toMatchObject({ version: 2 });
    });

    it('takes a version away for good, and its number with it', async () => {
      await registry.deleteVersion('fraud', 2, by);
      const fresh = elsewhere();
      expect((await fresh.versions('fraud')).map(({ version }) => version)).toEqual([1, 3]);
      expect(await fresh.get('fraud', 2)).toBeUndefined();
      for (const call of [
        () => fresh.load('fraud', 2),
        () => fresh.promote('fraud', 2, toProduction),
        () => fresh.deleteVersion('fraud', 2, by),
      ]) {
        await expect(call()).rejects.toThrow('model fraud has no version 2 any more; it was deleted');
      }
      await registry.deleteVersion('fraud', 3, by);
      await register(1);
      expect((await fresh.versions('fraud')).map(({ version }) => version)).toEqual([1, 4]);
      expect(await fresh.model('fraud')).toMatchObject({ lastVersion: 4, versionCount: 2 });
      expect((await fresh.history('fraud', { version: 2 })).map(({ type }) => type)).toEqual(['registered', 'deleted-version']);
    });

    it('is refused while the version is in use', async () => {
      await registry.promote('fraud', 1, toProduction);
      await registry.promote('fraud', 2, { ...toProduction, stage: 'Staging' });
      await registry.setAlias('fraud', 'best', 3, by);
      await expect(registry.deleteVersion('fraud', 1, by)).rejects.toEqual(code('VERSION_IN_USE', { use: 'in Production' }));
      await expect(registry.deleteVersion('fraud', 2, by)).rejects.toEqual(code('VERSION_IN_USE', { use: 'in Staging' }));
      await expect(registry.deleteVersion('fraud', 3, by)).rejects.toEqual(code('VERSION_IN_USE', { use: 'named by best' }));
      await registry.removeAlias('fraud', 'best', by);
      await registry.setTraffic('fraud', { champion: 100, shadow: [3], ...by });
      await expect(registry.deleteVersion('fraud', 3, by)).rejects.toEqual(
        code('VERSION_IN_USE', { use: 'in the traffic split' }),
      );
      await registry.setTraffic('fraud', { champion: 100, ...by });
      await registry.deleteVersion('fraud', 3, by);
    });

    it('is passed over by a rollback', async () => {
      await register(1);
      for (const version of [1, 2, 3, 4]) await registry.promote('fraud', version, toProduction);
      await registry.deleteVersion('fraud', 2, by);
      expect(await registry.rollback('fraud', by)).toMatchObject({ version: 3, previous: 4 });
      expect(await registry.rollback('fraud', by)).toMatchObject({ version: 1, previous: 3 });
    });
  });

  it('tells where a version comes from: run, data and code', async () => {
    const run = await tracker(store).startRun({ experiment: 'fraud', codeVersion: 'abc123', params: { trees: 100 } });
    const data = { fingerprint: 'sha256:1', rows: 58_264, fromMs: -5, toMs: 10, source: 'transactions.csv' };
    const signature = {
      inputs: [{ name: 'AMOUNT', type: 'float' as const, optional: true }],
      outputs: [{ name: 'score', type: 'double' as const }],
    };
    const files = [{ path: 'a', bytes: Uint8Array.of(9) }];
    const { version } = await registry.register('fraud', { files, runId: run.id, data, signature }, by);
    expect((await elsewhere().get('fraud', version))?.signature).toEqual(signature);
    expect(await elsewhere().lineage('fraud', version)).toEqual({
      model: 'fraud',
      version: 4,
      registeredBy: 'ana',
      registeredMs: 5_000,
      runId: run.id,
      run: expect.objectContaining({ id: run.id, params: { trees: 100 } }),
      data,
      codeVersion: 'abc123',
    });
    await registry.register('fraud', { files, runId: 'elsewhere', codeVersion: 'own' });
    expect(await registry.lineage('fraud', 5)).toEqual({
      model: 'fraud',
      version: 5,
      registeredBy: 'unknown',
      registeredMs: 5_000,
      runId: 'elsewhere',
      codeVersion: 'own',
    });
    await expect(registry.lineage('fraud', 6)).rejects.toEqual(code('NOT_FOUND'));
  });

  it('gives the history of a version, from an event on, and the latest or first events', async () => {
    await registry.setAlias('fraud', 'best', 1, by);
    await registry.setAlias('fraud', 'best', 2, by);
    await registry.promote('fraud', 1, toProduction);
    await registry.setTraffic('fraud', { champion: 99, challengers: [{ version: 3, percent: 1 }], ...by });
    await registry.promote('fraud', 2, toProduction);
    const seqs = async (options: object) => (await elsewhere().history('fraud', options)).map(({ seq }) => seq);
    expect(await seqs({ version: 1 })).toEqual([1, 4, 5, 6, 7, 8]);
    expect(await seqs({ version: 3 })).toEqual([3, 7]);
    expect(await seqs({ since: 6 })).toEqual([7, 8]);
    expect(await seqs({ since: 8 })).toEqual([]);
    expect(await seqs({ limit: 2 })).toEqual([7, 8]);
    expect(await seqs({ since: 0, limit: 2 })).toEqual([1, 2]);
    expect(await seqs({ version: 1, limit: 2 })).toEqual([7, 8]);
    expect(await seqs({ version: 1, since: 1, limit: 2 })).toEqual([4, 5]);
    await expect(seqs({ since: 9 })).rejects.toEqual(code('NOT_FOUND', { seq: 9 }));
    await expect(seqs({ version: 4 })).rejects.toEqual(code('NOT_FOUND', { version: 4 }));
    await expect(registry.history('other', { since: 1 })).rejects.toEqual(code('NOT_FOUND'));
    for (const options of [{ since: -1 }, { limit: 0 }, { limit: 1.5 }, { since: 'x' }, null]) {
      await expect(registry.history('fraud', options as never)).rejects.toEqual(code('INVALID_ARGUMENT'));
    }
    await expect(seqs({ version: 'v1' })).rejects.toEqual(code('INVALID_VERSION'));
  });
});
