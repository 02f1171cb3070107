/** The three pipelines together, on simulated transactions and a store in memory. */
import { type Table, memoryStore } from '@fraudops/core';
import { profileFromJson } from '@fraudops/drift';
import {
  days,
  defineFeatures,
  duringNight,
  handbookFeatures,
  handbookTransactions,
  shiftTransactions,
  simulateTransactions,
} from '@fraudops/features';
import { readBundle } from '@fraudops/model';
import { modelRegistry, tracker } from '@fraudops/registry';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataPipeline } from './data-pipeline.js';
import { monitoringPipeline } from './monitoring-pipeline.js';
import { runDag } from './run-dag.js';
import { latestTrainingDates, splitAtDates, splitAtMoment } from './training-dates.js';
import { type TrainingPipelineOptions, trainingPipeline } from './training-pipeline.js';
import { labelsKnownAt, trainingSet } from './training-set.js';

const start = Date.UTC(2018, 3, 1);
const servingStartMs = start + days(60);

let transactions: Table;
let features: Table;
beforeAll(async () => {
  const source = { simulate: { rows: 40_000, seed: 3, days: 60 } };
  ({ transactions, features } = (await runDag(dataPipeline({ source, features: handbookFeatures }))).output);
});

function trainingOptions(): TrainingPipelineOptions {
  const dates = latestTrainingDates(handbookTransactions, servingStartMs);
  const data = trainingSet(labelsKnownAt(transactions, handbookTransactions, dates.readyMs), features, handbookFeatures);
  const store = memoryStore();
  return {
    registry: modelRegistry(store),
    tracker: tracker(store),
    modelName: 'fraud',
    featureSet: handbookFeatures,
    data,
    split: splitAtDates(data, dates),
    recipes: [{ algorithm: 'logistic' }, { algorithm: 'boosting', options: { trees: 20, depth: 3 } }],
    by: 'test',
    why: 'a test',
    lineage: { source: 'simulated', seed: 3, codeVersion: 'abc' },
  };
}

describe('dataPipeline', () => {
  it('gives valid transactions in order of time with their features, row by row', () => {
    expect(transactions.rowCount).toBe(40_000);
    expect(features.rowCount).toBe(40_000);
    expect(features.columnNames).toEqual(handbookFeatures.names);
    expect(transactions.sortByTime('TX_DATETIME')).toBe(transactions);
  });

  it('leaves out rows that break rules, and fails when they are too many, naming the rules', async () => {
    const table = simulateTransactions({ rows: 1000, seed: 1 });
    const spoilt = (count: number) => {
      const values = table.number('TX_AMOUNT').map((amount, row) => (row < count ? -1 : amount));
      return { table: table.with('TX_AMOUNT', { kind: 'number', values }) };
    };
    const few = await runDag(dataPipeline({ source: spoilt(5), features: handbookFeatures }));
    expect(few.output.transactions.rowCount).toBe(995);
    expect(few.output.validation.brokenRules).toMatchObject([{ column: 'TX_AMOUNT', count: 5 }]);
    await expect(runDag(dataPipeline({ source: spoilt(50), features: handbookFeatures }))).rejects.toMatchObject({
      cause: { code: 'TOO_MANY_REJECTED', message: expect.stringContaining('50 of 1000 rows break rules, at most 1 % may') },
    });
    expect(() => dataPipeline({ source: spoilt(1), features: handbookFeatures, maxRejectedShare: 2 })).toThrow(
      'maxRejectedShare is 2',
    );
  });
});

