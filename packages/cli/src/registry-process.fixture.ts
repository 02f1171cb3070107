/**
 * A process for tests: opens the store that its first argument names, as the commands do, and does with the model of its second what its
 * parent's messages say. Each thing that it did is told to the parent once its promise resolved, so what was told must be there for good.
 */
import { type BlobStore, isFraudOpsError } from '@fraudops/core';
import { type ModelRegistry, modelRegistry, tracker } from '@fraudops/registry';
import { withStore } from './open-store.js';

/** What the parent sends. */
export type Request =
  /** Promotes at a moment, together with other processes. */
  | { readonly promote: number; readonly expectedCurrent: number | null; readonly atMs: number }
  /** Registers so many versions. */
  | { readonly register: number }
  /** Registers, promotes and tracks runs without end, until it is killed. */
  | { readonly work: true };

/** What it gets back. */
export type Answer =
  | { readonly ready: true }
  | { readonly registered: number }
  | { readonly promoted: number }
  | { readonly logged: { readonly run: string; readonly step: number } }
  | { readonly finished: string }
  | { readonly failed: string; readonly message: string; readonly currentVersion?: number | null };

const [, , address, model] = process.argv as [string, string, string, string];
const actor = { by: `process ${process.pid}`, why: 'test' };

function answer(message: Answer): void {
  process.send!(message);
}

/** The files of a version; no other process makes the same. */
function filesOf(number: number) {
  return ['model.json', 'features.json', 'profile.json'].map((path, i) => ({
    path,
    bytes: new TextEncoder().encode(`${process.pid} ${number} ${path} `.repeat(1_500 * (i + 1))),
  }));
}

async function serve(store: BlobStore, registry: ModelRegistry, request: Request): Promise<void> {
  if ('work' in request) {
    for (let i = 0; ; i++) await workOnce(store, registry, i);
  }
  if ('register' in request) {
    for (let i = 0; i < request.register; i++) {
      answer({ registered: (await registry.register(model, { files: filesOf(i) })).version });
    }
    return;
  }
  const { promote, expectedCurrent, atMs } = request;
  await new Promise((resolve) => setTimeout(resolve, atMs - Date.now()));
  const { version } = await registry.promote(model, promote, {
    stage: 'Production',
    expectedCurrent,
    gates: [{ name: 'open', check: () => ({ gate: 'open', passed: true, reason: 'always' }) }],
    ...actor,
  });
  answer({ promoted: version });
}

async function workOnce(store: BlobStore, registry: ModelRegistry, i: number): Promise<void> {
  const run = await tracker(store).startRun({ experiment: model, params: { i } });
  for (let step = 0; step < 2; step++) {
    await run.logMetrics({ loss: 1 / (i + step + 1) }, { step });
    answer({ logged: { run: run.id, step } });
  }
  const { version } = await registry.register(model, { files: filesOf(i), runId: run.id });
  answer({ registered: version });
  await registry.promote(model, version, { stage: 'Production', ...actor });
  answer({ promoted: version });
  await run.finish();
  answer({ finished: run.id });
}

function failure(error: unknown): Answer {
  const { currentVersion } = error as { currentVersion?: number | null };
  return {
    failed: isFraudOpsError(error) ? error.code : 'unexpected',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    ...(currentVersion === undefined ? {} : { currentVersion }),
  };
}

await withStore({ options: { store: address } }, async (store) => {
  const registry = modelRegistry(store);
  process.on('message', (request: Request) => {
    serve(store, registry, request).catch((error: unknown) => answer(failure(error)));
  });
  answer({ ready: true });
  await new Promise((resolve) => process.once('disconnect', resolve));
});
