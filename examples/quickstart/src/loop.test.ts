/** The whole program: twice on one store, with real HTTP and a real folder. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore } from '@fraudops/core';
import { handbookFeatures } from '@fraudops/features';
import { modelRegistry, tracker } from '@fraudops/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoop } from './loop-process.fixture.js';
import type { LoopResult } from './loop-result.js';

let folder: string;
const results: LoopResult[] = [];
const outputs: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
  for (const round of [1, 2]) {
    const json = path.join(folder, `${round}.json`);
    const loop = startLoop('--once', '--rows', '40000', '--port', '0', '--store', path.join(folder, 'store'), '--json', json);
    if ((await loop.ended) !== 0) throw new Error(`npm start failed:\n${loop.output()}`);
    results.push(JSON.parse(await readFile(json, 'utf8')) as LoopResult);
    outputs.push(loop.output());
  }
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm start', () => {
  it('simulates, trains and judges two models, and promotes the better one', () => {
    const [first] = results;
    expect(first!.data).toMatchObject({ source: 'simulated, seed 7', rows: 40_000 });
    expect(first!.data.fraudRate).toBeGreaterThan(0.003);
    expect(first!.features.names).toEqual(handbookFeatures.names);
    expect(first!.models.map(({ algorithm, version }) => `${algorithm} ${version}`)).toEqual([
      'logistic 1',
      'boosting 2',
      'boosting 3',
    ]);
    for (const { metrics, trainSeconds } of first!.models) {
      expect(metrics.rocAuc).toBeGreaterThan(0.5);
      expect(metrics.averagePrecision).toBeGreaterThan(0.05);
      expect(trainSeconds).toBeGreaterThan(0);
    }
  });

  it('finds no drift in a normal week and drift in a changed one, and retrains because of it', () => {
    const { drift, retraining } = results[0]!;
    expect(drift.before.share).toBeLessThan(0.2);
    expect(drift.after.share).toBeGreaterThanOrEqual(0.2);
    expect(drift.after.drifted).toContain('TX_AMOUNT');
    expect(retraining).toMatchObject({ triggered: true, newVersion: 3, promoted: true });
    expect(retraining.newMetrics!.averagePrecision).toBeGreaterThan(retraining.oldMetrics!.averagePrecision!);
  });

  it('answers every request, at least 2,000 of them while a model is retrained and promoted', () => {
    for (const { api } of results) {
      expect(api.failed).toBe(0);
      expect(api.duringRetraining).toBeGreaterThanOrEqual(2000);
      expect(api.requests).toBeGreaterThan(api.duringRetraining);
      expect(0 < api.p50Ms && api.p50Ms <= api.p95Ms && api.p95Ms <= api.p99Ms).toBe(true);
    }
  });

  it('goes on from the store the second time, and loses nothing', async () => {
    const [first, second] = results;
    expect(second!.models.map(({ version }) => version)).toEqual(second!.models.map((_, i) => first!.models.length + 1 + i));
    const store = fileStore(path.join(folder, 'store'));
    const registry = modelRegistry(store);
    const versions = await registry.versions('fraud');
    expect(versions).toHaveLength(first!.models.length + second!.models.length);
    expect((await registry.verify('fraud')).problems).toEqual([]);
    expect((await registry.production('fraud'))!.version).toBe(second!.production.version);
    for (const { version, runId } of versions) {
      expect((await registry.load('fraud', version)).size).toBeGreaterThan(3);
      expect(await tracker(store).getRun(runId!)).toMatchObject({ status: 'finished' });
    }
  });

  it('writes the report and a summary that says where things are', async () => {
    const html = await readFile(results[0]!.drift.reportPath, 'utf8');
    expect(html).toContain('TX_AMOUNT');
    for (const heading of ['Data', 'Models', 'Production', 'API', 'Drift', 'Retraining'])
      expect(outputs[0]).toMatch(new RegExp(`^${heading}$`, 'm'));
    expect(outputs[0]).toContain('is in Production');
    expect(outputs[0]).not.toContain('\u001b');
  });
});

describe('npm start, asked wrongly', () => {
  it('ends with 2 and says what is right', async () => {
    const loop = startLoop('--rows', 'many');
    expect(await loop.ended).toBe(2);
    expect(loop.output()).toContain('--rows is "many", expected a whole number from 20000 to 5000000');
  });

  it('ends with 1 when the data cannot be read', async () => {
    const loop = startLoop(
      '--once',
      '--port',
      '0',
      '--data',
      path.join(folder, 'nothing.csv'),
      '--store',
      path.join(folder, 'other'),
    );
    expect(await loop.ended).toBe(1);
    expect(loop.output()).toContain('nothing.csv');
  });

  it('says before it works what would stop it behind its work', async () => {
    const nowhere = startLoop(
      '--once',
      '--port',
      '0',
      '--json',
      path.join(folder, 'no', 'where.json'),
      '--store',
      path.join(folder, 'other'),
    );
    expect(await nowhere.ended).toBe(1);
    expect(nowhere.output()).toMatch(/^\n--json .*where\.json: nothing can be written to .*no \(ENOENT\)/);
    expect(nowhere.output()).not.toContain('Simulating');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const late = startLoop('--once', '--port', String(port), '--store', path.join(folder, 'other'));
    expect(await late.ended).toBe(1);
    expect(late.output()).toContain(`Port ${port} is in use; choose another with --port`);
    taken.close();
  });

  it('keeps the API running without --once until it is interrupted', async () => {
    const loop = startLoop('--rows', '20000', '--port', '0', '--store', path.join(folder, 'third'));
    await expect.poll(loop.output, { timeout: 120_000, interval: 200 }).toContain('The API is running');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(loop.output())![0];
    expect((await (await fetch(`${url}/health`)).json()) as object).toMatchObject({ status: 'ok', model: 'fraud' });
    loop.child.kill('SIGINT');
    expect(await loop.ended).toBe(0);
  });
});
