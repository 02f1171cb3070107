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

describe('clocks and sources of ids that give nonsense', () => {
  it.each([Number.NaN, Infinity, -Infinity, 1e300, 'noon', undefined, bare])('a clock that gives %j', async (now) => {
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
