/** Imports of long histories, and of those that died on the way. */
import { type BlobStore, fileStore, memoryStore } from '@fraudops/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importMarkerKey } from './import-marker.js';
import { exportModelBytes } from './model-archive.js';
import { importModel } from './model-import.js';
import { modelRegistry } from './model-registry.js';
import { dyingStore, keysOf, watchedStore } from './store-places.fixture.js';

const VERSIONS = 2_000;
const by = { by: 'ana', why: 'test' };

let source: BlobStore;
let archive: Uint8Array;
beforeAll(async () => {
  source = memoryStore();
  const registry = modelRegistry(source);
  for (let i = 1; i <= VERSIONS; i++) {
    await registry.register('fraud', { files: [{ path: 'model.json', bytes: new TextEncoder().encode(`{"v":${i}}`) }] }, by);
  }
  await registry.promote('fraud', 1_999, { stage: 'Production', ...by });
  archive = await exportModelBytes(source, 'fraud');
}, 60_000);

async function requireWhole(store: BlobStore): Promise<void> {
  const registry = modelRegistry(store);
  const { ok, head, headSha256, versionCount } = await registry.verify('fraud');
  expect({ ok, head, versionCount }).toEqual({ ok: true, head: VERSIONS + 1, versionCount: VERSIONS });
  expect(headSha256).toBe((await modelRegistry(source).verify('fraud')).headSha256);
  expect((await registry.production('fraud'))?.version).toBe(1_999);
  expect(new TextDecoder().decode((await registry.load('fraud', 1_234)).get('model.json'))).toBe('{"v":1234}');
}

/** The archive in pieces, as a file is read, and how often it was begun. */
function inPieces() {
  const reads = { count: 0 };
  const read = async function* () {
    reads.count++;
    for (let at = 0; at < archive.length; at += 65_536) yield archive.subarray(at, at + 65_536);
  };
  return { reads, read };
}

describe('the import of 2,000 versions', () => {
  it('brings all of them into memory and into a folder, reading the file three times and never holding it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-import-'));
    try {
      for (const store of [memoryStore(), fileStore(folder)]) {
        const { reads, read } = inPieces();
        const report = await importModel(store, read);
        expect(report).toMatchObject({ outcome: 'created', eventCount: VERSIONS + 1, versionCount: VERSIONS });
        expect(reads.count).toBe(3);
        await requireWhole(store);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 120_000);

  it('takes two requests for each event and file, and few when all is there', async () => {
    const memory = memoryStore();
    let requests = 0;
    const counted = watchedStore(memory, { before: () => void requests++ });
    const store: BlobStore = { ...counted, getMany: (keys) => (requests++, memory.getMany!(keys)) };
    await importModel(store, archive);
    expect(requests).toBeLessThan(2 * VERSIONS + 100);
    requests = 0;
    expect(await importModel(store, archive)).toMatchObject({ outcome: 'unchanged', eventCount: 0 });
    expect(requests).toBeLessThan(10);
  });

  it.each([500, VERSIONS + 1, VERSIONS + 2, VERSIONS + 1_000, 2 * VERSIONS + 1])(
    'that died after %i puts is hidden, and finished by importing the same file again',
    async (puts) => {
      const memory = memoryStore();
      await expect(importModel(dyingStore(memory, puts), archive)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      const registry = modelRegistry(memory);
      expect(await registry.model('fraud')).toBeUndefined();
      const events = (await keysOf(memory, 'models/fraud/log/0')).length;
      expect(events).toBe(Math.max(0, puts - VERSIONS - 1));
      const eventPuts: string[] = [];
      const again = watchedStore(memory, {
        before: (call, key) => void (call === 'put' && key.startsWith('models/fraud/log/0') && eventPuts.push(key)),
      });
      const report = await importModel(again, archive);
      expect(report).toMatchObject({ outcome: 'created', eventCount: VERSIONS + 1, versionCount: VERSIONS });
      expect(eventPuts, 'what is there is not written again').toHaveLength(VERSIONS + 1 - events);
      expect(await memory.get(importMarkerKey('fraud'))).toBeUndefined();
      await requireWhole(memory);
      expect(await importModel(memory, archive)).toMatchObject({ outcome: 'unchanged' });
    },
    60_000,
  );
});
