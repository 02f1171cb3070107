/** What a run can do between its start and its end, and what others can do to it. */
import { type BlobStore, type ManualClock, manualClock, memoryStore } from '@fraudops/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunRecord } from './run-record.js';
import { keysOf, storeError, watchedStore } from './store-places.fixture.js';
import { type Tracker, tracker } from './tracker.js';

const code = (expected: string) => expect.objectContaining({ code: expected });
let store: BlobStore;
let clock: ManualClock;
let runs: Tracker;
beforeEach(() => {
  store = memoryStore();
  clock = manualClock(Date.UTC(2024, 0, 1));
  runs = tracker(store, { clock });
});

describe('parameters, tags and inputs', () => {
  it('are set by whoever holds the run, parameters once', async () => {
    const run = await runs.startRun({ experiment: 'fraud', params: { depth: 3 }, tags: { market: 'eu', old: 'x' } });
    await run.logParams({ depth: 3, eta: 0.1 });
    await expect(run.logParams({ more: 1, depth: '3' })).rejects.toThrow(
      `params.depth of run ${run.id} is 3, and can't become "3"`,
    );
    await run.setTags({ market: 'us', old: null, none: null });
    await run.logInput({ name: 'transactions', fingerprint: 'f1', rows: 1 });
    await run.logInput({ name: 'transactions', fingerprint: 'f1', rows: 2 });
    await run.logInput({ name: 'transactions', fingerprint: 'f1', context: 'test' });
    expect(await runs.getRun(run.id)).toMatchObject({ params: { depth: 3, eta: 0.1 }, tags: { market: 'us' } });
    const record = (await runs.getRun(run.id))!;
    expect([Object.keys(record.params), Object.keys(record.tags)]).toEqual([['depth', 'eta'], ['market']]);
    expect(record.inputs.map(({ rows, context }) => [rows, context])).toEqual([
      [2, undefined],
      [undefined, 'test'],
    ]);
  });

  it('are bounded, and bad ones refused', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
    await run.logParams(many(500));
    await run.setTags(many(500));
    await expect(run.logParams({ other: 1 })).rejects.toEqual(code('LIMIT_EXCEEDED'));
    await expect(run.setTags({ other: 'x' })).rejects.toEqual(code('LIMIT_EXCEEDED'));
    await run.setTags({ k0: null, other: 'x' });
    await expect(run.logInput({ name: '', fingerprint: 'f' })).rejects.toThrow('logInput: name');
    await expect(run.logInput({ name: 'a', fingerprint: 'f', fromMs: 2, toMs: 1 })).rejects.toThrow('fromMs is behind toMs');
    await expect(run.setTags({ a: 5 as never })).rejects.toThrow('setTags: tags.a');
    await expect(run.logParams({ a: null as never })).rejects.toThrow('logParams: params.a');
    for (let i = 0; i < 100; i++) await run.logInput({ name: `d${i}`, fingerprint: 'f' });
    await expect(run.logInput({ name: 'one more', fingerprint: 'f' })).rejects.toEqual(code('LIMIT_EXCEEDED'));
  });

  it('that are set at once are written together', async () => {
    let puts = 0;
    const counted = tracker(watchedStore(store, { before: (call) => (puts += Number(call === 'put')) }), { clock });
    const run = await counted.startRun({ experiment: 'fraud' });
    puts = 0;
    await Promise.all(Array.from({ length: 100 }, (_, i) => run.setTags({ [`t${i}`]: 'x' })));
    expect(puts).toBeLessThanOrEqual(2);
    expect(Object.keys((await runs.getRun(run.id))!.tags)).toHaveLength(100);
  });

  it('of which one is refused leave the others be', async () => {
    const run = await runs.startRun({ experiment: 'fraud', params: { a: 1 } });
    const results = await Promise.allSettled([run.logParams({ b: 1 }), run.logParams({ a: 2 }), run.logParams({ c: 1 })]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await runs.getRun(run.id))!.params).toEqual({ a: 1, b: 1, c: 1 });
  });
});

