/**
 * A program for tests: does what its first argument says with the registry in the folder of its second, and prints what came of it as
 * JSON: `fill` registers until the disk is full, `refused` tries everything that writes, `go-on` tries it where it should succeed.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileStore, isFraudOpsError } from '@fraudops/core';
import { modelRegistry, tracker } from '@fraudops/registry';

/** What is printed. */
export interface DiskReport {
  /** Versions that `register` gave. */
  readonly registered: readonly number[];
  /** For each call that failed its error's code; calls that succeeded are missing. */
  readonly failures: Readonly<Record<string, string>>;
  /** Versions that are visible, and how many files of them could be loaded. */
  readonly versions: number;
  readonly loadedFiles: number;
  readonly problems: readonly unknown[];
  readonly production: number | null;
  /** Runs by their status. */
  readonly runs: Readonly<Record<string, number>>;
}

const [, , task, folder] = process.argv as [string, string, 'fill' | 'refused' | 'go-on', string];
const store = fileStore(folder);
const registry = modelRegistry(store);
const runs = tracker(store);
const by = { by: 'ana', why: 'test' };
const registered: number[] = [];
const failures: Record<string, string> = {};

/** Whether a call succeeded. */
async function attempt(name: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    failures[name] = isFraudOpsError(error) ? error.code : String(error);
    return false;
  }
}

async function register(number: number): Promise<void> {
  const files = ['model.json', 'profile.json'].map((name) => ({
    path: name,
    bytes: new TextEncoder().encode(`${number} ${name} `.repeat(5_000)),
  }));
  registered.push((await registry.register('fraud', { files })).version);
}

if (task === 'fill') {
  await register(0);
  await registry.promote('fraud', 1, { stage: 'Production', ...by });
  const run = await runs.startRun({ experiment: 'fraud' });
  for (let i = 1; i < 1_000; i++) if (!(await attempt('register', () => register(i)))) break;
  // Also the last free pages, which a small file would find.
  for (let i = 0; i < 1_000; i++) {
    const isFull = await writeFile(path.join(path.dirname(folder), `ballast-${i}`), new Uint8Array(4_096)).then(
      () => false,
      () => true,
    );
    if (isFull) break;
  }
  await attempt('promote', () => registry.promote('fraud', 2, { stage: 'Production', ...by }));
  await attempt('logMetrics', () => run.logMetrics({ loss: 1 }));
  await attempt('finish', () => run.finish());
  await attempt('startRun', () => runs.startRun({ experiment: 'fraud' }));
} else {
  await attempt('register', () => register(10_000));
  await attempt('promote', () => registry.promote('fraud', 2, { stage: 'Production', ...by }));
  await attempt('startRun', async () => {
    const run = await runs.startRun({ experiment: 'fraud' });
    await run.logMetrics({ loss: 1 });
    await run.finish();
  });
}

const versions = await registry.versions('fraud');
const statuses: Record<string, number> = {};
for await (const { status } of runs.listRuns()) statuses[status] = (statuses[status] ?? 0) + 1;
let loadedFiles = 0;
for (const { version } of versions) loadedFiles += (await registry.load('fraud', version)).size;
const report: DiskReport = {
  registered,
  failures,
  versions: versions.length,
  loadedFiles,
  problems: (await modelRegistry(store).verify('fraud')).problems,
  production: (await registry.production('fraud'))?.version ?? null,
  runs: statuses,
};
console.log(JSON.stringify(report));
