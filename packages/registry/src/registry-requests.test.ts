/** What the calls of a registry ask of a store that reads one blob a request, and what becomes of requests that fail. */
import { ConflictError, memoryStore } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { modelRegistry } from './model-registry.js';
import { keysOf, storeError, watchedStore } from './store-places.fixture.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const files = (text: string) => [
  { path: 'model.json', bytes: bytesOf(`model ${text}`) },
  { path: 'plots/roc.svg', bytes: bytesOf(`plot ${text}`) },
];
const code = (expected: string) => expect.objectContaining({ code: expected });
const by = { by: 'ana', why: 'test' };

describe('requests of modelRegistry', () => {
  const counting = () => {
    const memory = memoryStore();
    const requests: string[] = [];
    const store = watchedStore(memory, { before: (call, key) => requests.push(`${call} ${key}`) });
    return { memory, store, requests };
  };

  it('are one a look-up once the log was read, however long it is', async () => {
    const { memory, store, requests } = counting();
    const writer = modelRegistry(memory);
    for (let i = 0; i < 300; i++) await writer.register('fraud', { files: [{ path: 'a', bytes: bytesOf('a') }] });
    const reader = modelRegistry(store);
    expect((await reader.versions('fraud')).length).toBe(300);
    expect(
      requests.length,
      'one listing, a page that is not there yet, 300 events, the page, and the event that is not there',
    ).toBe(304);
    requests.length = 0;
    expect((await modelRegistry(store).versions('fraud')).length).toBe(300);
    expect(requests).toEqual([
      'list models/fraud/log/',
      'get log-pages/fraud/00000001',
      'get models/fraud/log/00000300.json',
      'get models/fraud/log/00000301.json',
    ]);
    requests.length = 0;
    await reader.production('fraud');
    expect(requests).toEqual(['get models/fraud/log/00000301.json']);
    requests.length = 0;
    expect(await reader.changed('fraud', 299)).toBe(true);
    expect(requests, 'known already').toEqual([]);
    expect(await reader.changed('fraud', 300)).toBe(false);
    expect(requests).toEqual(['get models/fraud/log/00000301.json']);
    requests.length = 0;
    await Promise.all(Array.from({ length: 100 }, () => reader.get('fraud', 7)));
    expect(requests.length, '100 at once share two polls').toBe(2);
  });

  it('are few for each act of one who knows the model, and for a poll', async () => {
    const { store, requests } = counting();
    const registry = modelRegistry(store);
    await registry.register('fraud', { files: files('a') });
    const costs = async (act: () => Promise<unknown>) => {
      requests.length = 0;
      await act();
      return requests.map((request) => request.split(' ')[0]).join(' ');
    };
    const toProduction = (version: number) =>
      registry.promote('fraud', version, { stage: 'Production', expectedCurrent: version - 1 || null, ...by });
    expect(
      await costs(() => registry.register('fraud', { files: files('b') })),
      'two files, no garbage collection, and an event',
    ).toBe('put put get get put');
    expect(await costs(() => toProduction(1))).toBe('get get put');
    expect(await costs(() => toProduction(2))).toBe('get get put');
    expect(await costs(() => registry.rollback('fraud', by)), 'each fifth event brings a page up to date').toBe(
      'get get put get put',
    );
    expect(await costs(() => registry.setAlias('fraud', 'best', 1, { expectedCurrent: null, ...by }))).toBe('get put');
    expect(await costs(() => registry.approve('fraud', 2, { stage: 'Production', ...by }))).toBe('get put');
    expect(await costs(() => registry.setTraffic('fraud', { champion: 100, ...by }))).toBe('get put');
    expect(await costs(() => registry.byAlias('fraud', 'best'))).toBe('get');
    expect(await costs(() => registry.traffic('fraud'))).toBe('get');
    expect(await costs(() => registry.changed('fraud', 8))).toBe('get');
  });

  it('are few for a promotion by one who never saw the model', async () => {
    const { memory, store, requests } = counting();
    await modelRegistry(memory).register('fraud', { files: files('a') });
    await modelRegistry(store).promote('fraud', 1, { stage: 'Production', ...by });
    expect(requests.map((request) => request.split(' ')[0])).toEqual(['list', 'get', 'get', 'get', 'put']);
  });

  it('may be answered twice: an event that a store wrote before its own second try is not registered again', async () => {
    const { memory } = counting();
    let lost = true;
    const store = watchedStore(memory, {
      after: (call, key) => {
        if (call !== 'put' || !key.startsWith('models/') || !lost) return;
        lost = false;
        throw new ConflictError(key, 'nothing', 'm1');
      },
    });
    const registry = modelRegistry(store);
    expect((await registry.register('fraud', { files: files('a') })).version).toBe(1);
    expect((await registry.versions('fraud')).length).toBe(1);
  });

  it('that fail leave the registry as it was, and a retry succeeds', async () => {
    for (const failure of ['NO_SPACE', 'READ_ONLY', 'UNAVAILABLE'] as const) {
      const { memory } = counting();
      let broken = true;
      const registry = modelRegistry(
        watchedStore(memory, {
          before: (call, key) => {
            if (broken && call === 'put') throw storeError(failure, key);
          },
        }),
      );
      await expect(registry.register('fraud', { files: files('a') })).rejects.toEqual(code(failure));
      expect(await keysOf(memory)).toEqual([]);
      broken = false;
      expect((await registry.register('fraud', { files: files('a') })).version).toBe(1);
    }
  });
});
