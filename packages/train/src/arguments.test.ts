import { badCallFailures, functionsOf, unknownOptionFailures } from '@fraudops/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import {
  CALLS,
  count,
  entityCodes,
  EVERY_CALL,
  labels,
  matrix,
  model,
  of,
  policy,
  rows,
  times,
  truth,
  twoTrees,
} from './good-calls.fixture.js';
import * as api from './index.js';

const functions = functionsOf(api);

describe('arguments of every exported function', () => {
  afterAll(api.closeTrainingThreads);

  it('has a good call of each', () => expect(Object.keys(CALLS).toSorted()).toEqual([...functions.keys()].toSorted()));

  it.each(EVERY_CALL)('%s refuses what is bad by errors of its own', { timeout: 120_000 }, async (name, call) => {
    expect(await badCallFailures(functions.get(name)!, call)).toEqual([]);
  });

  it.each(EVERY_CALL)('%s names an option that it does not know', async (name, call) => {
    expect(await unknownOptionFailures(functions.get(name)!, call)).toEqual([]);
  });
});

describe('what callers without types get wrong', () => {
  it.each<[string, () => unknown]>([
    [
      'trainBoosting: options.learningrate is not an option; did you mean learningRate?',
      () => api.trainBoosting(matrix, labels, { learningrate: 1 } as object),
    ],
    [
      'trainBoosting: options.maxDepth is not an option; did you mean depth?',
      () => api.trainBoosting(matrix, labels, { maxDepth: 3 } as object),
    ],
    ['trainBoosting: options is null, expected an object', () => api.trainBoosting(matrix, labels, null as never)],
    ['trainBoosting: matrix is undefined, expected a FeatureMatrix', () => api.trainBoosting(undefined as never, labels)],
    [
      'trainForest: matrix is an array of 2, expected a FeatureMatrix',
      () =>
        api.trainForest(
          [
            [1, 2],
            [3, 4],
          ] as never,
          labels,
        ),
    ],
    [
      'trainForest: options.bootstrap is "no", expected true or false',
      () => api.trainForest(matrix, labels, { bootstrap: 'no' } as never),
    ],
    [
      'trainForest: labels is an array of 60, expected a Uint8Array with one entry a row; pass Uint8Array.from(labels)',
      () => api.trainForest(matrix, [...labels] as never),
    ],
    ['trainCart: depth: "5", expected a whole number', () => api.trainCart(matrix, labels, { depth: '5' as never })],
    [
      'splitByTime: entityCodes is undefined, expected an array',
      () => api.splitByTime({ times, labels, trainStartMs: 0 } as never),
    ],
    [
      'splitByTime: options.trainDay is not an option; did you mean trainDays?',
      () => api.splitByTime({ times, labels, entityCodes, trainStartMs: 0, trainDay: 3 } as never),
    ],
    [
      'sliceByTime: options.delayDay is not an option; did you mean delayDays?',
      () => api.sliceByTime({ times, labels, startMs: 0, days: { train: 2, test: 1 }, delayDay: 1 } as never),
    ],
    ['sliceByTime: days is undefined, expected an object', () => api.sliceByTime({ times, labels, startMs: 0 } as never)],
    [
      'sliceByTime: knownTimes[0] is "1", expected epoch milliseconds',
      () => api.sliceByTime({ times, labels, startMs: 0, days: { a: 1, b: 1 }, knownTimes: of(() => '1' as never) } as never),
    ],
    [
      'describeTree: options.digit is not an option; did you mean digits?',
      () => api.describeTree(twoTrees, 0, { digit: 4 } as object),
    ],
    [
      'evaluate: options.threshold is not an option; the options are costs, policy',
      () => api.evaluate(model, matrix, truth, { threshold: 0.5 } as object),
    ],
    [
      'sliceByTime: knownTimes[0] is 0n, expected epoch milliseconds',
      () => api.sliceByTime({ times, labels, startMs: 0, days: { a: 1, b: 1 }, knownTimes: new BigInt64Array(count) } as never),
    ],
    ['evaluate: truth is a Uint8Array of 60, expected an object with labels', () => api.evaluate(model, matrix, labels as never)],
    ['evaluationReport: labels is undefined, expected an array', () => api.evaluationReport(model, matrix, {} as never)],
    ['rocAuc: scores[0] is "5", expected a number', () => api.rocAuc(['5'] as never, [1])],
    ['decide: policy: Invalid input', () => api.decide(undefined as never, 0.5)],
    ['decide: amount is "9", expected a number', () => api.decide(policy, 0.5, '9' as never)],
  ])('%s', (message, call) => {
    expect(call).toThrow(expect.objectContaining({ name: 'TrainError', message: expect.stringContaining(message) }));
  });

  it('takes rows with more columns than it needs', () => {
    const split = { ...rows, matrix, names: ['a'], trainStartMs: 0, trainDays: 3, delayDays: 1, testDays: 2 };
    expect(api.splitByTime(split)).toEqual(
      api.splitByTime({ times, labels, entityCodes, trainStartMs: 0, trainDays: 3, delayDays: 1, testDays: 2 }),
    );
  });

  it('leaves out what is undefined', () => {
    expect(api.priorCorrection({ undersampling: 0.1, positiveWeight: undefined })).toEqual(
      api.priorCorrection({ undersampling: 0.1 }),
    );
    const { trees } = api.trainBoosting(matrix, labels, {
      trees: 2,
      depth: undefined,
      growth: undefined,
      seed: undefined,
    } as object);
    expect(trees).toEqual(api.trainBoosting(matrix, labels, { trees: 2 }).trees);
  });
});
