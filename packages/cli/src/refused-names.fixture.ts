/** Names, versions and stages that are none, or that do not exist, and what a registry says to each of them: the same on every store. */
import { type BlobStore, isFraudOpsError } from '@fraudops/core';
import { type ModelRegistry, type Tracker, modelRegistry, tracker } from '@fraudops/registry';

/** Texts that are no name of a model, an experiment or a run, by what is wrong with them. */
const NO_NAMES: Readonly<Record<string, string>> = {
  empty: '',
  dots: '..',
  'a way up': '../fraud',
  'a slash': 'a/b',
  'a slash before': '/fraud',
  'a backslash': 'a\\b',
  'a colon': 'a:b',
  'a blank': 'fr aud',
  'a zero': 'fr\u0000aud',
  'a line break': 'fraud\n',
  'a control character': 'fr\u001Baud',
  'a Cyrillic a': 'fr\u0430ud',
  'full-width letters': '\uFF46\uFF52\uFF41\uFF55\uFF44',
  'a combining accent': 'fraude\u0301',
  'a mark of direction': 'fra\u202Eud',
  'half a surrogate pair': 'fraud\uD800',
  'a percent code': 'a%2fb',
  'too long': 'x'.repeat(10_000),
  'one too long': 'x'.repeat(65),
};

/** Names that differ from a good one only for the eye, or are words of JavaScript; they are good, but nothing is there. */
const UNKNOWN_NAMES = ['fraud-', 'fraud.', '0fraud', 'constructor', 'con', 'x'.repeat(64)];

const NO_VERSIONS: readonly unknown[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  2 ** 53,
  '1',
  '1; DROP TABLE',
  null,
  undefined,
  {},
  [],
];
const NO_STAGES: readonly unknown[] = [
  'production',
  'PRODUCTION',
  'Prod',
  '',
  'None ',
  '__proto__',
  'Produc\u0442ion',
  1,
  null,
  undefined,
  {},
];
const NO_PATHS = ['', '.', '..', '../a', '/a', 'a/', 'a//b', 'a\\b', 'C:a', 'a b', 'a\u0000', '\u0430', 'x'.repeat(10_000)];

/** Texts that would be taken for a version or a stage, and such that are no alias at all. */
const NO_ALIASES = [
  'latest',
  'Latest',
  'v3',
  'V3',
  'v-3',
  'version3',
  'version_3',
  'production',
  'STAGING',
  'none',
  'Archived',
].concat(['3', '-a', '..', 'a/b', 'a:b', 'a b', '', 'a\u0000', 'ch\u0430mpion', 'x'.repeat(65), 'x'.repeat(10_000)]);

const by = { by: 'ana', why: 'test' };
const files = (path = 'a') => [{ path, bytes: Uint8Array.of(1) }];

/** A call that must be refused, and the code that it is refused with. */
interface RefusedCall {
  readonly title: string;
  readonly code: string;
  call(registry: ModelRegistry, runs: Tracker): Promise<unknown>;
}

/** Calls on a store that has version 1 of the model `fraud` and nothing else. */
export const refusedCalls: readonly RefusedCall[] = [
  ...Object.entries(NO_NAMES).flatMap(([wrong, name]) => nameCalls(wrong, name)),
  ...UNKNOWN_NAMES.flatMap(unknownCalls),
  ...NO_VERSIONS.flatMap(versionCalls),
  ...NO_STAGES.flatMap(stageCalls),
  ...NO_ALIASES.flatMap(aliasCalls),
  ...NO_PATHS.map((path) => ({
    title: `register a file ${shown(path)}`,
    code: 'INVALID_ARGUMENT',
    call: (registry: ModelRegistry) => registry.register('fraud', { files: files(path) }),
  })),
  {
    title: 'promote a version that does not exist',
    code: 'NOT_FOUND',
    call: (registry) => registry.promote('fraud', 2, { stage: 'Production', ...by }),
  },
  {
    title: 'give an alias to a version that does not exist',
    code: 'NOT_FOUND',
    call: (registry) => registry.setAlias('fraud', 'champion', 2, by),
  },
  {
    title: 'remove an alias that does not exist',
    code: 'NOT_FOUND',
    call: (registry) => registry.removeAlias('fraud', 'champion', by),
  },
  {
    title: 'delete a version that does not exist',
    code: 'NOT_FOUND',
    call: (registry) => registry.deleteVersion('fraud', 2, by),
  },
  {
    title: 'approve a version that does not exist',
    code: 'NOT_FOUND',
    call: (registry) => registry.approve('fraud', 2, { stage: 'Production', ...by }),
  },
  {
    title: 'split traffic without a version in Production',
    code: 'NOT_FOUND',
    call: (registry) => registry.setTraffic('fraud', { champion: 90, challengers: [{ version: 1, percent: 10 }], ...by }),
  },
  { title: 'load a version that does not exist', code: 'NOT_FOUND', call: (registry) => registry.load('fraud', 2) },
  {
    title: 'promote to None',
    code: 'INVALID_STAGE',
    call: (registry) => registry.promote('fraud', 1, { stage: 'None' as never, ...by }),
  },
  {
    title: 'promote expecting a version that is not there',
    code: 'CONFLICT',
    call: (registry) => registry.promote('fraud', 1, { stage: 'Production', expectedCurrent: 7, ...by }),
  },
  {
    title: 'roll back what was never promoted',
    code: 'NOTHING_TO_ROLL_BACK',
    call: (registry) => registry.rollback('fraud', by),
  },
  { title: 'history of a run that does not exist', code: 'NOT_FOUND', call: (_, runs) => runs.metricHistory('nobody', 'loss') },
  { title: 'file of a run that does not exist', code: 'NOT_FOUND', call: (_, runs) => runs.loadArtifact('nobody', 'a') },
];

