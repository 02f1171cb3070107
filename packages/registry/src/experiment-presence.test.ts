import { type BlobStore, memoryStore } from '@fraudops/core';
import { expect, it } from 'vitest';
import { keysOf, storeError, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';

/** A store that notes what it is asked of experiments and runs. */
function notedStore(memory: BlobStore) {
  const calls: string[] = [];
  const store = watchedStore(memory, { before: (call, key) => calls.push(`${call} ${key.split('/')[0]}`) });
  return { store, calls };
}

it('runs that are started at once share a look at their experiment', async () => {
  const { store, calls } = notedStore(memoryStore());
  const runs = tracker(store);
  await runs.startRun({ experiment: 'fraud' });
  calls.length = 0;
  await Promise.all(Array.from({ length: 16 }, () => runs.startRun({ experiment: 'fraud' })));
  expect(calls.filter((call) => call === 'put runs')).toHaveLength(16);
  expect(calls.filter((call) => call === 'list experiments').length).toBeLessThanOrEqual(2);
});

it('a run is taken back when its experiment was deleted since the last look, and then none is written', async () => {
  const memory = memoryStore();
  const { store, calls } = notedStore(memory);
  const runs = tracker(store);
  const { id } = await runs.startRun({ experiment: 'fraud' });
  await tracker(memory).deleteExperiment('fraud');
  for (const puts of [1, 0]) {
    calls.length = 0;
    await expect(runs.startRun({ experiment: 'fraud' })).rejects.toMatchObject({ code: 'EXPERIMENT_DELETED' });
    expect(calls.filter((call) => call === 'put runs')).toHaveLength(puts);
    expect(await keysOf(memory, 'runs/')).toEqual([`runs/fraud/${id}.json`]);
  }
  await tracker(memory).restoreExperiment('fraud');
  await runs.startRun({ experiment: 'fraud' });
  expect(await keysOf(memory, 'runs/')).toHaveLength(2);
});

it('a run is taken back when its experiment can’t be looked at', async () => {
  const memory = memoryStore();
  let isAway = false;
  const store = watchedStore(memory, {
    before: (call, key) => {
      if (isAway && call === 'list') throw storeError('UNAVAILABLE', key);
    },
  });
  const runs = tracker(store);
  await runs.startRun({ experiment: 'fraud' });
  isAway = true;
  await expect(runs.startRun({ experiment: 'fraud' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  isAway = false;
  expect(await keysOf(memory, 'runs/')).toHaveLength(1);
});
