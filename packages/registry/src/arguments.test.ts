/** What nobody means to pass, and what must still end in an error that says what is wrong. */
import { type Clock, isFraudOpsError, memoryStore } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { modelRegistry } from './model-registry.js';
import { keysOf } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const files = [{ path: 'a', bytes: Uint8Array.of(1) }];
const by = { by: 'ana', why: 'test' };
/** An object that can't be made a text. */
const bare = Object.create(null) as never;
const hidden = JSON.parse('{"__proto__":1}') as never;
const hiddenText = JSON.parse('{"__proto__":"a"}') as never;

describe('arguments that are none', () => {
  const store = memoryStore();
  const registry = modelRegistry(store);
  const runs = tracker(store);
  const register = (change: object) => registry.register('fraud', { files, ...change });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a name without a text', () => registry.register(bare, { files }), 'INVALID_NAME'],
    ['a version without a text', () => registry.get('fraud', bare), 'INVALID_VERSION'],
    ['a stage without a text', () => registry.inStage('fraud', bare), 'INVALID_STAGE'],
    ['a sequence number without a text', () => registry.changed('fraud', bare), 'INVALID_ARGUMENT'],
    ['no registration', () => registry.register('fraud', undefined as never), 'INVALID_ARGUMENT'],
    ['null for options', () => registry.register('fraud', { files }, null as never), 'INVALID_ARGUMENT'],
    ['a file that is null', () => register({ files: [null] }), 'INVALID_ARGUMENT'],
    ['a path without a text', () => register({ files: [{ path: bare, bytes: Uint8Array.of(1) }] }), 'INVALID_ARGUMENT'],
    ['metrics with __proto__', () => register({ metrics: hidden }), 'INVALID_ARGUMENT'],
    ['tags with __proto__', () => register({ tags: hiddenText }), 'INVALID_ARGUMENT'],
    ['no start', () => runs.startRun(undefined as never), 'INVALID_ARGUMENT'],
    ['params with __proto__', () => runs.startRun({ experiment: 'fraud', params: hidden }), 'INVALID_ARGUMENT'],
    ['tags of a run with __proto__', () => runs.startRun({ experiment: 'fraud', tags: hiddenText }), 'INVALID_ARGUMENT'],
    ['a run id without a text', () => runs.getRun(bare), 'INVALID_ARGUMENT'],
  ])('%s', async (_name, call, code) => {
    await expect(call()).rejects.toMatchObject({ code });
    expect(await keysOf(store)).toEqual([]);
  });

  it('names the key that would be lost', async () => {
    await expect(register({ metrics: hidden })).rejects.toThrow('register: metrics.__proto__: a key begins with a letter');
  });

  it('to a run under way', async () => {
    const run = await tracker(memoryStore()).startRun({ experiment: 'fraud' });
    for (const call of [
      () => run.logMetrics(hidden),
      () => run.logMetrics(null as never),
      () => run.logMetrics({ loss: 1 }, null as never),
      () => run.logArtifact(bare, Uint8Array.of(1)),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  it('too large for an event are refused before files are written', async () => {
    const tags = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`t${i}`, '€'.repeat(6_000)]));
    await expect(register({ tags })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await keysOf(store)).toEqual([]);
  });
});

