/**
 * Attempts to bring a bad model into Production past each gate, by mistake or on purpose: nonsense for scores, other rows, swapped labels,
 * approvals that are none, clocks that go back. Whatever is tried, the version that is there stays.
 */
import { manualClock, memoryStore, seededRandom } from '@fraudops/core';
import { badCalls, failureOf } from '@fraudops/core/testing';
import { describe, expect, it } from 'vitest';
import type { Gate } from '../gate.js';
import { modelRegistry } from '../model-registry.js';
import type { ModelVersion } from '../model-version.js';
import { DAY_MS, REGISTERED_MS, ask, shuffled, simulatedRows, versionOf } from './asked-gates.fixture.js';
import { type PairedComparison, betterThanIncumbent } from './better-than-incumbent.js';
import { calibrationWithin } from './calibration-within.js';
import type { EvaluateVersion, EvaluatedRows } from './evaluated-rows.js';
import { fairBySegment } from './fair-by-segment.js';
import { humanApproval } from './human-approval.js';
import { latencyAtMost } from './latency-at-most.js';
import { metricAboveIncumbent, metricAtLeast, metricAtMost } from './metric-gates.js';
import { sampleAtLeast } from './sample-at-least.js';
import { signatureCompatible } from './signature-compatible.js';
import { skewReplay } from './skew-replay.js';

const good = {
  ...simulatedRows({ rowCount: 4_000 }),
  segments: { channel: Array.from({ length: 4_000 }, (_, i) => (i % 2 ? 'web' : 'shop')) },
};
const random = seededRandom(9);
const bad = { ...good, scores: good.scores.map(() => random.next()) };
/** The version in Production is good, the one to be promoted says anything. */
const evaluate: EvaluateVersion = ({ version }) => (version === 1 ? good : bad);
const withBad =
  (change: Partial<EvaluatedRows>): EvaluateVersion =>
  ({ version }) =>
    version === 1 ? good : { ...bad, ...change };
const everywhere =
  (change: Partial<EvaluatedRows>): EvaluateVersion =>
  ({ version }) => ({ ...(version === 1 ? good : bad), ...change });

/** By the mean score of frauds over that of all, with an interval as narrow as can be: a comparison that is easily convinced. */
const compare: PairedComparison<'lift'> = ({ candidate, incumbent, labels }) => {
  const lift = (scores: ArrayLike<number>) => {
    let frauds = 0;
    let all = 0;
    for (let i = 0; i < scores.length; i++) {
      all += scores[i]!;
      if (labels[i] === 1) frauds += scores[i]!;
    }
    return frauds / all;
  };
  const [own, other] = [lift(candidate), lift(incumbent)];
  const difference = own - other;
  return {
    differences: [{ metric: 'lift', candidate: own, incumbent: other, difference, low: difference, high: difference }],
    by: 'day',
    clusters: 30,
    rows: labels.length,
  };
};
const better = (by: EvaluateVersion) => betterThanIncumbent({ evaluate: by, compare, metric: 'lift' });
const fair = (by: EvaluateVersion, change = {}) =>
  fairBySegment({ evaluate: by, segment: 'channel', threshold: 0.5, maximumRatio: 1.5, ...change });
const calibrated = (by: EvaluateVersion) => calibrationWithin({ evaluate: by, maximumRatio: 1.25 });
const replayed = {
  rowIds: Array.from({ length: 100 }, (_, i) => `${i}`),
  features: { names: ['a'], columns: [new Float64Array(100)] },
};
const skewed = { ...replayed, features: { names: ['a'], columns: [new Float64Array(100).fill(Number.NaN)] } };
const constant = (value: number) => Array.from(bad.scores, () => value);
const inverted = bad.labels.map((label) => 1 - label);

/** The one array into which a careless evaluation writes the scores of every version. */
const reused = new Float64Array(4_000);

