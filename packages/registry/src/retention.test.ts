import { manualClock, memoryStore } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from './garbage-collection.js';
import { modelRegistry } from './model-registry.js';
import { emptyModelState, foldEvents, rollbackTarget } from './model-state.js';
import { retention } from './retention.js';
import { runRetention } from './run-retention.js';
import { keysOf } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const DAY_MS = 86_400_000;
const by = { by: 'ana', why: 'test' };
const files = [{ path: 'model.json', bytes: new TextEncoder().encode('{}') }];

function setUp() {
  const clock = manualClock(1_700_000_000_000);
  const store = memoryStore({ clock });
  return { clock, store, registry: modelRegistry(store, { clock }) };
}

describe('retention', () => {
  it('keeps the last, the young and what is in use, and deletes the rest with a reason in the history', async () => {
    const { clock, registry } = setUp();
    for (let version = 1; version <= 12; version++) {
      clock.advance(DAY_MS);
      await registry.register('fraud', { files });
    }
    for (const version of [2, 3]) await registry.promote('fraud', version, { stage: 'Production', ...by });
    await registry.promote('fraud', 4, { stage: 'Staging', ...by });
    await registry.setAlias('fraud', 'audited', 5, by);
    await registry.setTraffic('fraud', { champion: 90, challengers: [{ version: 6, percent: 10 }], ...by });
    await registry.promote('fraud', 7, { stage: 'Archived', ...by });
    const rules = { keepLast: 2, keepForMs: 2.5 * DAY_MS, keepStages: ['Archived'] as const, clock, ...by };
    const dry = await retention(registry, { ...rules, dryRun: true });
    expect(dry.deleted.map(({ version }) => version)).toEqual([1, 8, 9]);
    expect((await registry.versions('fraud')).length).toBe(12);
    expect(await retention(registry, rules)).toEqual({ ...dry, dryRun: false });
    expect(dry.keptCount).toBe(9);
    // Version 2, what a rollback goes back to, is archived: a rule keeps it.
    expect(dry.inUse.map(({ version, use }) => [version, use])).toEqual(
      [
        [4, 'in Staging'],
        [3, 'in Production'],
        [5, 'named by audited'],
        [6, 'in the traffic split'],
      ].toSorted((a, b) => Number(a[0]) - Number(b[0])),
    );
    expect((await registry.history('fraud')).at(-1)).toMatchObject({ type: 'deleted-version', ...by, payload: { version: 9 } });
    expect((await registry.rollback('fraud', by)).version).toBe(2);
  });

  it('refuses rules that are none', async () => {
    const { registry } = setUp();
    for (const rules of [
      {},
      { keepLast: -1 },
      { keepLast: 1.5 },
      { keepForMs: Number.NaN },
      { keepLast: 1, keepStages: ['None!'] },
      { keepLast: 1 },
    ]) {
      await expect(retention(registry, { dryRun: Object.keys(rules).length !== 1, ...rules } as never)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
    await expect(retention(registry, { keepLast: 1, model: 'none', ...by })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('never takes what is in use, nor the version a rollback needs, whatever happened', async () => {
    const step = fc.record({
      act: fc.constantFrom('register', 'production', 'staging', 'archive', 'alias', 'rollback'),
      version: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 0, max: 3 }), async (steps, keepLast) => {
        const { registry, clock } = setUp();
        await registry.register('fraud', { files });
        const acts: Record<string, (version: number) => Promise<unknown>> = {
          register: () => registry.register('fraud', { files }),
          rollback: () => registry.rollback('fraud', by),
          alias: (version) => registry.setAlias('fraud', 'audited', version, by),
          production: (version) => registry.promote('fraud', version, { stage: 'Production', ...by }),
          staging: (version) => registry.promote('fraud', version, { stage: 'Staging', ...by }),
          archive: (version) => registry.promote('fraud', version, { stage: 'Archived', ...by }),
        };
        // Versions that do not exist, and nothing to roll back to, are refused.
        for (const { act, version } of steps) await acts[act]!(version).catch(() => {});
        const target = rollbackTarget(foldEvents(emptyModelState('fraud'), await registry.history('fraud')));
        const before = await registry.versions('fraud');
        const report = await retention(registry, { keepLast, clock, ...by });
        const after = new Set((await registry.versions('fraud')).map(({ version }) => version));
        expect(after.size).toBe(report.keptCount);
        for (const { version, stage, aliases } of before) {
          if (stage === 'Production' || stage === 'Staging' || aliases.length > 0) expect(after).toContain(version);
        }
        for (const { version } of before.slice(Math.max(0, before.length - keepLast))) expect(after).toContain(version);
        if (target !== undefined) expect((await registry.rollback('fraud', by)).version).toBe(target);
      }),
      { numRuns: 60 },
    );
  });
});

it('retention keeps what a rollback would go back to, also when one comes while it deletes', async () => {
  const { registry } = setUp();
  for (let i = 0; i < 6; i++) await registry.register('fraud', { files: [{ path: 'a', bytes: Uint8Array.of(i) }] });
  for (const version of [1, 2, 3]) await registry.promote('fraud', version, { stage: 'Production', ...by });
  const racing: typeof registry = Object.create(registry, {
    models: { value: () => registry.models() },
    deleteVersion: { value: registry.deleteVersion.bind(registry) },
    history: {
      value: async (name: string) => {
        const history = await registry.history(name);
        await registry.rollback(name, by);
        return history;
      },
    },
  });
  const { inUse } = await retention(racing, { keepLast: 1, ...by });
  expect(inUse).toContainEqual({ model: 'fraud', version: 1, use: 'what a rollback would go back to' });
  expect(await registry.rollback('fraud', by)).toMatchObject({ version: 1 });
});

describe('runRetention', () => {
  it('deletes old runs that came to nothing, and their batches go with the garbage', async () => {
    const { clock, store, registry } = setUp();
    let next = 0;
    const runs = tracker(store, { clock, newId: () => `r${next++}` });
    const [finished, failed, crashed, named] = [0, 1, 2, 3].map(() => runs.startRun({ experiment: 'fraud' }));
    for (const run of [finished, failed, crashed, named]) await (await run!).logMetrics({ loss: 1 });
    await (await finished!).finish();
    for (const run of [failed, named]) await (await run!).finish('failed');
    await registry.register('fraud', { files, runId: (await named!).id });
    expect((await runRetention(store, { keepForMs: DAY_MS, clock })).deleted).toEqual([]);
    clock.advance(2 * DAY_MS);
    await (await runs.startRun({ experiment: 'fraud' })).logMetrics({ loss: 1 });
    const gone = [(await failed!).id, (await crashed!).id];
    expect(await runRetention(store, { keepForMs: DAY_MS, clock, dryRun: true })).toEqual({
      dryRun: true,
      deleted: gone,
      keptCount: 3,
    });
    expect(await runRetention(store, { keepForMs: DAY_MS, clock })).toEqual({ dryRun: false, deleted: gone, keptCount: 3 });
    expect((await collectGarbage(store, { clock })).metricBatchCount).toBe(2);
    expect((await keysOf(store, 'run-metrics/')).some((key) => gone.includes(key.split('/')[1]!))).toBe(false);
    await expect(runRetention(store, { keepForMs: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
