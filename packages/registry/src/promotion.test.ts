import { type BlobStore, ConflictError } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gate } from './gate.js';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import { type StorePlace, jitteryStore, storePlaces, watchedStore } from './store-places.fixture.js';

const by = { by: 'ana', why: 'test' };
const toProduction = { stage: 'Production', ...by } as const;
const code = (expected: string, details: Record<string, unknown> = {}) =>
  expect.objectContaining({ code: expected, details: expect.objectContaining(details) });
const gate = (name: string, passed: boolean): Gate => ({
  name,
  check: () => ({ gate: name, passed, reason: `${name} says ${passed}` }),
});

describe.each(storePlaces)('promotion on %s', (_name, makePlace) => {
  let place: StorePlace;
  let store: BlobStore;
  let registry: ModelRegistry;
  const stages = async () => (await modelRegistry(place.open()).versions('fraud')).map(({ stage }) => stage);
  const register = async (count: number) => {
    for (let i = 0; i < count; i++) await registry.register('fraud', { files: [{ path: 'a', bytes: Uint8Array.of(i) }] });
  };
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    registry = modelRegistry(store);
    await register(3);
  });
  afterEach(() => place.dispose());

  it('moves a version and archives the one it displaces', async () => {
    expect(await registry.promote('fraud', 1, { ...toProduction, expectedCurrent: null })).toEqual({
      promoted: true,
      stage: 'Production',
      version: 1,
      previous: null,
      gates: [],
      reason: 'no gates were asked for',
      seq: 4,
    });
    await registry.promote('fraud', 2, { ...toProduction, stage: 'Staging' });
    expect(await stages()).toEqual(['Production', 'Staging', 'None']);
    expect(await registry.promote('fraud', 2, { ...toProduction, expectedCurrent: 1 })).toMatchObject({
      promoted: true,
      previous: 1,
    });
    expect(await stages()).toEqual(['Archived', 'Production', 'None']);
    expect((await registry.inStage('fraud', 'Staging'))?.version).toBeUndefined();
    expect((await registry.inStage('fraud', 'Archived'))?.version).toBe(1);
    await registry.promote('fraud', 2, { ...toProduction, stage: 'Archived' });
    expect(await registry.production('fraud')).toBeUndefined();
    expect(await stages()).toEqual(['Archived', 'Archived', 'None']);
  });

  it('to where the version is already changes nothing and asks nobody', async () => {
    await registry.promote('fraud', 1, toProduction);
    const again = await registry.promote('fraud', 1, { ...toProduction, expectedCurrent: 1, gates: [gate('never', false)] });
    expect(again).toMatchObject({ promoted: true, previous: 1, gates: [], seq: 4, reason: expect.stringContaining('already') });
    expect(await registry.head('fraud')).toBe(4);
  });

  it('conditional on another version conflicts, naming the one that is there', async () => {
    await registry.promote('fraud', 1, toProduction);
    for (const expectedCurrent of [null, 2, 3]) {
      const promoting = registry.promote('fraud', 2, { ...toProduction, expectedCurrent });
      await expect(promoting).rejects.toBeInstanceOf(ConflictError);
      await expect(promoting).rejects.toMatchObject({ code: 'CONFLICT', currentVersion: 1, name: 'PromotionConflictError' });
      await expect(promoting).rejects.toThrow('Production of model fraud: expected');
    }
    expect(await registry.head('fraud')).toBe(4);
  });

  it('is won by exactly one of many who expect the same version', async () => {
    await register(13);
    for (let round = 0; round < 5; round++) {
      const current = (await registry.production('fraud'))?.version ?? null;
      const candidates = Array.from({ length: 16 }, (_, i) => i + 1).filter((version) => version !== current);
      const promotions = await Promise.allSettled(
        candidates.map((version) =>
          modelRegistry(jitteryStore(place.open(), round * 100 + version)).promote('fraud', version, {
            ...toProduction,
            expectedCurrent: current,
            gates: round % 2 === 0 ? [] : [gate('open', true)],
          }),
        ),
      );
      const winners = promotions.filter(({ status }) => status === 'fulfilled');
      expect(winners.length).toBe(1);
      const winner = (await registry.production('fraud'))!.version;
      expect(winners[0]).toMatchObject({ value: { version: winner, previous: current } });
      const reasons = promotions.flatMap((promotion) => (promotion.status === 'rejected' ? [promotion.reason as unknown] : []));
      expect(reasons).toEqual(reasons.map(() => expect.objectContaining({ code: 'CONFLICT', currentVersion: winner })));
    }
    expect(await registry.head('fraud'), '16 registrations, 5 promotions').toBe(21);
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('without an expectation succeeds for all of many, one after the other', async () => {
    await Promise.all(
      [1, 2, 3].map((version) => modelRegistry(jitteryStore(place.open(), version)).promote('fraud', version, toProduction)),
    );
    expect((await stages()).toSorted()).toEqual(['Archived', 'Archived', 'Production']);
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('records what its gates said, in the same event', async () => {
    const values = { candidate: 0.64, rows: 58_264, segment: 'eu', calibrated: true, incumbent: null };
    const promotion = await registry.promote('fraud', 1, {
      ...toProduction,
      gates: [
        gate('first', true),
        { name: 'second', check: async () => ({ gate: 'other name', passed: true, reason: 'better', values }) },
      ],
    });
    expect(promotion).toMatchObject({ promoted: true, reason: 'passed first, second' });
    const event = (await registry.history('fraud')).at(-1)!;
    expect(event).toMatchObject({ type: 'promoted', seq: promotion.seq, by: 'ana', why: 'test' });
    expect(event.payload).toEqual({
      version: 1,
      stage: 'Production',
      incumbent: null,
      gates: [
        { gate: 'first', passed: true, reason: 'first says true' },
        { gate: 'second', passed: true, reason: 'better', values },
      ],
    });
  });

  it('that a gate refuses is recorded, and leaves the stages alone', async () => {
    await registry.promote('fraud', 1, toProduction);
    const promotion = await registry.promote('fraud', 2, {
      ...toProduction,
      gates: [gate('a', false), gate('b', true), gate('c', false)],
    });
    expect(promotion).toMatchObject({ promoted: false, previous: 1, seq: 5, reason: 'a: a says false; c: c says false' });
    expect(promotion.gates.map(({ passed }) => passed)).toEqual([false, true, false]);
    expect(await stages()).toEqual(['Production', 'None', 'None']);
    expect((await registry.history('fraud')).at(-1)).toMatchObject({
      type: 'promotion-refused',
      payload: { version: 2, incumbent: 1, gates: promotion.gates },
    });
  });

  it('that a gate could not judge changes nothing', async () => {
    const cause = new Error('no rows');
    const broken: [Gate['check'], string][] = [
      [() => Promise.reject(cause), 'gate "broken" could not judge: no rows; nothing was changed'],
      [() => undefined as never, 'passed'],
      [() => ({ gate: 'broken', passed: 'yes' as never, reason: '' }), 'passed'],
      [() => ({ gate: 'broken', passed: true, reason: '', values: { loss: Number.NaN } }), 'values.loss'],
    ];
    for (const [check, message] of broken) {
      const promoting = registry.promote('fraud', 1, { ...toProduction, gates: [{ name: 'broken', check }] });
      await expect(promoting).rejects.toEqual(code('GATE_ERROR', { gate: 'broken' }));
      await expect(promoting).rejects.toThrow(message);
    }
    expect(await registry.head('fraud')).toBe(3);
  });

  it('shows its gates the candidate and the version in the stage', async () => {
    const seen: unknown[] = [];
    const spy: Gate = {
      name: 'spy',
      check: ({ candidate, incumbent }) => {
        seen.push([candidate.version, incumbent?.version]);
        return { gate: 'spy', passed: true, reason: '' };
      },
    };
    for (const version of [1, 2]) await registry.promote('fraud', version, { ...toProduction, gates: [spy] });
    await registry.promote('fraud', 1, { ...toProduction, stage: 'Staging', gates: [spy] });
    await registry.promote('fraud', 3, { ...toProduction, stage: 'Archived', gates: [spy] });
    expect(seen).toEqual([
      [1, undefined],
      [2, 1],
      [1, undefined],
      [3, undefined],
    ]);
  });

  it('is judged again when another version came into Production meanwhile', async () => {
    const incumbents: (number | undefined)[] = [];
    const meddling: Gate = {
      name: 'beats incumbent',
      check: async ({ candidate, incumbent }) => {
        incumbents.push(incumbent?.version);
        if (!incumbent) await modelRegistry(place.open()).promote('fraud', 2, toProduction);
        const passed = !incumbent || candidate.version > incumbent.version;
        return { gate: 'beats incumbent', passed, reason: `against ${incumbent?.version}` };
      },
    };
    expect(await registry.promote('fraud', 1, { ...toProduction, gates: [meddling] })).toMatchObject({
      promoted: false,
      previous: 2,
    });
    expect(incumbents).toEqual([undefined, 2]);
    expect((await registry.production('fraud'))?.version).toBe(2);
  });

  it('conflicts when the expected version left while the gates judged', async () => {
    const meddling: Gate = {
      name: 'slow',
      check: async () => {
        await modelRegistry(place.open()).promote('fraud', 2, toProduction);
        return { gate: 'slow', passed: true, reason: '' };
      },
    };
    const promoting = registry.promote('fraud', 1, { ...toProduction, expectedCurrent: null, gates: [meddling] });
    await expect(promoting).rejects.toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
    expect(await stages()).toEqual(['None', 'Production', 'None']);
  });

  it('is judged once when the log moves on, but not the stage nor the candidate', async () => {
    let judged = 0;
    const busy: Gate = {
      name: 'busy',
      check: async () => {
        judged++;
        await register(1);
        await registry.promote('fraud', 3, { ...toProduction, stage: 'Staging' });
        return { gate: 'busy', passed: true, reason: '' };
      },
    };
    await registry.promote('fraud', 2, toProduction);
    const promoting = registry.promote('fraud', 1, { ...toProduction, expectedCurrent: 2, gates: [busy] });
    expect(await promoting).toMatchObject({ promoted: true, previous: 2, seq: 7 });
    expect(judged).toBe(1);
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('is judged again when the candidate came into another stage meanwhile', async () => {
    const seen: string[] = [];
    const spy: Gate = {
      name: 'spy',
      check: async ({ candidate }) => {
        seen.push(candidate.stage);
        await registry.promote('fraud', 1, { ...toProduction, stage: 'Staging' });
        return { gate: 'spy', passed: true, reason: '' };
      },
    };
    expect(await registry.promote('fraud', 1, { ...toProduction, gates: [spy] })).toMatchObject({ promoted: true });
    expect(seen).toEqual(['None', 'Staging']);
  });

  it('gives up when the stage changes at each judgement', async () => {
    let judged = 0;
    const busy: Gate = {
      name: 'busy',
      check: async () => {
        await registry.promote('fraud', 2 + (judged++ % 2), toProduction);
        return { gate: 'busy', passed: true, reason: '' };
      },
    };
    await expect(registry.promote('fraud', 1, { ...toProduction, gates: [busy] })).rejects.toMatchObject({
      code: 'CONTENTION',
      retryable: true,
    });
    expect(judged).toBe(20);
    expect((await stages())[0]).toBe('None');
  });

  it('without gates never gives up, however many promote to the same stage', async () => {
    const rivals = 40;
    await register(rivals - 3);
    // Whoever wants to append finds that somebody was faster, 30 times.
    let left = 30;
    const unlucky = modelRegistry(
      watchedStore(place.open(), {
        before: async (call, key) => {
          if (call !== 'put' || !key.startsWith('models/') || left === 0) return;
          await registry.promote('fraud', 2 + (left-- % (rivals - 1)), toProduction);
        },
      }),
    );
    expect(await unlucky.promote('fraud', 1, toProduction)).toMatchObject({ promoted: true, version: 1, previous: 3 });
    expect((await registry.production('fraud'))?.version).toBe(1);
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('refuses bad input before any gate is asked', async () => {
    const never: Gate = { name: 'never', check: () => Promise.reject(new Error('asked')) };
    const refused: [object, string, string][] = [
      [{ stage: 'None' }, 'INVALID_STAGE', 'expected one of Staging, Production, Archived'],
      [{ stage: 'production' }, 'INVALID_STAGE', 'stage "production"'],
      [{ by: '' }, 'INVALID_ARGUMENT', 'by'],
      [{ by: undefined }, 'INVALID_ARGUMENT', 'by'],
      [{ why: 'x'.repeat(4_001) }, 'LIMIT_EXCEEDED', 'why'],
      [{ expectedCurrent: 0 }, 'INVALID_VERSION', 'version 0'],
      [{ stage: 'Archived', expectedCurrent: 1 }, 'INVALID_ARGUMENT', 'expectedCurrent'],
      [{ gates: [never, never] }, 'INVALID_ARGUMENT', 'gate name "never"'],
      [{ gates: null }, 'INVALID_ARGUMENT', 'gates is null, expected an array'],
      [{ gates: {} }, 'INVALID_ARGUMENT', 'gates is an object, expected an array'],
      [{ gates: [null] }, 'INVALID_ARGUMENT', 'gate is null, expected an object'],
      [{ gates: [{ name: 'g' }] }, 'INVALID_ARGUMENT', 'gate "g": check is undefined, expected a function'],
      [{ gateTimeoutMs: 0 }, 'INVALID_ARGUMENT', 'gateTimeoutMs is 0'],
      [{ gateTimeoutMs: 2 ** 31 }, 'INVALID_ARGUMENT', 'at most 2147483647 milliseconds'],
      [{ stage: Object.create(null) }, 'INVALID_STAGE', 'stage "(object)"'],
      [{ gates: Array.from({ length: 51 }, (_, i) => gate(`g${i}`, true)) }, 'LIMIT_EXCEEDED', 'gates has 51 entries'],
    ];
    for (const [change, expected, message] of refused) {
      const promoting = registry.promote('fraud', 1, { ...toProduction, gates: [never], ...change });
      await expect(promoting).rejects.toEqual(code(expected));
      await expect(promoting).rejects.toThrow(message);
    }
    await expect(registry.promote('fraud', 4, toProduction)).rejects.toEqual(code('NOT_FOUND', { version: 4, lastVersion: 3 }));
    for (const version of [1.5, Symbol('1'), Object.create(null)]) {
      await expect(registry.promote('fraud', version as never, toProduction)).rejects.toEqual(code('INVALID_VERSION'));
    }
    for (const options of [undefined, null, 'Production'] as never[]) {
      await expect(registry.promote('fraud', 1, options)).rejects.toThrow(
        /^promote fraud version 1: options is .*, expected an object$/,
      );
      await expect(registry.rollback('fraud', options)).rejects.toThrow(/^rollback fraud: options is .*, expected an object$/);
    }
    expect(await registry.head('fraud')).toBe(3);
  });

  it('is undone by a rollback, step by step', async () => {
    for (const version of [1, 2, 3]) await registry.promote('fraud', version, toProduction);
    expect(await registry.rollback('fraud', { by: 'on-call', why: 'false alarms' })).toEqual({
      promoted: true,
      stage: 'Production',
      version: 2,
      previous: 3,
      gates: [],
      reason: 'rolled back from version 3: false alarms',
      seq: 7,
    });
    expect(await stages()).toEqual(['Archived', 'Production', 'Archived']);
    await registry.rollback('fraud', by);
    expect(await stages()).toEqual(['Production', 'Archived', 'Archived']);
    await expect(registry.rollback('fraud', by)).rejects.toEqual(code('NOTHING_TO_ROLL_BACK', { production: 1 }));
    await expect(registry.rollback('fraud', { ...by, expectedCurrent: 3 })).rejects.toMatchObject({
      code: 'CONFLICT',
      currentVersion: 1,
    });
  });

  it('is undone once by many who roll back at once', async () => {
    for (const version of [1, 2, 3]) await registry.promote('fraud', version, toProduction);
    const rollbacks = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        modelRegistry(jitteryStore(place.open(), i)).rollback('fraud', { ...by, expectedCurrent: 3 }),
      ),
    );
    expect(rollbacks.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect((await registry.production('fraud'))?.version).toBe(2);
  });
});
