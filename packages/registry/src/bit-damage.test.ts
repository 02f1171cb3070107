/** Any one bit that changes in what is stored is found by whoever reads it next, and named. */
import { type BlobStore, memoryStore, sha256Hex } from '@fraudops/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import { eventKey } from './registry-event.js';
import { runKey } from './run-record.js';
import { flipBit, keysOf } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const by = { by: 'ana', why: 'test' };
const toProduction = { stage: 'Production', ...by } as const;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const contents = { 'model.json': '{"trees":[1,2,3]}', 'plots/roc.svg': '<svg/>' };

let store: BlobStore;
let registry: ModelRegistry;
beforeEach(async () => {
  store = memoryStore();
  registry = modelRegistry(store);
  const files = Object.entries(contents).map(([path, text]) => ({ path, bytes: bytesOf(text) }));
  await registry.register('fraud', { files, metrics: { rocAuc: 0.9 } });
  await registry.register('fraud', { files: files.slice(1) });
  await registry.promote('fraud', 1, toProduction);
});

/** Flips each `step`th bit of a blob, one at a time, and puts it right again after the check. */
async function eachBit(key: string, step: number, check: (bit: number) => Promise<void>): Promise<void> {
  const { bytes } = (await store.get(key))!;
  for (let bit = 0; bit < 8 * bytes.length; bit += step) {
    await flipBit(store, key, bit);
    await check(bit);
    await flipBit(store, key, bit);
  }
}

/** What a call throws, as far as it says what is damaged. */
async function damageSeenBy(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return 'nothing';
  } catch (error) {
    const { code, details, message } = error as { code: string; details: Record<string, unknown>; message: string };
    return { code, at: details['seq'] ?? details['path'] ?? details['id'], message };
  }
}

const seen = (code: string, at: number | string) => ({ code, at, message: expect.stringContaining(String(at)) });

describe('a bit that flips', () => {
  it.each([1, 2, 3])('in event %i is named by whoever reads the log, and nobody builds on it', async (seq) => {
    const expected = seen('CORRUPT_LOG', seq);
    await eachBit(eventKey('fraud', seq), 1, async (bit) => {
      expect(await damageSeenBy(() => modelRegistry(store).history('fraud')), `bit ${bit}`).toEqual(expected);
    });
    const keys = await keysOf(store);
    await eachBit(eventKey('fraud', seq), 37, async (bit) => {
      const fresh = modelRegistry(store);
      for (const call of [
        () => fresh.load('fraud', 1),
        () => fresh.production('fraud'),
        () => fresh.promote('fraud', 2, toProduction),
        () => fresh.rollback('fraud', by),
        () => fresh.register('fraud', { files: [{ path: 'model.json', bytes: bytesOf(contents['model.json']) }] }),
      ]) {
        expect(await damageSeenBy(call), `bit ${bit}`).toEqual(expected);
      }
      const { problems } = await fresh.verify('fraud');
      expect(problems, `bit ${bit}`).toEqual([expect.objectContaining({ code: 'CORRUPT_LOG', seq })]);
    });
    expect(await keysOf(store)).toEqual(keys);
    expect((await registry.verify('fraud')).ok).toBe(true);
  });

  it('in an event that a living reader has not read yet is named by its next look, and the state before stays unbuilt on', async () => {
    const reader = modelRegistry(store);
    expect(await reader.head('fraud')).toBe(3);
    await registry.promote('fraud', 2, toProduction);
    await flipBit(store, eventKey('fraud', 4), 99);
    for (const call of [() => reader.production('fraud'), () => reader.promote('fraud', 2, toProduction)]) {
      expect(await damageSeenBy(call)).toEqual(seen('CORRUPT_LOG', 4));
    }
    await flipBit(store, eventKey('fraud', 4), 99);
    expect((await reader.production('fraud'))?.version).toBe(2);
  });

  it.each(Object.entries(contents))('in file %s is named by load and by verify', async (path, text) => {
    const sha256 = sha256Hex(text);
    await eachBit(`blobs/${sha256.slice(0, 2)}/${sha256}`, 1, async (bit) => {
      expect(await damageSeenBy(() => registry.load('fraud', 1)), `bit ${bit}`).toEqual(seen('CORRUPT_ARTIFACT', path));
      const { problems } = await registry.verify('fraud');
      expect(problems, `bit ${bit}`).toEqual([expect.objectContaining({ code: 'CORRUPT_ARTIFACT', version: 1, path })]);
    });
  });

  it('in a run or its points names the run', async () => {
    const runs = tracker(store);
    const run = await runs.startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 0.5 }, { step: 1 });
    await run.finish();
    const expected = seen('CORRUPT_RUN', run.id);
    await eachBit(runKey('fraud', run.id), 1, async (bit) => {
      expect(await damageSeenBy(() => runs.getRun(run.id)), `bit ${bit}`).toEqual(expected);
    });
    for (const key of await keysOf(store, `run-metrics/${run.id}/`)) {
      await eachBit(key, 1, async (bit) => {
        expect(await damageSeenBy(() => runs.metricHistory(run.id, 'loss')), `bit ${bit}`).toEqual(expected);
      });
    }
  });
});
