/** Writes of a run that arrive late: their writer was told that nobody knows, looked, did not see them, and then they were kept after all. */
import { type BlobStore, memoryStore } from '@fraudops/core';
import { expect, it } from 'vitest';
import { storeError, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';

/** A store whose next put of a run's record goes wrong in this way, each time that it is asked for. */
function storeWithLateWrites(): { store: BlobStore; delayNext(): void; arrive(): Promise<unknown> } {
  const kept = watchedStore(memoryStore(), {});
  let isDelayed = false;
  let late: (() => Promise<unknown>) | undefined;
  const store: BlobStore = {
    ...kept,
    async put(key, bytes, when) {
      if (!isDelayed || !key.startsWith('runs/')) return kept.put(key, bytes, when);
      isDelayed = false;
      late = () => kept.put(key, bytes, when);
      throw storeError('UNKNOWN_OUTCOME', key);
    },
  };
  return { store, delayNext: () => (isDelayed = true), arrive: () => late!() };
}

it('a run may be finished again when its first end arrived late', async () => {
  const { store, delayNext, arrive } = storeWithLateWrites();
  const run = await tracker(store).startRun({ experiment: 'fraud' });
  await run.logMetrics({ loss: 1 });
  delayNext();
  await expect(run.finish('failed')).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
  await arrive();
  await run.finish('failed');
  expect(await tracker(store).getRun(run.id)).toMatchObject({ status: 'failed', metrics: { loss: { value: 1 } } });
  await expect(run.logMetrics({ loss: 2 })).rejects.toMatchObject({ code: 'RUN_ENDED' });
});

it('points are there once when the record that counts them arrived late', async () => {
  const { store, delayNext, arrive } = storeWithLateWrites();
  const run = await tracker(store).startRun({ experiment: 'fraud' });
  delayNext();
  await expect(run.logMetrics({ loss: 1 }, { step: 1 })).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
  await arrive();
  await run.logMetrics({ loss: 1 }, { step: 1 });
  await run.finish();
  expect(await tracker(store).metricHistory(run.id, 'loss')).toMatchObject([{ value: 1, step: 1 }]);
});
