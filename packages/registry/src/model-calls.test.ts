/** Aliases, descriptions, approvals, traffic splits, deletion, lineage and history, on every store. */
import { type BlobStore, ConflictError, manualClock } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gate } from './gate.js';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import { type StorePlace, jitteryStore, storePlaces } from './store-places.fixture.js';
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

  describe('aliases', () => {
    it('name one version, move in one step, and can be removed', async () => {
      expect(await registry.setAlias('fraud', 'champion', 1, by)).toEqual({
        alias: 'champion',
        version: 1,
        previous: null,
        seq: 4,
      });
      expect(await registry.setAlias('fraud', 'best', 1, by)).toMatchObject({ previous: null, seq: 5 });
      expect((await elsewhere().get('fraud', 1))?.aliases).toEqual(['best', 'champion']);
      expect(await registry.setAlias('fraud', 'champion', 2, { ...by, expectedCurrent: 1 })).toMatchObject({
        previous: 1,
        seq: 6,
      });
      expect((await elsewhere().byAlias('fraud', 'champion'))?.version).toBe(2);
      expect((await elsewhere().versions('fraud')).map(({ aliases }) => aliases)).toEqual([['best'], ['champion'], []]);
      expect((await registry.model('fraud'))?.aliases).toEqual({ best: 1, champion: 2 });
      expect(await registry.removeAlias('fraud', 'champion', by)).toEqual({
        alias: 'champion',
        version: null,
        previous: 2,
        seq: 7,
      });
      expect(await elsewhere().byAlias('fraud', 'champion')).toBeUndefined();
    });

    it('that name the version already change nothing', async () => {
      await registry.setAlias('fraud', 'champion', 1, by);
      expect(await registry.setAlias('fraud', 'champion', 1, { ...by, expectedCurrent: 1 })).toMatchObject({
        previous: 1,
        seq: 4,
      });
      expect(await registry.head('fraud')).toBe(4);
    });

    it('conflict when they name another version than expected, telling which', async () => {
      await registry.setAlias('fraud', 'champion', 1, by);
      for (const expectedCurrent of [null, 2]) {
        const setting = registry.setAlias('fraud', 'champion', 3, { ...by, expectedCurrent });
        await expect(setting).rejects.toBeInstanceOf(ConflictError);
        await expect(setting).rejects.toMatchObject({ code: 'CONFLICT', currentVersion: 1, name: 'AliasConflictError' });
        await expect(registry.removeAlias('fraud', 'champion', { ...by, expectedCurrent })).rejects.toThrow('found version 1');
      }
      const none = registry.setAlias('fraud', 'best', 3, { ...by, expectedCurrent: 1 });
      await expect(none).rejects.toThrow('alias best of model fraud: expected version 1, found no version');
      expect(await registry.head('fraud')).toBe(4);
    });

    it('are won by exactly one of many who expect the same version', async () => {
      const settings = await Promise.allSettled(
        Array.from({ length: 9 }, (_, i) =>
          modelRegistry(jitteryStore(place.open(), i)).setAlias('fraud', 'champion', 1 + (i % 3), {
            ...by,
            expectedCurrent: null,
          }),
        ),
      );
      const winner = (await registry.byAlias('fraud', 'champion'))!.version;
      const won = settings.filter(({ status }) => status === 'fulfilled');
      // One that wants what the winner wrote did not expect it either.
      expect(won).toEqual([expect.objectContaining({ value: expect.objectContaining({ version: winner, previous: null }) })]);
      expect((await registry.verify('fraud')).ok).toBe(true);
    });

    it('and tags of the version in Production count too', async () => {
      await registry.promote('fraud', 2, toProduction);
      let judged = 0;
      const gate: Gate = {
        name: 'unpinned',
        check: async ({ incumbent }) => {
          const passed = incumbent?.tags['pinned'] === undefined;
          if (judged++ === 0) await elsewhere().describe('fraud', { version: 2, tags: { pinned: 'yes' }, by: 'ana' });
          return { gate: 'unpinned', passed, reason: '' };
        },
      };
      expect(await registry.promote('fraud', 1, { ...toProduction, gates: [gate] })).toMatchObject({ promoted: false });
      expect(judged).toBe(2);
    });

    it('of what does not exist are typed errors', async () => {
      await expect(registry.setAlias('fraud', 'v3', 1, by)).rejects.toEqual(code('INVALID_NAME'));
      await expect(registry.byAlias('fraud', 'latest')).rejects.toEqual(code('INVALID_NAME'));
      await expect(registry.setAlias('fraud', 'best', 4, by)).rejects.toEqual(code('NOT_FOUND', { version: 4 }));
      await expect(registry.setAlias('other', 'best', 1, by)).rejects.toEqual(code('NOT_FOUND', { model: 'other' }));
      await expect(registry.removeAlias('fraud', 'best', by)).rejects.toEqual(code('NOT_FOUND', { alias: 'best' }));
      await expect(registry.removeAlias('other', 'best', by)).rejects.toEqual(code('NOT_FOUND', { model: 'other' }));
      expect(await registry.byAlias('fraud', 'constructor')).toBeUndefined();
      expect(await registry.byAlias('other', 'best')).toBeUndefined();
    });

    it('are at most 100', async () => {
      for (let i = 0; i < 100; i++) await registry.setAlias('fraud', `a${i}`, 1, by);
      await expect(registry.setAlias('fraud', 'one-more', 1, by)).rejects.toEqual(code('LIMIT_EXCEEDED'));
      expect(await registry.setAlias('fraud', 'a7', 2, by)).toMatchObject({ previous: 1 });
    });
  });

  describe('descriptions and tags', () => {
    it('change by what is given, of versions and of the model', async () => {
      await registry.describe('fraud', { version: 1, description: 'first', tags: { market: 'eu', draft: 'yes' }, by: 'ana' });
      await registry.describe('fraud', { version: 1, tags: { draft: null, absent: null, toString: 'x' }, by: 'ben' });
      expect(await elsewhere().get('fraud', 1)).toMatchObject({ description: 'first', tags: { market: 'eu', toString: 'x' } });
      await registry.describe('fraud', { version: 1, description: null, by: 'ana' });
      const { description, tags } = (await elsewhere().get('fraud', 1))!;
      expect([description, Object.keys(tags)]).toEqual([undefined, ['market', 'toString']]);
      await registry.describe('fraud', { description: 'cards', tags: { team: 'risk' }, ...by });
      await registry.describe('fraud', { description: null, by: 'ana' });
      expect(await elsewhere().model('fraud')).toMatchObject({ description: '', tags: { team: 'risk' } });
      expect((await elsewhere().get('fraud', 2))?.tags).toEqual({});
    });

    it('of two at once both last, when they are about different tags', async () => {
      await Promise.all(
        [1, 2, 3, 4].map((i) => elsewhere().describe('fraud', { version: 1, tags: { [`t${i}`]: 'x' }, by: 'ana' })),
      );
      expect(Object.keys((await registry.get('fraud', 1))!.tags).toSorted()).toEqual(['t1', 't2', 't3', 't4']);
    });

    it('are bounded, and refused when there is nothing to change', async () => {
      const tags = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`t${i}`, 'x']));
      await registry.describe('fraud', { version: 1, tags, by: 'ana' });
      await expect(registry.describe('fraud', { version: 1, tags: { more: 'x' }, by: 'ana' })).rejects.toThrow(
        '501 tags, at most 500',
      );
      await registry.describe('fraud', { version: 1, tags: { more: 'x', t0: null }, by: 'ana' });
      await expect(registry.describe('fraud', { by: 'ana' })).rejects.toThrow('neither a description nor tags');
      await expect(registry.describe('fraud', { version: 9, tags: { a: 'x' }, by: 'ana' })).rejects.toEqual(code('NOT_FOUND'));
      await expect(registry.describe('other', { tags: { a: 'x' }, by: 'ana' })).rejects.toEqual(code('NOT_FOUND'));
    });
  });

  it('writes nothing where it is described so already', async () => {
    const described = { version: 1, description: 'first', tags: { market: 'eu' }, by: 'ana' };
    await registry.describe('fraud', described);
    const head = await registry.head('fraud');
    for (const same of [
      described,
      { ...described, tags: { absent: null, valueOf: null as never } },
      { description: null, by: 'ana' },
    ])
      await registry.describe('fraud', same);
    expect(await registry.head('fraud')).toBe(head);
    await registry.describe('fraud', { ...described, tags: { market: 'us' } });
    await registry.describe('fraud', { version: 1, description: '', by: 'ana' });
    await registry.describe('fraud', { version: 1, tags: { market: null }, by: 'ana' });
    expect(await registry.head('fraud')).toBe(head + 3);
  });

  describe('approvals', () => {
    const forProduction = { stage: 'Production', by: 'ben', why: 'looks good' } as const;

    it('are kept with the version until they are withdrawn', async () => {
      const approved = await registry.approve('fraud', 1, forProduction);
      expect(approved.approvals).toEqual([{ ...forProduction, atMs: 5_000 }]);
      expect((await elsewhere().get('fraud', 1))?.approvals).toEqual(approved.approvals);
      await registry.approve('fraud', 1, { ...forProduction, by: 'cleo' });
      const withdrawing = { ...forProduction, why: 'found a leak' };
      expect((await registry.withdrawApproval('fraud', 1, withdrawing)).approvals.map((approval) => approval.by)).toEqual([
        'cleo',
      ]);
      await expect(registry.withdrawApproval('fraud', 1, withdrawing)).rejects.toEqual(code('NOT_FOUND', { by: 'ben' }));
    });

    it('are renewed by the one who gave them', async () => {
      let nowMs = 5_000;
      const later = modelRegistry(store, { clock: { now: () => nowMs } });
      for (const who of ['ben', 'cleo']) await later.approve('fraud', 1, { ...forProduction, by: who });
      nowMs += 60 * 86_400_000;
      const renewed = await later.approve('fraud', 1, { ...forProduction, why: 'once more' });
      expect(renewed.approvals.map(({ by: who, why, atMs }) => [who, why, atMs])).toEqual([
        ['cleo', 'looks good', 5_000],
        ['ben', 'once more', nowMs],
      ]);
      expect((await elsewhere().get('fraud', 1))?.approvals).toEqual(renewed.approvals);
    });

    it('are not used up by a promotion, and lapse when the version leaves the stage', async () => {
      await registry.approve('fraud', 1, forProduction);
      await registry.promote('fraud', 1, { ...toProduction, stage: 'Staging' });
      await registry.promote('fraud', 1, toProduction);
      expect((await registry.get('fraud', 1))?.approvals.length).toBe(1);
      await registry.promote('fraud', 2, toProduction);
      expect((await registry.get('fraud', 1))?.approvals).toEqual([]);
    });

    it('that change while gates judge make them judge again', async () => {
      await registry.approve('fraud', 1, forProduction);
      let judged = 0;
      const approved: Gate = {
        name: 'approved',
        check: async ({ candidate }) => {
          const passed = candidate.approvals.length > 0;
          if (judged++ === 0) await elsewhere().withdrawApproval('fraud', 1, forProduction);
          return { gate: 'approved', passed, reason: '' };
        },
      };
      expect(await registry.promote('fraud', 1, { ...toProduction, gates: [approved] })).toMatchObject({ promoted: false });
      expect(judged).toBe(2);
    });

    it('of what does not exist are typed errors', async () => {
      await expect(registry.approve('fraud', 4, forProduction)).rejects.toEqual(code('NOT_FOUND'));
      await expect(registry.approve('fraud', 1, { ...forProduction, stage: 'None' as never })).rejects.toEqual(
        code('INVALID_STAGE'),
      );
      await expect(registry.withdrawApproval('other', 1, forProduction)).rejects.toEqual(code('NOT_FOUND'));
    });
  });

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
