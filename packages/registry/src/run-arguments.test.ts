/** Calls on runs with arguments that nobody means to pass end in an error of this project, and in nothing else. */
import { memoryStore } from '@fraudops/core';
import { badCalls, failureOf } from '@fraudops/core/testing';
import { describe, expect, it } from 'vitest';
import { describeEnvironment, gitCodeVersion } from './run-environment.js';
import type { Run } from './run.js';
import { type Tracker, tracker } from './tracker.js';

const input = { name: 'a', fingerprint: 'f', rows: 1, fromMs: 0, toMs: 1, context: 'test', source: 's' };
const environment = { node: 'v22', platform: 'linux', arch: 'x64', packages: { a: '1' } };
const start = { experiment: 'fraud', name: 'n', params: { a: 1 }, tags: { a: 'b' }, seed: 1, inputs: [input], environment };

const calls: readonly (readonly [
  name: string,
  args: readonly unknown[],
  call: (runs: Tracker, run: Run, args: never[]) => unknown,
])[] = [
  ['startRun', [start], (runs, _run, args) => runs.startRun(...(args as unknown as [never]))],
  ['withRun', [start, () => 1, {}], (runs, _run, args) => runs.withRun(...(args as unknown as [never, never]))],
  ['resumeRun', ['id'], (runs, _run, args) => runs.resumeRun(...(args as unknown as [never]))],
  [
    'searchRuns',
    [{ experiments: ['a'], filter: 'metrics.a > 1', orderBy: ['metrics.a'], maxResults: 5, view: 'all' }],
    (runs, _run, args) => runs.searchRuns(...(args as unknown as [never])),
  ],
  ['setRunTags', ['id', { a: 'b' }], (runs, _run, args) => runs.setRunTags(...(args as unknown as [never, never]))],
  [
    'describeExperiment',
    ['a', { description: 'd', tags: { a: 'b' } }],
    (runs, _run, args) => runs.describeExperiment(...(args as unknown as [never, never])),
  ],
  ['logParams', [{ a: 1 }], (_runs, run, args) => run.logParams(...(args as unknown as [never]))],
  ['setTags', [{ a: 'b' }], (_runs, run, args) => run.setTags(...(args as unknown as [never]))],
  ['logInput', [input], (_runs, run, args) => run.logInput(...(args as unknown as [never]))],
  ['logMetrics', [{ a: 1 }, { step: 1 }], (_runs, run, args) => run.logMetrics(...(args as unknown as [never]))],
  ['bufferMetrics', [{ a: 1 }, { step: 1 }], (_runs, run, args) => run.bufferMetrics(...(args as unknown as [never]))],
  ['startChild', [{ name: 'n' }], (_runs, run, args) => run.startChild(...(args as unknown as [never]))],
  [
    'describeEnvironment',
    [{ folder: '.', packages: ['zod'] }],
    (_runs, _run, args) => describeEnvironment(...(args as unknown as [never])),
  ],
  ['gitCodeVersion', ['.'], (_runs, _run, args) => gitCodeVersion(...(args as unknown as [never]))],
];

describe('bad arguments', () => {
  it.each(calls)('of %s', async (_name, good, call) => {
    const runs = tracker(memoryStore());
    const run = await runs.startRun({ experiment: 'fraud' });
    for (const { change, args } of badCalls(good)) {
      expect(await failureOf(() => call(runs, run, args as never[])), change).toBeUndefined();
    }
  });
});
