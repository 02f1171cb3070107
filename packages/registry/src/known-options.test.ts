/** No call takes an option that it doesn't know: a misspelt one must not switch a safety off. */
import { memoryStore } from '@fraudops/core';
import { type GoodCall, functionsOf, unknownOptionFailures } from '@fraudops/core/testing';
import { describe, expect, it } from 'vitest';
import * as api from './index.js';

const by = { by: 'ana', why: 'test' };
const registration = {
  files: [{ path: 'a', bytes: Uint8Array.of(1) }],
  data: { fingerprint: 'f', rows: 1 },
  signature: { inputs: [], outputs: [] },
};
const input = { name: 'a', fingerprint: 'f' };

/** A model with three versions, of which the second is in Production after the first, and a run. */
async function world() {
  const store = memoryStore();
  const registry = api.modelRegistry(store);
  for (let i = 0; i < 3; i++) await registry.register('fraud', registration);
  for (const version of [1, 2]) await registry.promote('fraud', version, { stage: 'Production', ...by });
  const runs = api.tracker(store);
  return { store, registry, runs, run: await runs.startRun({ experiment: 'fraud' }) };
}

type World = Awaited<ReturnType<typeof world>>;
type Calls = Readonly<Record<string, GoodCall>>;

const REGISTRY_CALLS: Calls = {
  register: { args: ['fraud', registration, by], options: [1, 2] },
  promote: { args: ['fraud', 3, { stage: 'Staging', ...by }], options: [2] },
  rollback: { args: ['fraud', by], options: [1] },
  setAlias: { args: ['fraud', 'best', 1, by], options: [3] },
  removeAlias: { args: ['fraud', 'best', by], options: [2], lacksMore: true },
  describe: { args: ['fraud', { description: 'x', ...by }], options: [1] },
  approve: { args: ['fraud', 3, { stage: 'Staging', ...by }], options: [2] },
  withdrawApproval: { args: ['fraud', 3, { stage: 'Staging', ...by }], options: [2], lacksMore: true },
  setTraffic: { args: ['fraud', { champion: 100, ...by }], options: [1] },
  deleteVersion: { args: ['fraud', 3, by], options: [2] },
  history: { args: ['fraud', {}], options: [1] },
  watch: { args: ['fraud', {}], options: [1] },
};
const TRACKER_CALLS: Calls = {
  startRun: { args: [{ experiment: 'fraud' }], options: [0] },
  withRun: { args: [{ experiment: 'fraud' }, async () => 1, {}], options: [0, 2] },
  searchRuns: { args: [{}], options: [0] },
  describeExperiment: { args: ['fraud', { description: 'x' }], options: [1] },
};
const RUN_CALLS: Calls = {
  logMetrics: { args: [{ loss: 1 }, { step: 1 }], options: [1] },
  bufferMetrics: { args: [{ loss: 1 }, { step: 1 }], options: [1] },
  logInput: { args: [input], options: [0] },
  startChild: { args: [{}], options: [0] },
};
const FUNCTIONS: readonly (readonly [name: string, call: (world: World) => GoodCall])[] = [
  ['modelRegistry', ({ store }) => ({ args: [store, {}], options: [1] })],
  ['tracker', ({ store }) => ({ args: [store, {}], options: [1] })],
  ['retention', ({ registry }) => ({ args: [registry, { keepLast: 9, ...by }], options: [1] })],
  ['runRetention', ({ store }) => ({ args: [store, { keepForMs: 3_600_000 }], options: [1] })],
  ['collectGarbage', ({ store }) => ({ args: [store, {}], options: [1] })],
  ['exportModelBytes', ({ store }) => ({ args: [store, 'fraud', {}], options: [2] })],
  ['importModel', ({ store }) => ({ args: [store, Uint8Array.of(1), {}], options: [2], lacksMore: true })],
  ['describeEnvironment', () => ({ args: [{}], options: [0] })],
];

type Callable = (...given: unknown[]) => unknown;

describe('an option that is none is refused by', () => {
  it.each([
    ...Object.entries(REGISTRY_CALLS).map(([name, call]) => ['registry', name, call] as const),
    ...Object.entries(TRACKER_CALLS).map(([name, call]) => ['runs', name, call] as const),
    ...Object.entries(RUN_CALLS).map(([name, call]) => ['run', name, call] as const),
  ])('%s.%s', async (owner, name, call) => {
    const object = (await world())[owner] as unknown as Record<string, Callable>;
    expect(await unknownOptionFailures((...given) => object[name]!(...given), call)).toEqual([]);
  });

  it.each(FUNCTIONS)('%s', async (name, call) => {
    const made = call(await world());
    expect(await unknownOptionFailures(functionsOf(api).get(name)!, made)).toEqual([]);
  });
});

describe('an option that is misspelt', () => {
  it.each<[string, (world: World) => unknown]>([
    [
      'promote fraud version 3: options.gate is not an option; did you mean gates?',
      ({ registry }) => registry.promote('fraud', 3, { stage: 'Production', gate: [], ...by } as never),
    ],
    [
      'options.expectedcurrent is not an option; did you mean expectedCurrent?',
      ({ registry }) => registry.promote('fraud', 3, { stage: 'Production', expectedcurrent: 99, ...by } as never),
    ],
    [
      'retention: rules.dryrun is not an option; did you mean dryRun?',
      ({ registry }) => api.retention(registry, { keepLast: 1, dryrun: true, ...by } as never),
    ],
    ['rules.keeplast', ({ registry }) => api.retention(registry, { keeplast: 1, keepForMs: 0, ...by } as never)],
    [
      'setTraffic: options.challenger is not an option; did you mean challengers?',
      ({ registry }) => registry.setTraffic('fraud', { champion: 100, challenger: [{ version: 3, percent: 5 }], ...by } as never),
    ],
    ['did you mean metrics?', ({ registry }) => registry.register('fraud', { ...registration, metric: { a: 1 } } as never)],
    [
      'register: data.row is not an option; did you mean rows?',
      ({ registry }) => registry.register('fraud', { ...registration, data: { ...registration.data, row: 1 } } as never),
    ],
    ['did you mean params?', ({ runs }) => runs.startRun({ experiment: 'fraud', param: { a: 1 } } as never)],
    ['did you mean rows?', ({ runs }) => runs.startRun({ experiment: 'fraud', inputs: [{ ...input, row: 1 }] } as never)],
    [
      'describe: change.tagz is not an option; did you mean tags?',
      ({ registry }) => registry.describe('fraud', { tagz: {}, ...by } as never),
    ],
    [
      'searchRuns: query.experiment is not an option; did you mean experiments?',
      ({ runs }) => runs.searchRuns({ experiment: 'fraud' } as never),
    ],
    ['query.order is not an option; did you mean orderBy?', ({ runs }) => runs.searchRuns({ order: ['metrics.a'] } as never)],
  ])('%s', async (message, call) => {
    const made = await world();
    const before = await made.registry.head('fraud');
    await expect(async () => call(made)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
    expect(await made.registry.head('fraud')).toBe(before);
    expect((await made.runs.searchRuns()).total).toBe(1);
  });
});
