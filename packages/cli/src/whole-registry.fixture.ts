/** What must hold of a store whenever one looks at it: all that was told of is there, and nothing is there by half. */
import type { BlobStore } from '@fraudops/core';
import { type RegistryEvent, modelRegistry, tracker } from '@fraudops/registry';
import { expect } from 'vitest';
import { MODEL } from './registry-processes.fixture.js';

/** What writers were told of: their promises resolved. */
export interface Told {
  readonly registered: number[];
  readonly promoted: number[];
  readonly logged: { readonly run: string; readonly step: number }[];
  readonly finished: string[];
}

export const nothingTold = (): Told => ({ registered: [], promoted: [], logged: [], finished: [] });

/** Versions have no gap, load and verify; the log's chain is unbroken; every point and file that a run names is there. */
export async function expectWhole(store: BlobStore, told: Told): Promise<void> {
  await expectWholeModel(store, told);
  await expectWholeRuns(store, told);
}

async function expectWholeModel(store: BlobStore, told: Told): Promise<void> {
  const registry = modelRegistry(store);
  const versions = await registry.versions(MODEL);
  expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1));
  expect(versions.length).toBeGreaterThanOrEqual(Math.max(0, ...told.registered));
  expect(new Set(told.registered).size, 'nobody is given the same version twice').toBe(told.registered.length);
  if (versions.length === 0) return;
  // Reads every event and every file, and verifies them.
  expect((await registry.verify(MODEL)).problems).toEqual([]);
  for (const { version, files } of versions.slice(-3)) {
    expect([...(await registry.load(MODEL, version)).keys()]).toEqual(files.map((file) => file.path));
  }
  expect(versions.filter(({ stage }) => stage === 'Production').length).toBeLessThanOrEqual(1);
  const isPromotion = (event: RegistryEvent) => event.type === 'promoted';
  const promoted = (await registry.history(MODEL))
    .filter(isPromotion)
    .map(({ payload }) => (payload as { version: number }).version);
  expect(promoted).toEqual(expect.arrayContaining(told.promoted));
}

async function expectWholeRuns(store: BlobStore, told: Told): Promise<void> {
  const runs = tracker(store);
  const finished = new Set<string>();
  const steps = new Map<string, Set<number>>();
  for await (const run of runs.listRuns(MODEL)) {
    expect(['running', 'crashed', 'finished']).toContain(run.status);
    if (run.status === 'finished') finished.add(run.id);
    const points = await runs.metricHistory(run.id, 'loss');
    steps.set(run.id, new Set(points.map(({ step }) => step)));
    expect(steps.get(run.id)!.size, 'no point is there twice').toBe(points.length);
  }
  for (const { run, step } of told.logged) expect(steps.get(run), `steps of run ${run}`).toContain(step);
  for (const run of told.finished) expect(finished).toContain(run);
}
