import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Progress, Table } from '@fraudops/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineFeatures } from '../definitions/define-features.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import { field } from '../definitions/row-builders.js';
import { count, first, min, risk, sum } from '../definitions/window-builders.js';
import { computeInWorkers } from './compute-in-workers.js';
import { longFeatures, longPayments, longStream, week } from './long-stream.fixture.js';
import { paymentTable } from './random-streams.fixture.js';
import { runCrew } from './worker-crew.js';

describe('computeInWorkers', () => {
  it.each([
    [1, 0],
    [2, 0],
    [2, 0.02],
    [3, 0.5],
  ])('gives on %d threads the bits that compute gives, %d of the transactions late', async (threads, lateShare) => {
    const table = paymentTable(longStream(lateShare), longPayments);
    const computed = await computeInWorkers(longFeatures, table, { threads });
    expect(computed.columnNames).toEqual(longFeatures.names);
    const expected = longFeatures.compute(table);
    for (const name of longFeatures.names) expect([...computed.number(name)]).toEqual([...expected.number(name)]);
  });

  it.each([0, 0.02])('divides a single window by rows, %d of the transactions late', async (lateShare) => {
    const table = paymentTable(longStream(lateShare), longPayments);
    for (const definition of [sum('amount', week), risk({ ...week, windowMs: 90 }), min('amount', week), first('amount', week)]) {
      const one = defineFeatures(longPayments, { F: definition });
      const computed = await computeInWorkers(one, table, { threads: 4 });
      expect([...computed.number('F')]).toEqual([...one.compute(table).number('F')]);
    }
  });

  it('needs no threads without windows, nor rows', async () => {
    const raw = defineFeatures(longPayments, { AMOUNT: field('amount') });
    const table = paymentTable(longStream(0), longPayments);
    expect((await computeInWorkers(raw, table)).number('AMOUNT')).toEqual(table.number('amount'));
    expect((await computeInWorkers(longFeatures, table.slice(0, 0), { threads: 2 })).rowCount).toBe(0);
  });

  it('tells the progress of each feature', async () => {
    const seen: unknown[] = [];
    let done = 0;
    const task = {
      advance: (units: number) => void (done += units),
      total: () => {},
      done: () => seen.push('done'),
      fail: () => {},
    };
    const progress: Progress = { task: (name, options) => (seen.push(name, options), task) };
    await computeInWorkers(longFeatures, paymentTable(longStream(0), longPayments), { threads: 2, progress });
    expect(done).toBe(longFeatures.names.length);
    expect(seen).toEqual(['Computing features', { total: longFeatures.names.length, unit: 'features' }, 'done']);
  });

  it('rejects with the error that compute throws', async () => {
    const long = defineFeatures(longPayments, { N: count(week), S: sum('amount', { per: 'card', windowMs: 1e9 }) });
    const row = { ...longStream(0)[0]!, amount: MAX_SUMMED_UNITS / 100 };
    const table = Table.fromRows(
      Array.from({ length: 70_000 }, () => row),
      longPayments.kinds,
    );
    await expect(computeInWorkers(long, table, { threads: 2 })).rejects.toMatchObject({
      name: 'FeatureError',
      code: 'INVALID_VALUE',
      message: expect.stringContaining('in a window with row 65535 add up to more than 2^53'),
      details: { column: 'amount', row: 65_535 },
    });
    await expect(computeInWorkers(long, table.drop(['amount']))).rejects.toMatchObject({ code: 'MISSING_COLUMN' });
    await expect(computeInWorkers(long, table, { threads: 0 })).rejects.toThrow(
      'threads is 0, expected a whole number from 1 to 64',
    );
  });

  it('stops when the signal says so', async () => {
    const table = paymentTable(longStream(0), longPayments);
    await expect(computeInWorkers(longFeatures, table, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    const controller = new AbortController();
    const computing = computeInWorkers(longFeatures, table, { threads: 2, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(computing).rejects.toMatchObject({ code: 'ABORTED', message: expect.stringContaining('enough') });
  });

  it.each(['advance', 'done'])("rejects with what the progress' %s throws", async (throwing) => {
    const broken = (name: string) => () => {
      if (name === throwing) throw new Error(`${name} is broken`);
    };
    const task = { advance: broken('advance'), total: () => {}, done: broken('done'), fail: () => expect.fail('ignored') };
    const computing = computeInWorkers(longFeatures, paymentTable(longStream(0), longPayments), {
      progress: { task: () => task },
    });
    await expect(computing).rejects.toThrow(`${throwing} is broken`);
  });
});

describe('runCrew', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fraudops-crew-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['throws', 'throw new Error("out of luck")', 'out of luck'],
    ['exits', 'process.exit(3)', 'exit code 3'],
    ['ends without a word', '0', 'exit code 0'],
  ])('rejects with a retryable error when a thread %s', async (name, source, message) => {
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.mjs`);
    writeFileSync(file, source);
    const work = { entities: [], columns: [], jobs: [], nextJob: new Int32Array(1) };
    const control = { threads: 2, signal: undefined, meanwhile: () => {}, onReport: () => {} };
    await expect(runCrew(pathToFileURL(file), work, control)).rejects.toMatchObject({
      name: 'FeatureError',
      code: 'WORKER_FAILED',
      retryable: true,
      message: expect.stringContaining(message),
    });
  });
});
