import { type BlobStore, ConflictError, type ManualClock, manualClock, memoryStore, sha256Hex } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord } from './run-record.js';
import { type StorePlace, flipBit, keysOf, storeError, storePlaces, watchedStore } from './store-places.fixture.js';
import { type Tracker, tracker } from './tracker.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const code = (expected: string) => expect.objectContaining({ code: expected });
const startedMs = Date.UTC(2024, 0, 1);

async function listed(runs: AsyncIterable<RunRecord>): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const record of runs) records.push(record);
  return records;
}

describe.each(storePlaces)('tracker on %s', (_name, makePlace) => {
  let place: StorePlace;
  let store: BlobStore;
  let clock: ManualClock;
  let runs: Tracker;
  let ids: number;
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    clock = manualClock(startedMs);
    ids = 0;
    runs = tracker(store, { clock, newId: () => `n${++ids}` });
  });
  afterEach(() => place.dispose());

  it('keeps what a run was given, logged and became', async () => {
    const run = await runs.startRun({
      experiment: 'fraud',
      name: 'baseline',
      params: { algorithm: 'boosting', trees: 100, calibrated: false },
      seed: 7,
      codeVersion: '4b825dc',
      codeDirty: true,
      user: 'ana',
      environment: { node: 'v22.0.0', platform: 'linux', arch: 'x64', packages: { '@fraudops/core': '1.0.0' } },
      inputs: [{ name: 'transactions', fingerprint: 'f1', rows: 10, fromMs: -5, toMs: 5, context: 'training' }],
      tags: { market: 'eu' },
    });
    expect(run).toMatchObject({ id: '0lqu5m2o0-f02b95ed-n1', experiment: 'fraud' });
    clock.advance(10);
    await run.logMetrics({ loss: 0.7, rocAuc: 0.8 }, { step: 1 });
    clock.advance(10);
    await run.logMetrics({ loss: 0.6, undefinedHere: null }, { step: 2 });
    await run.logArtifact('plots/roc.svg', bytesOf('<svg/>'));
    await run.logArtifact('model.json', bytesOf('{}'));
    clock.advance(10);
    await run.finish();
    expect(await tracker(place.open()).getRun(run.id)).toEqual({
      id: run.id,
      experiment: 'fraud',
      name: 'baseline',
      status: 'finished',
      startedMs,
      updatedMs: startedMs + 30,
      heartbeatMs: startedMs + 30,
      heartbeatIntervalMs: 30_000,
      endedMs: startedMs + 30,
      user: 'ana',
      params: { algorithm: 'boosting', trees: 100, calibrated: false },
      seed: 7,
      codeVersion: '4b825dc',
      codeDirty: true,
      environment: { node: 'v22.0.0', platform: 'linux', arch: 'x64', packages: { '@fraudops/core': '1.0.0' } },
      inputs: [{ name: 'transactions', fingerprint: 'f1', rows: 10, fromMs: -5, toMs: 5, context: 'training' }],
      tags: { market: 'eu' },
      metrics: {
        loss: { value: 0.6, step: 2, atMs: startedMs + 20 },
        rocAuc: { value: 0.8, step: 1, atMs: startedMs + 10 },
        undefinedHere: { value: null, step: 2, atMs: startedMs + 20 },
      },
      metricBatchCount: 2,
      artifacts: [
        { path: 'model.json', sha256: sha256Hex('{}'), sizeBytes: 2 },
        { path: 'plots/roc.svg', sha256: sha256Hex('<svg/>'), sizeBytes: 6 },
      ],
    });
    expect(await runs.metricHistory(run.id, 'loss')).toEqual([
      { value: 0.7, step: 1, atMs: startedMs + 10 },
      { value: 0.6, step: 2, atMs: startedMs + 20 },
    ]);
    expect(await runs.metricHistory(run.id, 'other')).toEqual([]);
    expect(new TextDecoder().decode(await runs.loadArtifact(run.id, 'plots/roc.svg'))).toBe('<svg/>');
  });

  it('shows a run whose process is gone as crashed, once it was silent for five heartbeats', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 0.7 });
    const other = tracker(place.open(), { clock });
    clock.advance(5 * 30_000);
    expect(await other.getRun(run.id)).toMatchObject({ status: 'running', metrics: { loss: { value: 0.7 } } });
    clock.advance(1);
    expect(await other.getRun(run.id)).toMatchObject({ status: 'crashed' });
    expect((await listed(other.listRuns('fraud'))).map(({ status }) => status)).toEqual(['crashed']);
    expect((await other.searchRuns({ filter: "status = 'crashed'" })).runs).toMatchObject([{ id: run.id, status: 'crashed' }]);
    expect((await other.searchRuns({ filter: "status = 'RUNNING'" })).runs).toEqual([]);
    await run.logMetrics({ loss: 0.6 });
    expect(await other.getRun(run.id)).toMatchObject({ status: 'running' });
    await run.finish();
  });

  it('keeps the point of the highest step as the last one', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    for (const [step, loss] of [
      [3, 0.3],
      [1, 0.1],
      [3, 0.33],
      [2, 0.2],
    ] as const)
      await run.logMetrics({ loss }, { step });
    expect((await runs.getRun(run.id))?.metrics.loss).toEqual({ value: 0.33, step: 3, atMs: startedMs });
    expect((await runs.metricHistory(run.id, 'loss')).map(({ step }) => step)).toEqual([3, 1, 3, 2]);
  });

  it('writes points together that are logged without waiting', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    await Promise.all(Array.from({ length: 500 }, (_, step) => run.logMetrics({ loss: 1 / (step + 1) }, { step })));
    const history = await runs.metricHistory(run.id, 'loss');
    expect(history.map(({ step }) => step)).toEqual(Array.from({ length: 500 }, (_, step) => step));
    expect((await keysOf(store, 'run-metrics/')).length).toBe(1);
  });

  it('lists runs by experiment, those started first coming first', async () => {
    for (const experiment of ['fraud', 'fraud-eu', 'fraud']) {
      await (await runs.startRun({ experiment })).finish('failed');
      clock.advance(1);
    }
    expect((await listed(runs.listRuns('fraud'))).map(({ id }) => id.slice(-2))).toEqual(['n1', 'n3']);
    expect((await listed(runs.listRuns())).map(({ status, experiment }) => [status, experiment])).toEqual([
      ['failed', 'fraud'],
      ['failed', 'fraud-eu'],
      ['failed', 'fraud'],
    ]);
    expect(await listed(runs.listRuns('nothing'))).toEqual([]);
    expect(await runs.experiments()).toEqual(['fraud', 'fraud-eu']);
  });

  it('ends for good', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    void run.logMetrics({ loss: 0.5 });
    await run.finish();
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'finished', metrics: { loss: { value: 0.5 } } });
    await expect(run.logMetrics({ loss: 1 })).rejects.toEqual(code('RUN_ENDED'));
    await expect(run.logArtifact('a', bytesOf('a'))).rejects.toEqual(code('RUN_ENDED'));
    await expect(run.finish('failed')).rejects.toEqual(code('RUN_ENDED'));
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'finished' });
  });

  it('refuses another content under the path of a file', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    await Promise.all(['a', 'b', 'c'].map((name) => run.logArtifact(name, bytesOf(name))));
    await run.logArtifact('a', bytesOf('a'));
    await expect(run.logArtifact('a', bytesOf('b'))).rejects.toThrow(`run ${run.id} has another file a already`);
    expect((await runs.getRun(run.id))?.artifacts.map(({ path }) => path)).toEqual(['a', 'b', 'c']);
  });

  it('finds damage, and names the run or the file', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 1 });
    await run.logArtifact('a', bytesOf('content'));
    await flipBit(store, `blobs/${sha256Hex('content').slice(0, 2)}/${sha256Hex('content')}`, 3);
    await expect(runs.loadArtifact(run.id, 'a')).rejects.toThrow(`run ${run.id}: file a has another SHA-256`);
    await flipBit(store, `run-metrics/${run.id}/00000001.json`, 100);
    await expect(runs.metricHistory(run.id, 'loss')).rejects.toThrow(`run ${run.id}: run-metrics/${run.id}/00000001.json`);
    await flipBit(store, `runs/fraud/${run.id}.json`, 100);
    await expect(runs.getRun(run.id)).rejects.toEqual(code('CORRUPT_RUN'));
    await expect(listed(runs.listRuns())).rejects.toEqual(code('CORRUPT_RUN'));
    await expect(runs.searchRuns()).rejects.toEqual(code('CORRUPT_RUN'));
  });

  it('refuses bad input', async () => {
    const start = (change: object) => runs.startRun({ experiment: 'fraud', ...change });
    const refused: [() => Promise<unknown>, string, string][] = [
      [() => start({ experiment: '..' }), 'INVALID_NAME', 'experiment name'],
      [() => start({ params: { depth: Number.NaN } }), 'INVALID_ARGUMENT', 'params.depth'],
      [() => start({ params: { depth: null } }), 'INVALID_ARGUMENT', 'params.depth'],
      [
        () => start({ params: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`p${i}`, i])) }),
        'LIMIT_EXCEEDED',
        '501 entries',
      ],
      [() => start({ seed: Infinity }), 'INVALID_ARGUMENT', 'seed'],
      [() => start({ codeVersion: 'x'.repeat(251) }), 'LIMIT_EXCEEDED', 'codeVersion'],
      [() => runs.getRun('../x'), 'INVALID_ARGUMENT', 'run id'],
      [() => runs.metricHistory('none', 'loss'), 'NOT_FOUND', 'there is no run none'],
    ];
    for (const [call, expected, message] of refused) {
      await expect(call(), message).rejects.toEqual(code(expected));
      await expect(call()).rejects.toThrow(message);
    }
    expect(await keysOf(store)).toEqual([]);
    const run = await start({});
    await expect(run.logMetrics({ loss: Number.NaN })).rejects.toThrow('logMetrics: metrics.loss');
    await expect(run.logMetrics({ loss: 1 }, { step: -1 })).rejects.toThrow('logMetrics: step');
    await expect(run.logArtifact('../a', bytesOf('a'))).rejects.toThrow('the segment ..');
    await expect(run.finish('running' as never)).rejects.toThrow('finish: status');
    await expect(runs.loadArtifact(run.id, 'a')).rejects.toEqual(code('NOT_FOUND'));
    await run.finish();
  });

  it('bounds the metrics of a run', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    const metrics = (first: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${first + i}`, 1]));
    await run.logMetrics(metrics(0, 500));
    await run.logMetrics(metrics(0, 500), { step: 1 });
    await expect(run.logMetrics(metrics(500, 1))).rejects.toThrow('would have 501 metrics, at most 500');
  });
});

describe('a run whose store fails', () => {
  it('can be written and finished once the store is back', async () => {
    const memory = memoryStore();
    let broken = false;
    const store = watchedStore(memory, {
      before: (call, key) => {
        if (broken && call === 'put') throw storeError('UNAVAILABLE', key);
      },
    });
    const runs = tracker(store);
    const run = await runs.startRun({ experiment: 'fraud' });
    broken = true;
    await expect(run.logMetrics({ loss: 1 })).rejects.toEqual(code('UNAVAILABLE'));
    await expect(run.finish()).rejects.toEqual(code('UNAVAILABLE'));
    broken = false;
    await run.logMetrics({ loss: 2 });
    await run.finish();
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'finished', metrics: { loss: { value: 2 } } });
    expect((await runs.metricHistory(run.id, 'loss')).map(({ value }) => value)).toEqual([1, 2]);
  });

  it('takes its own writes for its own when their answers were lost', async () => {
    const memory = memoryStore();
    let puts = 0;
    const store = watchedStore(memory, {
      // Every put behind the start is written and then answered with a conflict, as by a store that tried it twice.
      after: (call, key) => {
        if (call === 'put' && ++puts > 2) throw new ConflictError(key, 'nothing');
      },
    });
    const runs = tracker(store, { clock: manualClock(startedMs) });
    const run = await runs.startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 1 });
    await run.logMetrics({ loss: 2 }, { step: 1 });
    await run.finish();
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'finished', metrics: { loss: { value: 2 } } });
    expect((await runs.metricHistory(run.id, 'loss')).map(({ value }) => value)).toEqual([1, 2]);
  });
});
