/**
 * Processes that register, promote and log in a folder are killed at random moments. `REGISTRY_KILLS` sets how often; `npm run test:kills`
 * makes it 500.
 */
import path from 'node:path';
import { type BlobStore, type Random, fileStore, seededRandom } from '@fraudops/core';
import { modelRegistry, tracker } from '@fraudops/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './registry-process.fixture.js';
import { MODEL, type RegistryProcesses, registryProcesses } from './registry-processes.fixture.js';
import { type Told, expectWhole, nothingTold } from './whole-registry.fixture.js';

const kills = Number(process.env['REGISTRY_KILLS'] ?? 15);
/** Logs are read from their beginning after each kill, so they must not get too long. */
const KILLS_PER_FOLDER = 10;
/** Folders used at once. */
const LANES = 4;

let program: RegistryProcesses;
beforeAll(async () => {
  program = await registryProcesses();
}, 60_000);
afterAll(() => program.dispose());

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('kill -9', () => {
  it(`at ${kills} random moments leaves every version and run whole, and work goes on`, { timeout: 1_200_000 }, async () => {
    const lanes = Array.from({ length: Math.min(LANES, kills) }, (_, lane) => killOften(lane));
    const told = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0);
    expect(told, 'what was told of before the kills').toBeGreaterThanOrEqual(2 * kills);
  });
});

/** Every fourth of the kills, one after the other. Returns how many answers were heard. */
async function killOften(lane: number): Promise<number> {
  const random = seededRandom(`registry kills ${lane}`);
  let told = nothingTold();
  let heardInAll = 0;
  let kill = 0;
  for (let number = lane; number < kills; number += LANES) {
    if (kill % KILLS_PER_FOLDER === 0) told = nothingTold();
    const address = path.join(program.folder, `lane-${lane}-${Math.floor(kill / KILLS_PER_FOLDER)}`);
    heardInAll += await killOnce(address, told, random);
    await expectWhole(fileStore(address), told);
    await expectWorkGoesOn(fileStore(address), told, number);
    kill++;
  }
  return heardInAll;
}

/** Lets a process work and kills it. Returns how many answers it gave. */
async function killOnce(address: string, told: Told, random: Random): Promise<number> {
  const worker = await program.start(address);
  let heard = 0;
  worker.tell({ work: true }, (answer) => {
    heard++;
    note(told, answer);
  });
  // Behind none to eight answers, and then any moment of what comes next: however slow the machine, some work is done.
  const answers = random.integer(9);
  while (heard < answers) await worker.nextAnswer();
  await sleep(random.between(0, 30));
  await worker.kill();
  return heard;
}

function note(told: Told, answer: Answer): void {
  if ('registered' in answer) told.registered.push(answer.registered);
  else if ('promoted' in answer) told.promoted.push(answer.promoted);
  else if ('logged' in answer) told.logged.push(answer.logged);
  else if ('finished' in answer) told.finished.push(answer.finished);
  else throw new Error(JSON.stringify(answer));
}

/** What the killed process was at can be done by another. */
async function expectWorkGoesOn(store: BlobStore, told: Told, kill: number): Promise<void> {
  const registry = modelRegistry(store);
  const run = await tracker(store).startRun({ experiment: MODEL });
  await run.logMetrics({ loss: 0 });
  await run.finish();
  told.logged.push({ run: run.id, step: 0 });
  told.finished.push(run.id);
  const files = [{ path: 'a', bytes: new TextEncoder().encode(`after kill ${kill}`) }];
  const { version } = await registry.register(MODEL, { files, runId: run.id });
  expect(version).toBeGreaterThan(Math.max(0, ...told.registered));
  const promotion = await registry.promote(MODEL, version, { stage: 'Production', by: 'ana', why: 'after a kill' });
  expect(promotion.promoted).toBe(true);
  expect((await registry.production(MODEL))?.version).toBe(version);
  told.registered.push(version);
  told.promoted.push(version);
}