describe('calls on a model', () => {
  const store = memoryStore();
  const registry = modelRegistry(store);
  const calls = {
    get: [1],
    production: [],
    inStage: ['Staging'],
    versions: [],
    load: [1],
    history: [{}],
    verify: [],
    head: [],
    changed: [0],
    register: [{ files }, by],
    promote: [1, { stage: 'Staging', ...by }],
    rollback: [by],
    setAlias: ['champion', 1, by],
    removeAlias: ['champion', by],
    byAlias: ['champion'],
    describe: [{ tags: { a: 'x' }, ...by }],
    approve: [1, { stage: 'Production', ...by }],
    withdrawApproval: [1, { stage: 'Production', ...by }],
    setTraffic: [{ champion: 100, ...by }],
    traffic: [],
    deleteVersion: [1, by],
    model: [],
    lineage: [1],
  } satisfies Partial<Record<keyof typeof registry, unknown[]>>;
  type Call = keyof typeof calls;
  const names = Object.keys(calls) as Call[];
  const nonsense = [undefined, null, 0, -1, 1.5, Number.NaN, '', 'x'.repeat(10_000), true, [], bare, Symbol('x'), 1n];
  const invoke = async (call: Call, ...given: unknown[]): Promise<unknown> =>
    (registry[call] as (...given: unknown[]) => Promise<unknown>)(...given);

  it('are all here', () => {
    const all = Object.getOwnPropertyNames(Object.getPrototypeOf(registry)).filter((name) => name !== 'constructor');
    expect(names.toSorted()).toEqual(all.filter((name) => name !== 'models' && name !== 'watch').toSorted());
  });

  it.each([...nonsense, '..', 'a/b', 'a:b', 'a\u0000', '\u0441hampion', 'fr\u0430ud', 'Fraud', '.hidden'].map((name) => [name]))(
    'refuse names that are none',
    async (name) => {
      for (const call of names)
        await expect(invoke(call, name, ...calls[call]), call).rejects.toMatchObject({ code: 'INVALID_NAME' });
    },
  );

  it.each(names)('%s refuses arguments that are none with an error that says so, and writes nothing', async (call) => {
    await registry.register('fraud', { files });
    const before = await keysOf(store, 'models/');
    for (const [place] of calls[call].entries()) {
      for (const value of nonsense) {
        const given: unknown[] = calls[call].map((argument, i) => (i === place ? value : argument));
        const outcome = await invoke(call, 'fraud', ...given).then(
          () => undefined,
          (error: unknown) => error,
        );
        // What may be left out, and what is no error anywhere: options that default, and a first event of number 0.
        if (outcome === undefined && (value === undefined || value === 0 || Array.isArray(value) || value === bare)) continue;
        expect(isFraudOpsError(outcome), `${call} ${place} ${typeof value}: ${String(outcome)}`).toBe(true);
        expect((outcome as { message: string }).message.length).toBeLessThan(400);
      }
    }
    if (call !== 'register') expect(await keysOf(store, 'models/')).toEqual(before);
  });
});

describe('clocks and sources of ids that give nonsense', () => {
  it.each([Number.NaN, Infinity, -Infinity, 1e300, 9e15, 'noon', undefined, bare])('a clock that gives %j', async (now) => {
    const store = memoryStore();
    const clock = { now: () => now } as Clock;
    const expected = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('clock: now() gave') });
    await expect(modelRegistry(store, { clock }).register('fraud', { files })).rejects.toEqual(expected);
    await expect(tracker(store, { clock }).startRun({ experiment: 'fraud' })).rejects.toEqual(expected);
    expect(await keysOf(store)).toEqual([]);
  });

  it('a clock that breaks down changes nothing, and stops nothing once it runs again', async () => {
    let now = 1_000;
    const registry = modelRegistry(memoryStore(), { clock: { now: () => now } });
    await registry.register('fraud', { files });
    now = Number.NaN;
    const toProduction = { stage: 'Production', ...by } as const;
    await expect(registry.promote('fraud', 1, toProduction)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    now = -5;
    expect(await registry.promote('fraud', 1, toProduction)).toMatchObject({ promoted: true });
    expect((await registry.history('fraud')).map(({ atMs }) => atMs)).toEqual([1_000, 0]);
  });

  it.each([bare, undefined, '', Symbol('id') as never])('an id that is none', async (id) => {
    const newId = () => id as string;
    for (const call of [
      () => modelRegistry(memoryStore(), { newId }).register('fraud', { files }),
      () => tracker(memoryStore(), { newId }).startRun({ experiment: 'fraud' }),
    ]) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(isFraudOpsError(error) && error.code).toBe('INVALID_ARGUMENT');
    }
  });
});