describe('trainingPipeline', () => {
  it('registers each candidate with run and bundle, and promotes the best', async () => {
    const options = trainingOptions();
    const { output } = await runDag(trainingPipeline(options));
    expect(output.models.map(({ algorithm, version }) => [algorithm, version])).toEqual([
      ['logistic', 1],
      ['boosting', 2],
    ]);
    const { best, promotion } = output;
    expect(best.metrics.averagePrecision).toBe(Math.max(...output.models.map(({ metrics }) => metrics.averagePrecision!)));
    expect(promotion).toMatchObject({ promoted: true, version: best.version, previous: null });
    expect(promotion.gates.map(({ gate }) => gate)).toEqual(['better-than-chance', 'better-on-same-rows']);
    for (const { version, runId, metrics } of output.models) {
      const bundle = readBundle(await options.registry.load('fraud', version));
      expect(bundle.features).toEqual(handbookFeatures.toJson());
      expect(bundle.metrics).toMatchObject({ averagePrecision: metrics.averagePrecision });
      expect(bundle.lineage).toMatchObject({
        source: 'simulated',
        seed: 3,
        codeVersion: 'abc',
        training: { rows: options.split.train.length },
      });
      expect(await options.tracker.getRun(runId)).toMatchObject({
        status: 'finished',
        seed: 3,
        codeVersion: 'abc',
        user: options.by,
        inputs: [
          {
            name: 'transactions',
            context: 'training',
            fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
            source: options.lineage.source,
          },
          { name: 'transactions', context: 'test', rows: expect.any(Number), fromMs: expect.any(Number) },
        ],
      });
    }
  });

  it('gives the same models to the byte from the same data and seed', async () => {
    const [first, second] = [trainingOptions(), trainingOptions()];
    await runDag(trainingPipeline(first));
    await runDag(trainingPipeline(second));
    const hashes = async ({ registry }: TrainingPipelineOptions) =>
      (await registry.versions('fraud')).map(({ files }) => files.map(({ sha256 }) => sha256));
    expect(await hashes(first)).toEqual(await hashes(second));
  });

  it('keeps the incumbent when the new model is not better on the same rows', async () => {
    const options = trainingOptions();
    const { output: first } = await runDag(trainingPipeline(options));
    const recipe = options.recipes.find(({ algorithm }) => algorithm === first.best.algorithm)!;
    const { output: again } = await runDag(trainingPipeline({ ...options, recipes: [recipe] }));
    const { output: worse } = await runDag(
      trainingPipeline({ ...options, recipes: [{ algorithm: 'boosting', options: { trees: 5, depth: 1 } }] }),
    );
    // The same model again is as good, not better.
    expect(again.promotion).toMatchObject({ promoted: false, previous: first.best.version });
    expect(again.incumbentMetrics!.averagePrecision).toBe(again.best.metrics.averagePrecision);
    expect(worse.promotion).toMatchObject({ promoted: false, previous: (await options.registry.production('fraud'))!.version });
    expect(worse.reason).toMatch(
      /^version \d against version \d on the same [\d,]+ rows of [\d,]+ cards: worse by 0\.\d+ in average precision \(0\.\d+ against 0\.\d+\); with 95 % confidence only a difference above -0\.\d+ is sure, above 0 is asked for$/,
    );
    expect(worse.incumbentMetrics!.averagePrecision).toBeGreaterThan(worse.best.metrics.averagePrecision!);
  });

  it('refuses to compare with an incumbent whose features have the same names and another definition', async () => {
    const options = trainingOptions();
    const { output: first } = await runDag(trainingPipeline(options));
    const featureSet = defineFeatures(handbookTransactions, {
      ...handbookFeatures.definitions,
      TX_DURING_NIGHT: duringNight({ untilHour: 5 }),
    });
    expect(featureSet.names).toEqual(handbookFeatures.names);
    const { output } = await runDag(trainingPipeline({ ...options, featureSet }));
    expect(output).toMatchObject({ promotion: { promoted: false, previous: first.best.version }, incumbentMetrics: null });
    expect(output.reason).toContain(`version ${first.best.version} takes other features`);
  });

  it('says which part of the data is too little', async () => {
    const options = trainingOptions();
    const frauds = options.split.test.filter((position) => options.data.labels[position] === 1);
    expect(() => trainingPipeline({ ...options, recipes: [] })).toThrow('recipes is empty');
    expect(() => trainingPipeline({ ...options, confidence: 95 })).toThrow('confidence is 95, expected 0.75 to 0.9995');
    expect(() => trainingPipeline({ ...options, margin: Number.NaN })).toThrow('margin is NaN, expected a finite number');
    await expect(runDag(trainingPipeline({ ...options, split: { ...options.split, test: frauds } }))).rejects.toMatchObject({
      cause: { code: 'TOO_LITTLE_DATA', message: expect.stringContaining('the test rows') },
    });
  });
});