const ATTEMPTS: readonly [string, () => Gate][] = [
  ['a metric that is not there', () => metricAtLeast('averagePrecision', -1e300)],
  ['a metric that all objects have', () => metricAtLeast('toString', -1)],
  ['a metric that is null', () => metricAtMost('undefined', 1e300)],
  ['a metric that is null, against the incumbent', () => metricAboveIncumbent('undefined', { margin: -1e300 })],
  ['a worse model', () => better(evaluate)],
  ['no rows', () => better(everywhere({ scores: [], labels: [] }))],
  ['scores that are NaN', () => better(withBad({ scores: constant(Number.NaN) }))],
  ['scores that are infinite', () => better(withBad({ scores: constant(Infinity) }))],
  ['scores that are texts', () => better(withBad({ scores: bad.scores.map(String) as never }))],
  ['the same score for all', () => better(withBad({ scores: constant(0.5) }))],
  ['rows that suit the candidate', () => better(withBad({ ...simulatedRows({ rowCount: 4_000, seed: 2 }), fingerprint: 'x' }))],
  [
    'such rows under the name of the others',
    () => better(withBad({ ...simulatedRows({ rowCount: 4_000, seed: 2 }), fingerprint: good.fingerprint })),
  ],
  ['labels that the candidate likes', () => better(withBad({ labels: bad.scores.map((score) => Number(score > 0.9)) }))],
  [
    'fewer rows',
    () =>
      better(
        withBad({
          scores: bad.scores.slice(1),
          labels: bad.labels.slice(1),
          times: bad.times.slice(1),
          entityCodes: bad.entityCodes.slice(1),
        }),
      ),
  ],
  ['rows in another order', () => better(({ version }) => (version === 1 ? good : shuffled(good)))],
  ['the frauds alone unknown', () => better(withBad({ labels: bad.labels.map((label) => (label === 1 ? 255 : 0)) }))],
  [
    'one array for all scores',
    () => better(({ version }) => (reused.set(version === 1 ? good.scores : bad.scores), { ...good, scores: reused })),
  ],
  ['an evaluation of the incumbent for both', () => better(() => good)],
  ['an evaluation that gives nothing', () => better(() => undefined as never)],
  ['an evaluation that fails', () => better(() => Promise.reject(new Error('no such file')))],
  [
    'a comparison that fails',
    () =>
      betterThanIncumbent({
        evaluate,
        metric: 'lift',
        compare: () => {
          throw new Error('boom');
        },
      }),
  ],
  [
    'a comparison of other metrics',
    () => betterThanIncumbent({ evaluate, compare: compare as never, metric: 'averagePrecision' }),
  ],
  [
    'labels that are swapped',
    () => sampleAtLeast({ evaluate: everywhere({ labels: inverted.map((label, i) => (i % 2 ? 1 : label)) }), rows: 10 }),
  ],
  ['labels that nobody knows', () => sampleAtLeast({ evaluate: everywhere({ labels: constant(255) }), rows: 1 })],
  [
    'labels that are not final',
    () => sampleAtLeast({ evaluate, rows: 1, labelDelayMs: DAY_MS, clock: manualClock(REGISTERED_MS) }),
  ],
  ['rows of the future', () => sampleAtLeast({ evaluate, rows: 1, labelDelayMs: 0, clock: manualClock(REGISTERED_MS - DAY_MS) })],
  [
    'one row again and again',
    () => sampleAtLeast({ evaluate: everywhere({ times: constant(5), entityCodes: constant(7) }), days: 2, entities: 2 }),
  ],
  ['noise for probabilities', () => calibrated(evaluate)],
  ['probabilities that are all 0', () => calibrated(withBad({ scores: constant(0) }))],
  ['probabilities above 1', () => calibrated(withBad({ scores: constant(2) }))],
  ['no frauds', () => calibrated(withBad({ labels: constant(0) }))],
  ['few frauds', () => calibrated(withBad({ labels: bad.labels.map((_, i) => Number(i < 29)) }))],
  ['rows of a single card', () => calibrated(withBad({ times: constant(5), entityCodes: constant(7) }))],
  ['alarms in one segment only', () => fair(withBad({ scores: bad.scores.map((score, i) => (i % 2 ? score : 0)) }))],
  ['no alarms at all', () => fair(withBad({ scores: constant(0) }))],
  ['a threshold that nothing reaches', () => fair(evaluate, { threshold: 1e300 })],
  ['a threshold that is NaN', () => fair(evaluate, { threshold: () => Number.NaN })],
  ['segments that hide what they are', () => fair(withBad({ segments: { channel: bad.scores.map(() => 'all') } }))],
  [
    'segments of single rows',
    () =>
      fair(withBad({ segments: { channel: bad.scores.map((_, i) => `${i % 50}`) } }), {
        smallSegments: 'report',
        minimumRows: 100,
      }),
  ],
  ['a segment that is not there', () => fair(evaluate, { segment: '__proto__' })],
  [
    'a scorer that answers nothing at once',
    () => latencyAtMost({ prepare: () => () => undefined as never, rows: [1], p99Ms: 1_000 }),
  ],
  [
    'a clock that stands still in the past',
    () => latencyAtMost({ prepare: () => () => 1, rows: [1], p99Ms: 1, nowMs: () => Number.NaN }),
  ],
  [
    'a clock that goes back',
    () =>
      latencyAtMost({
        prepare: () => () => 1,
        rows: [1],
        p99Ms: 1,
        nowMs: (
          (nowMs) => () =>
            (nowMs -= 5)
        )(1e6),
      }),
  ],
  ['missing values online', () => skewReplay({ online: () => skewed, offline: () => replayed, tolerance: 1 })],
  [
    'nothing replayed',
    () =>
      skewReplay({
        online: () => ({ ...replayed, rowIds: [], features: { names: ['a'], columns: [[]] } }),
        offline: () => replayed,
      }),
  ],
  ['no signature', () => signatureCompatible()],
  [
    'a signature without fields',
    () =>
      signatureCompatible({ signatureOf: ({ version }) => ({ inputs: version === 1 ? [{ name: 'a', type: 'double' }] : [] }) }),
  ],
  ['a name that looks like one that is asked', () => humanApproval({ by: ['ana'] })],
  [
    'a gate that says yes in words',
    () => ({ name: 'yes', check: () => ({ gate: 'yes', passed: 'yes' as never, reason: 'yes' }) }),
  ],
  ['a gate that says nothing', () => ({ name: 'nothing', check: () => undefined as never })],
  [
    'a gate that decided by NaN',
    () => ({ name: 'nan', check: () => ({ gate: 'nan', passed: true, reason: '', values: { x: Number.NaN } }) }),
  ],
];

