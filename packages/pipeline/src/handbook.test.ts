/**
 * Chapter 3 of the Fraud Detection Handbook (Le Borgne et al. 2022), from its raw transactions to the published numbers, through the
 * pipelines that a user runs. The table of the book for logistic regression: ROC AUC .871, average precision .606, CP@100 .291.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { memoryStore } from '@fraudops/core';
import { days, handbookFeatures } from '@fraudops/features';
import { modelRegistry, tracker } from '@fraudops/registry';
import { describe, expect, it } from 'vitest';
import { dataPipeline } from './data-pipeline.js';
import { runDag } from './run-dag.js';
import { splitAtDates } from './training-dates.js';
import { trainingPipeline } from './training-pipeline.js';
import { trainingSet } from './training-set.js';

const file = path.resolve(import.meta.dirname, '../../../../shared/data/handbook/transactions.csv.gz');

describe.skipIf(!existsSync(file))('the handbook’s chapter 3', () => {
  it('is reproduced from raw transactions', { timeout: 240_000 }, async () => {
    const { transactions, features } = (await runDag(dataPipeline({ source: { file }, features: handbookFeatures }))).output;
    expect(transactions.rowCount).toBe(1_754_155);
    const data = trainingSet(transactions, features, handbookFeatures);
    const trainStartMs = Date.UTC(2018, 6, 25);
    const [trainEndMs, testStartMs, testEndMs] = [trainStartMs + days(7), trainStartMs + days(14), trainStartMs + days(21)];
    const split = splitAtDates(data, { trainStartMs, trainEndMs, testStartMs, testEndMs, readyMs: testEndMs + days(7) });
    const frauds = (positions: Uint32Array) => positions.reduce((sum, position) => sum + data.labels[position]!, 0);
    expect([split.train.length, frauds(split.train)]).toEqual([67_240, 598]);
    expect([split.test.length, frauds(split.test)]).toEqual([58_264, 385]);

    const store = memoryStore();
    const { output } = await runDag(
      trainingPipeline({
        registry: modelRegistry(store),
        tracker: tracker(store),
        modelName: 'handbook',
        featureSet: handbookFeatures,
        data,
        split,
        recipes: [{ algorithm: 'logistic' }, { algorithm: 'boosting', options: { trees: 100, depth: 3, learningRate: 0.1 } }],
        by: 'test',
        why: 'chapter 3',
        lineage: { source: 'transactions.csv.gz' },
      }),
    );
    const [logistic, boosting] = output.models.map(({ metrics }) => metrics);
    const isNear = (value: number | null, published: number) => expect(Math.abs(value! - published)).toBeLessThanOrEqual(0.003);
    isNear(logistic!.rocAuc, 0.871);
    isNear(logistic!.averagePrecision, 0.606);
    isNear(logistic!.cardPrecisionAt100, 0.291);
    expect(boosting!.rocAuc).toBeGreaterThanOrEqual(0.865);
    expect(boosting!.averagePrecision).toBeGreaterThanOrEqual(0.625);
    expect(boosting!.cardPrecisionAt100).toBeGreaterThanOrEqual(0.28);
  });
});