describe('labels', () => {
  it('are known only from the event’s time plus the delay on', () => {
    const atMs = start + days(30);
    const times = transactions.time('TX_DATETIME');
    const known = labelsKnownAt(transactions, handbookTransactions, atMs).flag('TX_FRAUD');
    const truth = transactions.flag('TX_FRAUD');
    known.forEach((flag, row) => expect(flag).toBe(times[row]! + days(7) <= atMs ? truth[row] : 255));
  });

  it('of all judged rows are known when the model is ready, and of no later row are any used', () => {
    const { data, split } = trainingOptions();
    const dates = latestTrainingDates(handbookTransactions, servingStartMs);
    for (const position of [...split.train, ...split.test]) {
      expect(data.labels[position]).toBeLessThanOrEqual(1);
      expect(data.times[position]! + days(7)).toBeLessThanOrEqual(dates.readyMs);
    }
    expect(dates.readyMs).toBeLessThanOrEqual(servingStartMs);
  });

  it('take as long as the definition says', () => {
    const slow = { label: { field: 'fraud', delayMs: days(44.5) } };
    const dates = latestTrainingDates(slow, start + days(200), { trainDays: 30 });
    expect(
      [dates.trainStartMs, dates.trainEndMs, dates.testStartMs, dates.testEndMs].map((ms) => (ms - start) / days(1)),
    ).toEqual([73, 103, 148, 155]);
    expect(() => latestTrainingDates({ label: undefined }, start)).toThrow('the transactions have no label');
    expect(() => latestTrainingDates(slow, start, { testDays: 0.5 })).toThrow('testDays is 0.5, expected a whole number');
  });

  it('split at a moment part the known rows', () => {
    const { data } = trainingOptions();
    const moment = start + days(40);
    const { train, test } = splitAtMoment(data, moment);
    expect(train.length + test.length).toBe(data.labels.filter((label) => label <= 1).length);
    expect(Math.max(...train.map((position) => data.times[position]!))).toBeLessThan(moment);
  });
});

describe('monitoringPipeline', () => {
  it('asks for retraining when the world has changed, and not before', async () => {
    const options = trainingOptions();
    const { output } = await runDag(trainingPipeline(options));
    const bundle = readBundle(await options.registry.load('fraud', output.best.version));
    const reference = profileFromJson(bundle.profile);
    const watch = async (table: Table) => {
      const current = handbookFeatures
        .compute(table)
        .filter((row) => table.time('TX_DATETIME')[row]! >= servingStartMs - days(7));
      return (await runDag(monitoringPipeline({ reference, current }))).output;
    };
    const calm = await watch(transactions);
    expect(calm).toMatchObject({ retrain: false, reason: expect.stringMatching(/^\d of 15 features drifted/) });
    const shifted = shiftTransactions(transactions, {
      seed: 1,
      fromMs: servingStartMs - days(7),
      amountFactor: 2,
      newTactic: { shareOfRows: 0.02 },
    });
    const changed = await watch(shifted);
    expect(changed.retrain).toBe(true);
    expect(changed.report.drifted).toContain('TX_AMOUNT');
  });

  it('does not judge by a handful of rows', async () => {
    const options = trainingOptions();
    const { output } = await runDag(trainingPipeline(options));
    const reference = profileFromJson(readBundle(await options.registry.load('fraud', output.best.version)).profile);
    const run = await runDag(monitoringPipeline({ reference, current: features.slice(0, 20) }));
    expect(run.output).toMatchObject({
      retrain: false,
      reason: expect.stringContaining('only 20 rows were served; at least 500 are needed'),
    });
    expect(() => monitoringPipeline({ reference, current: features, minRows: 0 })).toThrow('minRows is 0');
  });
});