describe('a bad model', () => {
  it.each(ATTEMPTS)('is not promoted by %s', async (_name, gateOf) => {
    const registry = modelRegistry(memoryStore(), { clock: manualClock(REGISTERED_MS) });
    const files = [{ path: 'model.json', bytes: Uint8Array.of(1) }];
    for (let version = 0; version < 2; version++) {
      await registry.register('fraud', { files, metrics: { undefined: null } }, { by: 'mira' });
    }
    await registry.promote('fraud', 1, { stage: 'Production', by: 'ana', why: 'the good one' });
    const options = { stage: 'Production', gates: [gateOf()], by: 'eve', why: 'please' } as const;
    const outcome = await registry.promote('fraud', 2, options).catch((error: unknown) => error);
    expect(outcome).toMatchObject(outcome instanceof Error ? { code: 'GATE_ERROR' } : { promoted: false });
    expect(await registry.production('fraud')).toMatchObject({ version: 1 });
    expect((await registry.verify('fraud')).problems).toEqual([]);
  });

  it('is not registered with a metric that is none, so that no gate sees one', async () => {
    const registry = modelRegistry(memoryStore());
    const files = [{ path: 'model.json', bytes: Uint8Array.of(1) }];
    for (const value of [Number.NaN, Infinity, '0.9']) {
      const failing = registry.register('fraud', { files, metrics: { averagePrecision: value as number } });
      await expect(failing).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});

describe('approvals that are none', () => {
  const clock = manualClock(REGISTERED_MS + DAY_MS);
  const approved = (by: string, change: object = {}) => ({ by, stage: 'Production', why: '', atMs: REGISTERED_MS, ...change });
  const judged = (approvals: object[], candidate: Partial<ModelVersion> = {}) =>
    ask(humanApproval({ by: ['ana', 'ben'], atLeast: 2, clock }), { candidate: versionOf(3, { approvals, ...candidate }) });

  it.each<[string, object[]]>([
    ['Cyrillic letters', [approved('ana'), approved('bеn')]],
    ['combining characters', [approved('ana'), approved('be\u0301n')]],
    ['full width', [approved('ana'), approved('ｂｅｎ')]],
    ['a direction mark', [approved('ana'), approved('\u202eben')]],
    ['the same name twice', [approved('ana'), approved('ana', { atMs: REGISTERED_MS + 1 })]],
    ['another stage', [approved('ana'), approved('ben', { stage: 'Archived' })]],
    ['no stage', [approved('ana'), approved('ben', { stage: undefined })]],
    ['a time before there was a version', [approved('ana'), approved('ben', { atMs: 0 })]],
    ['a time in the far future', [approved('ana'), approved('ben', { atMs: 8e15 })]],
    ['a time that is none', [approved('ana'), approved('ben', { atMs: 'yesterday' })]],
  ])('by %s', async (_name, approvals) => {
    expect(await judged(approvals)).toMatchObject({ passed: false, values: { approvals: 1 } });
  });

  it('by the one who registered it under a name that differs in case', async () => {
    const both = [approved('ana'), approved('ben')];
    expect(await judged(both)).toMatchObject({ passed: true });
    for (const registeredBy of ['BEN', 'Ben ', 'ｂｅｎ'])
      expect(await judged(both, { registeredBy })).toMatchObject({ passed: false });
  });
});

describe('options that are none', () => {
  const pair = () => replayed;
  const few = { ...simulatedRows({ rowCount: 200 }), segments: { channel: Array.from({ length: 200 }, (_, i) => `${i % 2}`) } };
  const evaluateFew = () => few;
  const gates: readonly [string, (options: never) => Gate, object][] = [
    [
      'betterThanIncumbent',
      betterThanIncumbent,
      {
        evaluate: evaluateFew,
        compare,
        metric: 'lift',
        noWorseIn: ['lift'],
        minimumDifference: 0,
        confidence: 0.9,
        by: 'day',
        resamples: 100,
        seed: 1,
        withoutIncumbent: 'pass',
        name: 'n',
      },
    ],
    [
      'calibrationWithin',
      calibrationWithin,
      {
        evaluate: evaluateFew,
        maximumRatio: 2,
        maximumError: 1,
        error: () => 0,
        decideBy: 'estimate',
        confidence: 0.9,
        minimumFrauds: 5,
        by: 'day',
        name: 'n',
      },
    ],
    [
      'sampleAtLeast',
      sampleAtLeast,
      {
        evaluate: evaluateFew,
        rows: 1,
        frauds: 1,
        days: 1,
        maximumUnknownShare: 1,
        maximumFraudShare: 1,
        labelDelayMs: 0,
        name: 'n',
      },
    ],
    [
      'fairBySegment',
      fairBySegment,
      {
        evaluate: evaluateFew,
        segment: 'channel',
        threshold: 0.5,
        measure: 'recall',
        maximumRatio: 2,
        minimumRows: 5,
        smallSegments: 'report',
        decideBy: 'estimate',
        confidence: 0.9,
        by: 'day',
        name: 'n',
      },
    ],
    [
      'latencyAtMost',
      latencyAtMost,
      { prepare: () => () => 1, rows: [1], p50Ms: 5, p99Ms: 5, calls: 100, warmUpCalls: 0, budgetMs: 1_000, seed: 1, name: 'n' },
    ],
    ['skewReplay', skewReplay, { online: pair, offline: pair, tolerance: 0, minimumRows: 1, name: 'n' }],
    ['signatureCompatible', signatureCompatible, { consumer: { inputs: [{ name: 'a', type: 'double' }] }, name: 'n' }],
    ['humanApproval', humanApproval, { by: ['ana'], atLeast: 1, notBy: ['registrant'], maximumAgeMs: 5, name: 'n' }],
  ];

  it.each(gates)('%s says so when it is made, or judges with a result', async (_name, make, options) => {
    expect(() => make(options as never)).not.toThrow();
    let refused = 0;
    for (const { change, args } of badCalls([options])) {
      let gate: Gate;
      try {
        gate = make(...(args as [never]));
      } catch (error) {
        const { code } = error as { code?: string };
        expect(['INVALID_ARGUMENT', 'LIMIT_EXCEEDED'], `${change}: ${String(error)}`).toContain(code);
        refused++;
        continue;
      }
      const outcome = await ask(gate).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome, change).toMatchObject({ code: 'GATE_ERROR' });
    }
    expect(refused).toBeGreaterThan(50);
  });

  it('metric gates say so, too', async () => {
    for (const make of [metricAtLeast, metricAtMost, metricAboveIncumbent] as ((...args: unknown[]) => Gate)[]) {
      const usual = make === metricAboveIncumbent ? ['m', { margin: 0 }] : ['m', 0];
      for (const { change, args } of badCalls(usual)) expect(await failureOf(() => make(...args)), change).toBeUndefined();
    }
  });
});
