/** What a run promises when the store is slow or fails. */
import { type BlobStore, memoryStore } from '@fraudops/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Run } from './run.js';
import { keysOf, storeError, watchedStore } from './store-places.fixture.js';
import { tracker } from './tracker.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a run on a store that is slow', () => {
  it('is finished only when the files under way are kept', async () => {
    const memory = memoryStore();
    const store = watchedStore(memory, {
      before: (call, key) =>
        call === 'put' && key.startsWith('blobs/') ? new Promise((resolve) => setTimeout(resolve, 20)) : undefined,
    });
    const run = await tracker(store).startRun({ experiment: 'fraud' });
    const saving = ['a', 'b', 'c'].map((name) => run.logArtifact(name, bytesOf(name)));
    const finishing = run.finish();
    await expect(run.logArtifact('d', bytesOf('d'))).rejects.toEqual(code('RUN_ENDED'));
    await finishing;
    const record = (await tracker(memory).getRun(run.id))!;
    expect(record.artifacts.map(({ path }) => path)).toEqual(['a', 'b', 'c']);
    await Promise.all(saving);
    expect(await tracker(memory).getRun(run.id), 'nothing was written after the end').toEqual(record);
  });
});

it('keeps metrics that are called as members of all objects are', async () => {
  const runs = tracker(memoryStore());
  const run = await runs.startRun({ experiment: 'fraud' });
  await run.logMetrics({ constructor: 0.5, plain: 2 });
  await run.logMetrics({ toString: 1 });
  await run.finish();
  const { metrics } = (await runs.getRun(run.id))!;
  const shown = Object.entries(metrics).map(([name, { value }]) => `${name} ${value}`);
  expect(shown.toSorted()).toEqual(['constructor 0.5', 'plain 2', 'toString 1']);
});

describe('a run on a store that fails', () => {
  let memory: BlobStore;
  let run: Run;
  /** Puts that fail: how many more, of keys that begin so. */
  let failing: { prefix: string; left: number; kept?: boolean };
  const metrics = async () => (await tracker(memory).getRun(run.id))!.metrics;
  const values = async (metric: string) => (await tracker(memory).metricHistory(run.id, metric)).map(({ value }) => value);
  beforeEach(async () => {
    memory = memoryStore();
    failing = { prefix: '', left: 0 };
    const fail = (kept: boolean) => (call: string, key: string) => {
      if (call !== 'put' || kept !== (failing.kept ?? false) || !key.startsWith(failing.prefix) || failing.left === 0) return;
      failing.left--;
      throw storeError('UNAVAILABLE', key);
    };
    run = await tracker(watchedStore(memory, { before: fail(false), after: fail(true) })).startRun({ experiment: 'fraud' });
  });

  it('shows in its record what is in its history, when the update for it failed', async () => {
    failing = { prefix: 'runs/', left: 1 };
    await expect(run.logMetrics({ loss: 1 })).rejects.toEqual(code('UNAVAILABLE'));
    await run.finish();
    expect(await metrics()).toMatchObject({ loss: { value: 1 } });
    expect(await values('loss')).toEqual([1]);
  });

  it.each([
    ['the record', { prefix: 'runs/', left: 1 }],
    ['the batch', { prefix: 'run-metrics/', left: 1 }],
    ['the batch after it was kept', { prefix: 'run-metrics/', left: 1, kept: true }],
    ['the batch, three times', { prefix: 'run-metrics/', left: 3 }],
  ])('has a point once that its caller logs until it is written: %s', async (_name, failure) => {
    failing = { ...failure };
    for (let failures = failure.left; failures > 0; failures--)
      await expect(run.logMetrics({ loss: 1 })).rejects.toEqual(code('UNAVAILABLE'));
    await run.logMetrics({ loss: 1 });
    await run.logMetrics({ loss: 0.5 }, { step: 1 });
    await run.finish();
    expect(await values('loss')).toEqual([1, 0.5]);
    expect(await keysOf(memory, 'run-metrics/')).toHaveLength(2);
  });

  it('writes with the next call what its caller did not log again', async () => {
    failing = { prefix: 'run-metrics/', left: 2 };
    for (const step of [0, 1]) await expect(run.logMetrics({ loss: step }, { step })).rejects.toEqual(code('UNAVAILABLE'));
    await run.logMetrics({ loss: 2 }, { step: 2 });
    expect(await values('loss')).toEqual([0, 1, 2]);
    expect(await metrics()).toMatchObject({ loss: { value: 2, step: 2 } });
  });

  it('is not finished while points of it are not written', async () => {
    failing = { prefix: 'run-metrics/', left: Infinity };
    for (const step of [0, 1, 2]) await expect(run.logMetrics({ loss: step }, { step })).rejects.toEqual(code('UNAVAILABLE'));
    await expect(run.finish()).rejects.toEqual(code('UNAVAILABLE'));
    expect(await tracker(memory).getRun(run.id)).toMatchObject({ status: 'running', metrics: {} });
    failing.left = 0;
    await run.finish();
    expect(await tracker(memory).getRun(run.id)).toMatchObject({ status: 'finished', metrics: { loss: { value: 2 } } });
    expect(await values('loss')).toEqual([0, 1, 2]);
  });

  it('tells of a file that failed the one who gave it, and ends', async () => {
    failing = { prefix: 'blobs/', left: 1 };
    const saving = run.logArtifact('a', bytesOf('a'));
    await Promise.all([expect(saving).rejects.toEqual(code('UNAVAILABLE')), run.finish()]);
    expect(await tracker(memory).getRun(run.id)).toMatchObject({ status: 'finished', artifacts: [] });
  });
});

describe('the metric batches of a run', () => {
  it('that are missing are named', async () => {
    const memory = memoryStore();
    const runs = tracker(memory);
    const run = await runs.startRun({ experiment: 'fraud' });
    for (const step of [0, 1, 2]) await run.logMetrics({ loss: step }, { step });
    for (const number of [1, 2, 3]) {
      const key = `run-metrics/${run.id}/0000000${number}.json`;
      const { bytes } = (await memory.get(key))!;
      await memory.delete(key);
      await expect(runs.metricHistory(run.id, 'loss')).rejects.toEqual(code('CORRUPT_RUN'));
      await expect(runs.metricHistory(run.id, 'loss')).rejects.toThrow(`run ${run.id}: ${key}: it is missing`);
      await memory.put(key, bytes);
    }
    await memory.put(`run-metrics/${run.id}/99999999.json`, bytesOf('junk'));
    await expect(runs.metricHistory(run.id, 'loss')).rejects.toThrow('00000004.json: it is missing');
  });

  it('are kept beside those that somebody else wrote', async () => {
    const memory = memoryStore();
    const runs = tracker(memory);
    const run = await runs.startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 0 });
    const first = (await memory.get(`run-metrics/${run.id}/00000001.json`))!.bytes;
    await memory.put(`run-metrics/${run.id}/00000002.json`, first);
    await run.logMetrics({ loss: 1 }, { step: 1 });
    await run.logMetrics({ loss: 2 }, { step: 2 });
    expect((await runs.metricHistory(run.id, 'loss')).map(({ value }) => value)).toEqual([0, 0, 1, 2]);
    expect((await runs.getRun(run.id))?.metricBatchCount).toBe(4);
  });
});
