/** A collector whose clock is wrong deletes nothing. */
import { type Clock, memoryStore } from '@fraudops/core';
import { describe, expect, it, vi } from 'vitest';
import { HOUR_MS, bytesOf, holdTime, pass, putGarbage } from './garbage.fixture.js';
import { collectGarbage } from './garbage-collection.js';
import { readCollection } from './garbage-record.js';
import type { RegistryError } from './registry-error.js';
import { keysOf, storeError, storePlaces, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';

holdTime();

describe('collectGarbage', () => {
  it.each(storePlaces)(
    "refuses a clock that differs from the store's by more than half an hour, on %s",
    async (_name, makePlace) => {
      vi.useRealTimers();
      const place = await makePlace();
      const store = place.open();
      await putGarbage(store, 'x', 'y');
      const run = await tracker(store).startRun({ experiment: 'fraud' });
      await run.logMetrics({ loss: 1 });
      await run.finish();
      for (const key of await keysOf(store, 'runs/')) await store.delete(key);
      const ahead = (ms: number): Clock => ({ now: () => Date.now() + ms });
      // What is deleted here is old only by the skewed clock.
      for (const skewMs of [25 * HOUR_MS, 40 * 24 * HOUR_MS]) {
        const clock = ahead(skewMs);
        const refused = await collectGarbage(store, { clock }).catch((error: unknown) => error as RegistryError);
        expect(refused).toMatchObject({ code: 'CLOCK_SKEW', retryable: false, details: { maxMs: HOUR_MS / 2 } });
        const { clockMs, storeMs } = (refused as RegistryError).details as { clockMs: number; storeMs: number };
        expect(Math.abs(clockMs - storeMs - skewMs)).toBeLessThan(HOUR_MS / 10);
        for (const ms of [clockMs, storeMs]) expect((refused as RegistryError).message).toContain(new Date(ms).toISOString());
      }
      expect(await keysOf(store, 'blobs/')).toHaveLength(2);
      expect(await keysOf(store, 'run-metrics/')).toHaveLength(1);
      expect(await readCollection(store)).toMatchObject({ collection: 0, open: false, condemned: [] });
      expect((await collectGarbage(store, { clock: ahead(25 * HOUR_MS), dryRun: true })).deletedCount).toBe(2);
      await place.dispose();
    },
  );

  it('lets a clock be half an hour ahead or behind, and refuses one more minute, also when there are only metric batches', async () => {
    const minutes = (count: number): Clock => ({ now: () => Date.now() + count * 60_000 });
    for (const what of ['files', 'batches']) {
      const store = memoryStore();
      const put = async () =>
        what === 'files' ? putGarbage(store, 'x') : store.put('run-metrics/gone/00000001.json', bytesOf('x'));
      await put();
      pass(26);
      for (const skew of [31, -31]) {
        await expect(collectGarbage(store, { clock: minutes(skew) }), `${skew}`).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
      }
      for (const skew of [30, -30]) {
        const { deletedCount, metricBatchCount } = await collectGarbage(store, { clock: minutes(skew) });
        expect(deletedCount + metricBatchCount).toBe(1);
        await put();
        pass(26);
      }
    }
  });

  it('leaves sentences of others alone when its clock is wrong', async () => {
    const store = memoryStore();
    await putGarbage(store, 'x', 'y');
    pass(25);
    const failing = watchedStore(store, {
      before: (call, key) => {
        if (call === 'delete') throw storeError('UNAVAILABLE', key);
      },
    });
    await expect(collectGarbage(failing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const { condemned } = await readCollection(store);
    const late: Clock = { now: () => Date.now() + 31 * 24 * HOUR_MS };
    await expect(collectGarbage(store, { clock: late })).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
    expect((await readCollection(store)).condemned).toEqual(condemned);
  });

  it('does not make a dead collection look alive when its clock is wrong', async () => {
    const store = memoryStore();
    await putGarbage(store, 'x');
    pass(25);
    // Killed in the midst of it: nothing is written any more once its sentence is.
    let isDead = false;
    const dying = watchedStore(store, {
      before: async (call, key) => {
        if (isDead) throw storeError('UNAVAILABLE', key);
        isDead = call === 'put' && (await readCollection(store)).id !== '';
      },
    });
    await expect(collectGarbage(dying)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    isDead = true;
    const { open, modifiedMs } = await readCollection(store);
    expect(open).toBe(true);
    const ahead: Clock = { now: () => Date.now() + 2 * HOUR_MS };
    for (const hours of [0.5, 0.6]) {
      pass(hours);
      await expect(collectGarbage(store, { clock: ahead })).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
      expect(await readCollection(store)).toMatchObject({ open: true, heardMs: modifiedMs });
      if (hours === 0.5)
        await expect(collectGarbage(store)).rejects.toMatchObject({ code: 'CONTENTION', details: { sinceMs: modifiedMs } });
    }
    expect((await collectGarbage(store)).deletedCount).toBe(1);
    expect((await readCollection(store)).open).toBe(false);
  });
});
