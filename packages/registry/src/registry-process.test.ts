/** The registry between processes that know nothing of each other, and under kill -9. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BlobStore, fileStore, seededRandom } from '@fraudops/core';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelRegistry } from './model-registry.js';
import type { Answer, Request } from './registry-process.fixture.js';
import { tracker } from './tracker.js';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

let folder: string;
let program: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-processes-'));
  // One file with the sources of core in it, so that no build of the packages is needed, and none is disturbed.
  await build({
    entry: { program: source('./registry-process.fixture.ts') },
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
  program = path.join(folder, 'program.mjs');
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function startProcess(store: string): Promise<ChildProcess> {
  const child = fork(program, [store], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, request: Request): Promise<Answer> {
  child.send(request);
  const [answer] = (await once(child, 'message')) as [Answer];
  return answer;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the registry between processes', () => {
  it('numbers what many register at once without gaps', async () => {
    const place = path.join(folder, 'register');
    const workers = await Promise.all(Array.from({ length: 6 }, () => startProcess(place)));
    const versions: number[] = [];
    await Promise.all(
      workers.map(async (worker) => {
        const told = new Promise<void>((resolve, reject) => {
          let count = 0;
          worker.on('message', (answer: Answer) => {
            if (!('version' in answer)) reject(new Error(JSON.stringify(answer)));
            else if (versions.push(answer.version) && ++count === 5) resolve();
          });
        });
        worker.send({ register: 5 } satisfies Request);
        await told;
      }),
    );
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(await modelRegistry(fileStore(place)).verify('fraud')).toMatchObject({
      ok: true,
      versionCount: 30,
      artifactCount: 30,
    });
    await Promise.all(workers.map(end));
  }, 60_000);

  it('lets exactly one of many promotions win, and tells the others who', async () => {
    const place = path.join(folder, 'promote');
    const registry = modelRegistry(fileStore(place));
    const workers = await Promise.all(Array.from({ length: 8 }, () => startProcess(place)));
    const rounds = 10;
    for (let i = 0; i < 9; i++) await registry.register('fraud', { files: [{ path: 'a', bytes: Uint8Array.of(i) }] });
    for (let round = 0; round < rounds; round++) {
      const expectedCurrent = (await registry.production('fraud'))?.version ?? null;
      const candidates = Array.from({ length: 9 }, (_, i) => i + 1).filter((version) => version !== expectedCurrent);
      const answers = await Promise.all(workers.map((worker, i) => ask(worker, { promote: candidates[i]!, expectedCurrent })));
      const winner = (await registry.production('fraud'))!.version;
      expect(answers.filter((answer) => 'version' in answer)).toEqual([{ version: winner }]);
      const losers = answers.filter((answer) => 'failed' in answer);
      expect(losers).toEqual(losers.map(() => ({ failed: 'CONFLICT', currentVersion: winner })));
    }
    expect(await registry.verify('fraud')).toMatchObject({ ok: true, head: 9 + rounds });
    await Promise.all(workers.map(end));
  }, 60_000);

  it('shows only whole versions after kill -9 at random moments', async () => {
    const place = path.join(folder, 'kill');
    const random = seededRandom(5);
    const told: number[] = [];
    const kills = 15;
    for (let kill = 0; kill < kills; kill++) {
      const worker = await startProcess(place);
      worker.on('message', (answer: Answer) => {
        if ('version' in answer) told.push(answer.version);
      });
      worker.send({ work: true } satisfies Request);
      // Between none and two versions, and then any moment of the next one: however slow the machine, some work is done.
      for (let versions = random.integer(3); versions > 0; versions--) await once(worker, 'message');
      await new Promise((resolve) => setTimeout(resolve, random.between(0, 80)));
      await end(worker);
      await expectWhole(fileStore(place), told);
    }
    expect(told.length, 'versions that were registered before the kills').toBeGreaterThanOrEqual(kills / 2);
    const registry = modelRegistry(fileStore(place));
    const next = await registry.register('fraud', { files: [{ path: 'a', bytes: Uint8Array.of(1) }] });
    expect(next.version).toBeGreaterThan(Math.max(...told));
  }, 120_000);
});

/** Everything that the store shows is whole, and every version that a process was told of is there. */
async function expectWhole(store: BlobStore, told: readonly number[]): Promise<void> {
  const registry = modelRegistry(store);
  const versions = await registry.versions('fraud');
  expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1));
  expect(versions.length).toBeGreaterThanOrEqual(told.length);
  expect(new Set(told).size).toBe(told.length);
  const report = versions.length > 0 ? await registry.verify('fraud') : { problems: [] };
  expect(report.problems).toEqual([]);
  expect(versions.filter(({ stage }) => stage === 'Production').length).toBeLessThanOrEqual(1);
  for await (const run of tracker(store).listRuns('fraud')) {
    expect(['running', 'finished']).toContain(run.status);
    expect((await tracker(store).metricHistory(run.id, 'loss')).length).toBeGreaterThanOrEqual(run.status === 'finished' ? 1 : 0);
  }
}
