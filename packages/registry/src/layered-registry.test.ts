import { type StaleReading, fileStore, layeredStore, memoryStore } from '@fraudops/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelRegistry } from './model-registry.js';
import { storeError, watchedStore } from './store-places.fixture.js';

const by = { by: 'ana', why: 'test' };
const files = (text: string) => [{ path: 'model.json', bytes: new TextEncoder().encode(text) }];

describe('modelRegistry on layers', () => {
  it('goes on reading while the durable store is away, also after a restart, and writes nothing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-layered-'));
    try {
      const inner = memoryStore();
      let away = false;
      const durable = watchedStore(inner, {
        before: (_call, key) => {
          if (away) throw storeError('UNAVAILABLE', key);
        },
      });
      const stale: StaleReading[] = [];
      const open = () => layeredStore(fileStore(folder), durable, { onStale: (reading) => stale.push(reading) });
      const elsewhere = modelRegistry(inner);
      await elsewhere.register('fraud', { files: files('one') });
      await elsewhere.promote('fraud', 1, { stage: 'Production', ...by });

      const store = open();
      const registry = modelRegistry(store);
      expect((await registry.production('fraud'))?.version).toBe(1);
      await registry.load('fraud', 1);
      await elsewhere.register('fraud', { files: files('two') });
      expect(await registry.head('fraud')).toBe(3);
      expect(stale).toEqual([]);

      away = true;
      for (const reader of [registry, modelRegistry(open())]) {
        stale.length = 0;
        expect((await reader.production('fraud'))?.version).toBe(1);
        expect(await reader.head('fraud')).toBe(3);
        expect((await reader.load('fraud', 1)).get('model.json')).toEqual(files('one')[0]!.bytes);
        expect(stale.length).toBeGreaterThan(0);
        // Nobody read it before.
        await expect(reader.load('fraud', 2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        await expect(reader.register('fraud', { files: files('three') })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        await expect(reader.promote('fraud', 2, { stage: 'Production', ...by })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      }
      expect(store.staleSinceMs).toBeTypeOf('number');

      away = false;
      await elsewhere.promote('fraud', 2, { stage: 'Production', ...by });
      expect((await registry.production('fraud'))?.version).toBe(2);
      expect(store.staleSinceMs).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