describe('runs within runs', () => {
  it('know their parent, and are found by it', async () => {
    const parent = await runs.startRun({ experiment: 'fraud', name: 'search' });
    for (const name of ['first', 'second']) {
      clock.advance(1);
      const child = await parent.startChild({ name, params: { name } });
      await (await child.startChild({ name: 'deeper' })).finish();
      await child.finish();
    }
    const gone = await parent.startChild({ name: 'gone' });
    await runs.deleteRun(gone.id);
    expect((await runs.childRuns(parent.id)).map(({ name, parentRunId }) => [name, parentRunId])).toEqual([
      ['first', parent.id],
      ['second', parent.id],
    ]);
    expect((await runs.searchRuns({ filter: `attributes.parent_run_id = '${parent.id}'` })).total).toBe(2);
  });

  it('need a parent of their experiment', async () => {
    const other = await runs.startRun({ experiment: 'other' });
    for (const parentRunId of ['none', other.id]) {
      await expect(runs.startRun({ experiment: 'fraud', parentRunId })).rejects.toEqual(code('NOT_FOUND'));
    }
    expect(await runs.experiments()).toEqual(['other']);
  });
});

describe('withRun', () => {
  it('ends the run as the work ended, with the points that waited', async () => {
    const statusOf = async (work: () => Promise<unknown>, signal?: AbortSignal): Promise<RunRecord> => {
      let id = '';
      const start = { experiment: 'fraud' };
      await runs
        .withRun(
          start,
          async (run) => {
            id = run.id;
            run.bufferMetrics({ loss: 1 });
            return work();
          },
          signal ? { signal } : {},
        )
        .catch((error: unknown) => expect(error).toEqual(new Error('broken')));
      return (await runs.getRun(id))!;
    };
    const fail = async () => {
      throw new Error('broken');
    };
    expect(await statusOf(async () => 1)).toMatchObject({ status: 'finished', metrics: { loss: { value: 1 } } });
    expect(await statusOf(fail)).toMatchObject({ status: 'failed', metrics: { loss: { value: 1 } } });
    expect(await statusOf(fail, AbortSignal.abort())).toMatchObject({ status: 'killed', metrics: { loss: { value: 1 } } });
    expect(await runs.withRun({ experiment: 'fraud' }, async (run) => run.finish('killed'))).toBeUndefined();
  });
});

describe('a run that goes on', () => {
  it('after its end, with what it had', async () => {
    const run = await runs.startRun({ experiment: 'fraud', params: { a: 1 } });
    await run.logMetrics({ loss: 1 }, { step: 5 });
    await run.finish('failed');
    clock.advance(1000);
    const again = await runs.resumeRun(run.id);
    const resumed = (await runs.getRun(run.id))!;
    expect(resumed).toMatchObject({ status: 'running', params: { a: 1 } });
    expect('endedMs' in resumed).toBe(false);
    await again.logMetrics({ loss: 0.5 }, { step: 4 });
    await again.logMetrics({ loss: 0.25 }, { step: 6 });
    await again.finish();
    expect(await runs.getRun(run.id)).toMatchObject({
      status: 'finished',
      metrics: { loss: { value: 0.25, step: 6 } },
      metricBatchCount: 3,
    });
    expect((await runs.metricHistory(run.id, 'loss')).map(({ step }) => step)).toEqual([5, 4, 6]);
    await expect(runs.resumeRun('none')).rejects.toEqual(code('NOT_FOUND'));
  });

  it('in two places at once, and loses nothing of either', async () => {
    const first = await runs.startRun({ experiment: 'fraud' });
    const second = await tracker(store, { clock }).resumeRun(first.id);
    const log = async (name: string, run: typeof first) => {
      for (let step = 0; step < 30; step++) {
        await run.logMetrics({ [name]: step, both: step }, { step });
        await run.setTags({ [`${name}${step}`]: 'x' });
      }
    };
    await Promise.all([log('a', first), log('b', second)]);
    const record = (await runs.getRun(first.id))!;
    expect(record.metrics).toMatchObject({ a: { value: 29 }, b: { value: 29 }, both: { value: 29 } });
    expect(Object.keys(record.tags)).toHaveLength(60);
    expect(await runs.metricHistory(first.id, 'both')).toHaveLength(60);
    await first.finish();
    await expect(second.setTags({ late: 'x' })).rejects.toThrow('was ended elsewhere as finished');
    expect(second.ended).toBe(true);
  });
});

