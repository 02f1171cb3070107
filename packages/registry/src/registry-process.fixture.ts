/**
 * A process for tests: opens the file store that its first argument names, and does what its parent's messages say.
 * `{ promote, expectedCurrent }` answers with the promotion or the error's code; `{ work: true }` registers, promotes and tracks runs
 * without end, telling the parent of each version once it is registered, until it is killed.
 */
import { fileStore, isFraudOpsError } from '@fraudops/core';
import { modelRegistry, tracker } from './index.js';

/** What the parent sends. */
export type Request = { promote: number; expectedCurrent: number | null } | { register: number } | { work: true };
/** What it gets back. */
export type Answer = { ready: true } | { version: number } | { failed: string; currentVersion?: number | null };

const store = fileStore(process.argv[2]!);
const registry = modelRegistry(store);
const by = { by: `process ${process.pid}`, why: 'test' };

function answer(message: Answer): void {
  process.send!(message);
}

async function serve(request: Request): Promise<void> {
  if ('work' in request) {
    for (let i = 0; ; i++) await workOnce(i);
  }
  if ('register' in request) {
    for (let i = 0; i < request.register; i++) {
      const bytes = new TextEncoder().encode(`${process.pid} ${i}`);
      answer({ version: (await registry.register('fraud', { files: [{ path: 'model.json', bytes }] })).version });
    }
    return;
  }
  const { version } = await registry.promote('fraud', request.promote, {
    stage: 'Production',
    expectedCurrent: request.expectedCurrent,
    gates: [{ name: 'open', check: () => ({ gate: 'open', passed: true, reason: 'always' }) }],
    ...by,
  });
  answer({ version });
}

async function workOnce(i: number): Promise<void> {
  const run = await tracker(store).startRun({ experiment: 'fraud', params: { i } });
  await run.logMetrics({ loss: 1 / (i + 1) }, { step: i });
  const files = ['model.json', 'features.json', 'profile.json'].map((path, j) => ({
    path,
    bytes: new Uint8Array(50_000 * (j + 1)).fill(process.pid + i + j),
  }));
  const { version } = await registry.register('fraud', { files, runId: run.id });
  answer({ version });
  await registry.promote('fraud', version, { stage: 'Production', ...by });
  await run.finish();
}

process.on('message', (request: Request) => {
  serve(request).catch((error: unknown) => {
    const currentVersion = (error as { currentVersion?: number | null }).currentVersion;
    answer({
      failed: isFraudOpsError(error) ? error.code : String(error),
      ...(currentVersion === undefined ? {} : { currentVersion }),
    });
  });
});
answer({ ready: true });
