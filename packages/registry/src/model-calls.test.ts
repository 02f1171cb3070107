/** Aliases, descriptions and approvals of models, on every store. */
import { type BlobStore, ConflictError, manualClock } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gate } from './gate.js';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import { type StorePlace, jitteryStore, storePlaces } from './store-places.fixture.js';

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
});