describe('deleting', () => {
  it('a run hides it, stops its process, and can be undone', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    await runs.setRunTags(run.id, { seen: 'yes' });
    await run.logMetrics({ loss: 1 });
    await runs.deleteRun(run.id);
    await expect(run.logMetrics({ loss: 2 }, { step: 1 })).rejects.toEqual(code('RUN_DELETED'));
    await expect(runs.resumeRun(run.id)).rejects.toEqual(code('RUN_DELETED'));
    expect((await runs.searchRuns()).total).toBe(0);
    expect(await runs.getRun(run.id)).toMatchObject({ deletedMs: clock.now(), tags: { seen: 'yes' } });
    await runs.restoreRun(run.id);
    const again = await runs.resumeRun(run.id);
    await again.finish();
    expect((await runs.searchRuns()).runs).toMatchObject([{ id: run.id, status: 'finished', metrics: { loss: { value: 1 } } }]);
    await expect(runs.deleteRun('none')).rejects.toEqual(code('NOT_FOUND'));
  });

  it('an experiment hides it with its runs, and can be undone', async () => {
    await runs.describeExperiment('fraud', { description: 'what and why', tags: { team: 'risk', a: 'b' } });
    await runs.describeExperiment('fraud', { tags: { a: null } });
    const { id } = await runs.startRun({ experiment: 'fraud' });
    await runs.deleteExperiment('fraud');
    expect(await runs.experiments()).toEqual([]);
    expect((await runs.searchRuns()).total).toBe(0);
    expect(await runs.getRun(id)).toMatchObject({ id });
    await expect(runs.startRun({ experiment: 'fraud' })).rejects.toEqual(code('EXPERIMENT_DELETED'));
    await expect(runs.resumeRun(id)).rejects.toEqual(code('EXPERIMENT_DELETED'));
    expect(await runs.getExperiment('fraud')).toEqual({
      name: 'fraud',
      createdMs: clock.now(),
      description: 'what and why',
      tags: { team: 'risk' },
      deleted: true,
    });
    await runs.restoreExperiment('fraud');
    expect((await runs.searchRuns()).total).toBe(1);
    expect(await runs.experiments()).toEqual(['fraud']);
    expect(await runs.getExperiment('none')).toBeUndefined();
    await expect(runs.deleteExperiment('none')).rejects.toEqual(code('NOT_FOUND'));
  });
});

describe('heartbeats', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await vi.advanceTimersByTimeAsync(milliseconds);
  };

  it('show that a run lives, until it ends', async () => {
    const run = await tracker(store, { clock, heartbeatMs: 1000 }).startRun({ experiment: 'fraud' });
    for (let i = 0; i < 20; i++) await pass(1000);
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'running', heartbeatMs: clock.now(), heartbeatIntervalMs: 1000 });
    await run.finish();
    const before = await runs.getRun(run.id);
    await pass(10_000);
    expect(await runs.getRun(run.id)).toEqual(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that fail are missed, and the run is crashed until one is written again', async () => {
    let away = false;
    const failing = watchedStore(store, {
      before: (call, key) => {
        if (away && call === 'put') throw storeError('UNAVAILABLE', key);
      },
    });
    const run = await tracker(failing, { clock, heartbeatMs: 1000 }).startRun({ experiment: 'fraud' });
    away = true;
    for (let i = 0; i < 7; i++) await pass(1000);
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'crashed' });
    away = false;
    await pass(1000);
    expect(await runs.getRun(run.id)).toMatchObject({ status: 'running' });
    await run.finish();
  });

  it('are not written where something else was', async () => {
    const run = await tracker(store, { clock, heartbeatMs: 1000 }).startRun({ experiment: 'fraud' });
    await pass(900);
    await run.setTags({ a: 'b' });
    const { updatedMs } = (await runs.getRun(run.id))!;
    await pass(100);
    expect((await runs.getRun(run.id))!.updatedMs).toBe(updatedMs);
    await run.finish();
  });

  it('come as often as is asked for, within bounds', () => {
    for (const heartbeatMs of [0, 99, 1.5, 86_400_001, Number.NaN])
      expect(() => tracker(store, { heartbeatMs })).toThrow('tracker: heartbeatMs');
  });
});

