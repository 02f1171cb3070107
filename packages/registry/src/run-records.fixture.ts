/** Runs for tests: records with values at the edges, put into a store as they are. */
import { type BlobStore, canonicalJson } from '@fraudops/core';
import fc from 'fast-check';
import { type RunRecord, encodeRun, runKey } from './run-record.js';

/** A record with nothing in it but what is given. */
export function recordOf(given: Partial<RunRecord> & Pick<RunRecord, 'id'>): RunRecord {
  return {
    experiment: 'fraud',
    status: 'finished',
    startedMs: 0,
    updatedMs: 0,
    heartbeatMs: 0,
    heartbeatIntervalMs: 30_000,
    params: {},
    tags: {},
    inputs: [],
    metrics: {},
    metricBatchCount: 0,
    artifacts: [],
    ...given,
  };
}

/** Puts a record where a tracker finds it. */
export async function putRecord(store: BlobStore, record: RunRecord): Promise<void> {
  await store.put(runKey(record.experiment, record.id), encodeRun(record));
}

/** Keys that fields share, so that filters meet them; some need quotes. */
export const KEYS = ['loss', 'f1 score', 'a.b', 'x/y'] as const;
/** Texts that differ by case, quotes, alphabets and signs of patterns. */
export const TEXTS = [
  '',
  'eu',
  'EU',
  "O'Brien",
  '100 %',
  'a_b',
  'Größe',
  '\u{1f600}',
  '\uffe8',
  '"',
  'line\nbreak',
  '10',
  'true',
] as const;
/** Numbers at the edges. */
export const NUMBERS = [0, 1, -1.5, 0.1, 1e-300, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53] as const;

const text = fc.constantFrom(...TEXTS);
const label = fc.constantFrom(...TEXTS.filter((value) => value !== ''));
const count = fc.constantFrom(0, 1, 5, 1_700_000_000_000, Number.MAX_SAFE_INTEGER);
const entries = <Value>(value: fc.Arbitrary<Value>) => fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: KEYS.length });
const point = fc.record({ value: fc.option(fc.constantFrom(...NUMBERS)), step: count, atMs: count });

/** Any record of one experiment, but for its id. */
export const anyRecord: fc.Arbitrary<Omit<RunRecord, 'id'>> = fc
  .record(
    {
      experiment: fc.constant('fraud'),
      status: fc.constantFrom('running', 'finished', 'failed', 'killed'),
      startedMs: fc.constantFrom(0, 1000, 2000),
      updatedMs: count,
      heartbeatMs: fc.constantFrom(0, 1_000_000),
      heartbeatIntervalMs: fc.constant(30_000),
      params: entries(fc.oneof(text, fc.constantFrom(...NUMBERS), fc.boolean())),
      tags: entries(text),
      inputs: fc.array(
        fc.record({ name: label, fingerprint: label, context: label, rows: count }, { requiredKeys: ['name', 'fingerprint'] }),
        {
          maxLength: 3,
        },
      ),
      metrics: entries(point),
      metricBatchCount: count,
      artifacts: fc.constantFrom([], [{ path: 'a', sha256: '0'.repeat(64), sizeBytes: 3 }]),
      name: label,
      user: label,
      parentRunId: fc.constant('parent'),
      endedMs: count,
      deletedMs: count,
      seed: fc.oneof(label, fc.constantFrom(...NUMBERS)),
      codeVersion: label,
      codeDirty: fc.boolean(),
      environment: fc.constant({ node: 'v22.0.0', platform: 'linux', arch: 'x64', packages: { '@a/b': '1' } }),
    },
    {
      requiredKeys: [
        'experiment',
        'status',
        'startedMs',
        'updatedMs',
        'heartbeatMs',
        'heartbeatIntervalMs',
        'params',
        'tags',
        'inputs',
        'metrics',
        'metricBatchCount',
        'artifacts',
      ],
    },
  )
  // Objects without a prototype become plain ones, as in what is read from a store.
  .map((record) => JSON.parse(canonicalJson(record)) as Omit<RunRecord, 'id'>);