function nameCalls(wrong: string, name: string): RefusedCall[] {
  const onModel: Record<string, (registry: ModelRegistry) => Promise<unknown>> = {
    register: (registry) => registry.register(name, { files: files() }),
    promote: (registry) => registry.promote(name, 1, { stage: 'Production', ...by }),
    rollback: (registry) => registry.rollback(name, by),
    get: (registry) => registry.get(name, 1),
    production: (registry) => registry.production(name),
    inStage: (registry) => registry.inStage(name, 'Staging'),
    versions: (registry) => registry.versions(name),
    load: (registry) => registry.load(name, 1),
    setAlias: (registry) => registry.setAlias(name, 'champion', 1, by),
    byAlias: (registry) => registry.byAlias(name, 'champion'),
    describe: (registry) => registry.describe(name, { description: 'x', ...by }),
    approve: (registry) => registry.approve(name, 1, { stage: 'Production', ...by }),
    setTraffic: (registry) => registry.setTraffic(name, { champion: 100, ...by }),
    deleteVersion: (registry) => registry.deleteVersion(name, 1, by),
    model: (registry) => registry.model(name),
    watch: async (registry) => {
      for await (const _ of registry.watch(name)) break;
    },
    history: (registry) => registry.history(name),
    verify: (registry) => registry.verify(name),
    head: (registry) => registry.head(name),
    changed: (registry) => registry.changed(name, 0),
  };
  const onRuns: Record<string, (runs: Tracker) => Promise<unknown>> = {
    startRun: (runs) => runs.startRun({ experiment: name }),
    listRuns: async (runs) => {
      for await (const _ of runs.listRuns(name)) break;
    },
  };
  return [
    ...Object.entries(onModel).map(([call, act]) => ({ title: `${call}: ${wrong}`, code: 'INVALID_NAME', call: act })),
    ...Object.entries(onRuns).map(([call, act]) => ({
      title: `${call}: ${wrong}`,
      code: 'INVALID_NAME',
      call: (_: ModelRegistry, runs: Tracker) => act(runs),
    })),
  ];
}

function unknownCalls(name: string): RefusedCall[] {
  const calls: Record<string, (registry: ModelRegistry) => Promise<unknown>> = {
    promote: (registry) => registry.promote(name, 1, { stage: 'Production', ...by }),
    rollback: (registry) => registry.rollback(name, by),
    load: (registry) => registry.load(name, 1),
    history: (registry) => registry.history(name),
    verify: (registry) => registry.verify(name),
  };
  return Object.entries(calls).map(([call, act]) => ({
    title: `${call} of unknown ${shown(name)}`,
    code: 'NOT_FOUND',
    call: act,
  }));
}

function versionCalls(version: unknown): RefusedCall[] {
  const calls: Record<string, (registry: ModelRegistry) => Promise<unknown>> = {
    get: (registry) => registry.get('fraud', version as number),
    load: (registry) => registry.load('fraud', version as number),
    promote: (registry) => registry.promote('fraud', version as number, { stage: 'Production', ...by }),
    setAlias: (registry) => registry.setAlias('fraud', 'champion', version as number, by),
    approve: (registry) => registry.approve('fraud', version as number, { stage: 'Production', ...by }),
    deleteVersion: (registry) => registry.deleteVersion('fraud', version as number, by),
  };
  return Object.entries(calls).map(([call, act]) => ({
    title: `${call} version ${shown(version)}`,
    code: 'INVALID_VERSION',
    call: act,
  }));
}

function stageCalls(stage: unknown): RefusedCall[] {
  const calls: Record<string, (registry: ModelRegistry) => Promise<unknown>> = {
    inStage: (registry) => registry.inStage('fraud', stage as never),
    promote: (registry) => registry.promote('fraud', 1, { stage: stage as never, ...by }),
    approve: (registry) => registry.approve('fraud', 1, { stage: stage as never, ...by }),
  };
  return Object.entries(calls).map(([call, act]) => ({
    title: `${call} stage ${shown(stage)}`,
    code: 'INVALID_STAGE',
    call: act,
  }));
}

function aliasCalls(alias: string): RefusedCall[] {
  const calls: Record<string, (registry: ModelRegistry) => Promise<unknown>> = {
    setAlias: (registry) => registry.setAlias('fraud', alias, 1, by),
    removeAlias: (registry) => registry.removeAlias('fraud', alias, by),
    byAlias: (registry) => registry.byAlias('fraud', alias),
  };
  return Object.entries(calls).map(([call, act]) => ({ title: `${call} ${shown(alias)}`, code: 'INVALID_NAME', call: act }));
}

/** What an error says that depends on no store. */
export interface Refusal {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What a store's registry says to each call, by the call's title; undefined where it refused nothing. */
export async function refusalsOn(store: BlobStore): Promise<Map<string, Refusal | undefined>> {
  const registry = modelRegistry(store);
  const runs = tracker(store);
  await registry.register('fraud', { files: files() });
  const before = await keysOf(store);
  const refusals = new Map<string, Refusal | undefined>();
  for (const { title, call } of refusedCalls) refusals.set(title, await refusalOf(() => call(registry, runs)));
  const after = await keysOf(store);
  if (after.join() !== before.join()) throw new Error(`what was refused left keys: ${after.join(', ')}`);
  return refusals;
}

async function refusalOf(call: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!isFraudOpsError(error)) throw error;
    const { code, name, message, retryable } = error;
    return { code, name, message, retryable };
  }
}

async function keysOf(store: BlobStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

function shown(value: unknown): string {
  if (typeof value === 'string' && value.length > 30) return `of ${value.length} characters`;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'undefined');
}