describe('points that are buffered', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const values = async (id: string) => (await runs.metricHistory(id, 'loss')).map(({ value }) => value);

  it('are written after a second', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    expect(run.bufferMetrics({ loss: 1 })).toBe(true);
    expect(run.bufferMetrics({ loss: 2 }, { step: 1 })).toBe(true);
    await vi.advanceTimersByTimeAsync(999);
    expect(await values(run.id)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await values(run.id)).toEqual([1, 2]);
    expect(await keysOf(store, 'run-metrics/')).toHaveLength(1);
    await run.finish();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are written in their order with those that are waited for, and by flush', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    run.bufferMetrics({ loss: 1 });
    await run.logMetrics({ loss: 2 }, { step: 1 });
    run.bufferMetrics({ loss: 3, other: null }, { step: 2 });
    await run.flush();
    expect(await values(run.id)).toEqual([1, 2, 3]);
    expect((await runs.getRun(run.id))!.metrics).toMatchObject({ loss: { value: 3 }, other: { value: null } });
    await run.finish();
    expect(() => run.bufferMetrics({ loss: 1 })).toThrow(code('RUN_ENDED'));
    await expect(run.flush()).rejects.toEqual(code('RUN_ENDED'));
  });

  it('ask for a break at 10,000 and are refused at 100,000, none of a call being taken then', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    let breaks = 0;
    for (let step = 0; step < 99_999; step++) breaks += Number(!run.bufferMetrics({ loss: step }, { step }));
    expect(breaks).toBe(90_000);
    expect(() => run.bufferMetrics({ loss: 1, other: 1 })).toThrow(
      expect.objectContaining({ code: 'BUFFER_FULL', retryable: true }),
    );
    await run.flush();
    expect(run.bufferMetrics({ loss: 1, other: 1 })).toBe(true);
    await run.finish();
    expect((await runs.getRun(run.id))!.metricBatchCount).toBe(11);
    expect(await runs.metricHistory(run.id, 'loss')).toHaveLength(100_000);
  });

  it('stay while the store is away: flush and finish say so, and later they are written once', async () => {
    let away = true;
    let tries = 0;
    const failing = watchedStore(store, {
      before: (call, key) => {
        if (call === 'put' && key.startsWith('run-metrics/') && ++tries && away) throw storeError('UNAVAILABLE', key);
      },
    });
    const run = await tracker(failing, { clock }).startRun({ experiment: 'fraud' });
    for (let step = 0; step < 20_000; step++) run.bufferMetrics({ loss: step }, { step });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(tries).toBeLessThanOrEqual(6);
    await expect(run.flush()).rejects.toEqual(code('UNAVAILABLE'));
    await expect(run.finish()).rejects.toEqual(code('UNAVAILABLE'));
    away = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await values(run.id)).toHaveLength(20_000);
    await run.finish();
    expect(await values(run.id)).toHaveLength(20_000);
  });

  it('are checked like all others', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    run.bufferMetrics({ loss: 1 });
    expect(() => run.bufferMetrics({ loss: Number.NaN })).toThrow('bufferMetrics: metrics.loss');
    expect(() => run.bufferMetrics({ '../loss': 1 })).toThrow('bufferMetrics: metrics.../loss');
    expect(() => run.bufferMetrics({ loss: 1 }, { step: 0.5 })).toThrow('bufferMetrics: step');
    expect(() => run.bufferMetrics(null as never)).toThrow('bufferMetrics: metrics');
    await run.finish();
    expect(await values(run.id)).toEqual([1]);
  });
});
