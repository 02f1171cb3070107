/** What becomes of the points of a run when its process ends by itself, fails, is killed, or is not the only one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileStore, seededRandom } from '@fraudops/core';
import { build } from 'tsup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Told } from './run-process.fixture.js';
import { type Tracker, tracker } from './tracker.js';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const children = new Set<ChildProcess>();
let folder: string;
let runs: Tracker;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-runs-'));
  await build({
    entry: { program: source('./run-process.fixture.ts') },
    outDir: folder,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    platform: 'node',
    tsconfig: source('../../../tsconfig.json'),
    noExternal: [/./],
    config: false,
    silent: true,
    clean: false,
  });
  runs = tracker(fileStore(path.join(folder, 'store')));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process, and gathers what it tells until it ends. */
function start(...args: string[]) {
  const child = fork(path.join(folder, 'program.mjs'), [path.join(folder, 'store'), ...args], { execArgv: [] });
  children.add(child);
  const told: Told[] = [];
  child.on('message', (message: Told) => told.push(message));
  const ended = once(child, 'exit').then(() => children.delete(child));
  return { child, told, ended, runId: () => told.flatMap((message) => ('run' in message ? [message.run] : []))[0]! };
}

it('keeps points of a process that has nothing left to do, and does not say that the run was finished', async () => {
  const { ended, runId } = start('leave');
  await ended;
  expect(await runs.metricHistory(runId(), 'loss')).toHaveLength(100);
  expect((await runs.getRun(runId()))!.status).not.toBe('finished');
}, 30_000);

it('keeps points of a run that fails', async () => {
  const { ended, runId } = start('fail');
  await ended;
  expect(await runs.metricHistory(runId(), 'loss')).toHaveLength(100);
  expect(await runs.getRun(runId())).toMatchObject({ status: 'failed', metrics: { loss: { value: 99 } } });
}, 30_000);

it('has all that was flushed after kill -9, and shows the run as crashed', async () => {
  const random = seededRandom(3);
  for (let kill = 0; kill < 8; kill++) {
    const { child, told, ended, runId } = start('endless');
    await once(child, 'message');
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 150)));
    child.kill('SIGKILL');
    await ended;
    const flushed = Math.max(0, ...told.map((message) => ('flushed' in message ? message.flushed : 0)));
    const steps = (await runs.metricHistory(runId(), 'loss')).map(({ step }) => step);
    expect(steps.length).toBeGreaterThanOrEqual(flushed);
    expect(steps).toEqual(steps.map((_, i) => i));
    const record = (await runs.getRun(runId()))!;
    expect(record.metrics['loss']?.step ?? -1).toBeGreaterThanOrEqual(flushed - 1);
    const later = tracker(fileStore(path.join(folder, 'store')), { clock: { now: () => record.heartbeatMs + 501 } });
    expect((await later.getRun(runId()))!.status).toBe('crashed');
    await (await later.resumeRun(runId())).finish();
  }
  expect((await runs.searchRuns({ filter: "status = 'finished'" })).total).toBe(8);
}, 60_000);

it('keeps the points and tags of two processes that log to one run, and of two runs', async () => {
  const shared = await runs.startRun({ experiment: 'two' });
  const own = await runs.startRun({ experiment: 'two' });
  const processes = [start('log', shared.id, 'a'), start('log', shared.id, 'b'), start('log', own.id, 'c')];
  await Promise.all(processes.map(({ ended }) => ended));
  expect(processes.map(({ runId }) => runId())).toEqual([shared.id, shared.id, own.id]);
  for (const name of ['a', 'b']) {
    expect((await runs.metricHistory(shared.id, name)).map(({ step }) => step)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  }
  expect(await runs.metricHistory(shared.id, 'both')).toHaveLength(400);
  const record = (await runs.getRun(shared.id))!;
  expect(record).toMatchObject({
    metrics: { a: { value: 199 }, b: { value: 199 }, both: { value: 199 } },
    metricBatchCount: 400,
  });
  expect(Object.keys(record.tags)).toHaveLength(40);
  expect(await runs.getRun(own.id)).toMatchObject({ metrics: { c: { value: 199 } }, metricBatchCount: 200 });
}, 60_000);
