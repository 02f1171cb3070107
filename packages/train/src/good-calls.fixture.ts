/** A good call of every function that the package exports, and the small data that the calls are made of. */
import { featureMatrix } from '@fraudops/core';
import type { FunctionName, GoodCall } from '@fraudops/core/testing';
import { linearModel } from '@fraudops/model';
import * as api from './index.js';

const DAY_MS = 86_400_000;
export const count = 60;
export const of = (value: (row: number) => number) => Array.from({ length: count }, (_, row) => value(row));
export const labels = Uint8Array.from(of((row) => Number(row % 5 === 0 || row % 7 === 0)));
const scores = of((row) => (labels[row] === 1 ? 0.3 + (row % 10) / 20 : (row % 10) / 15));
export const times = Float64Array.from(of((row) => (row % 6) * DAY_MS));
export const entityCodes = Int32Array.from(of((row) => row % 9));
const amounts = of((row) => 10 + row);
const weights = new Float64Array(count).fill(1);
export const matrix = featureMatrix(
  ['AMOUNT', 'NIGHT'],
  [Float32Array.from(of((row) => scores[row]! * 10 + (row % 3))), Float32Array.from(of((row) => row % 2))],
);
export const model = linearModel({ featureNames: matrix.names, weights: [1, 0.1], intercept: -3, missingValues: [0, 0] });
const probabilities = [0.1, 0.9, 0.4, 0.2];
const outcomes = [0, 1, 0, 1];
const margins = [-2, 1, 0.5, -1];
const costs = { reviewCost: 5, insultCost: 1, lossShare: 1, chargebackFee: 10, reviewRecall: 0.9, declineCost: 50 };
export const rows = { scores, labels, times, entityCodes, amounts };
export const { policy } = api.chooseThreshold(rows, { costs, reviewsPerDay: 3, resamples: 50 });
const counts = api.confusionCounts(probabilities, outcomes, 0.5);
export const truth = { labels, times, entityCodes, amounts };
const report = api.evaluationReport(model, matrix, truth, {
  explainedRows: 5,
  threshold: 0.4,
  costs,
  bootstrap: { resamples: 50 },
});
const dataset = { fromMs: 0, toMs: DAY_MS, rows: 10, positives: 2, description: 'January' };
const card = {
  name: 'fraud',
  intendedUse: 'Review',
  algorithm: 'Trees',
  training: dataset,
  validation: dataset,
  evaluation: report,
};
const policyReport = api.evaluationReport(model, matrix, truth, { explainedRows: 5, policy, currency: 'EUR' });
export const twoTrees = api.trainBoosting(matrix, labels, { trees: 2, depth: 2 });

const ranked: GoodCall = { args: [probabilities, outcomes] };
const byK: GoodCall = { args: [probabilities, outcomes, 2] };
const byShare: GoodCall = { args: [probabilities, outcomes, 0.5] };
const dated: GoodCall = { args: [{ scores, labels, times, entityCodes, k: 3 }], options: [0] };

/** Stopped before it begins, so that no threads are started. */
const ABORTED = { signal: AbortSignal.abort(), threads: 1 };

/** A good call of every exported function. */
export const CALLS: Readonly<Record<FunctionName<typeof api>, GoodCall>> = {
  alertPolicyFromJson: { args: [policy, 'policy.json'] },
  alertRateAtRecall: byShare,
  averagePrecision: ranked,
  balancedAccuracy: { args: [counts] },
  brierScore: ranked,
  brierSkill: ranked,
  calibrate: { args: [model, matrix, labels, 'platt', { weights }], options: [4] },
  calibrationError: { args: [probabilities, outcomes, { bins: 2, binning: 'count', topShare: 1 }], options: [2] },
  calibrationInTheLarge: ranked,
  calibrationLine: ranked,
  cardPrecisionAtK: dated,
  cardPrecisionByDay: dated,
  cardPrecisionCeiling: dated,
  cardPrecisionMetric: { args: [10] },
  choice: { args: ['a', 'b'] },
  chooseAlerts: { args: [policy, { scores, times, amounts }] },
  chooseThreshold: {
    args: [rows, { costs, reviewsPerDay: 3, minimumScore: 0.1, rule: 'expected', resamples: 50, level: 0.9, seed: 1 }],
    options: [1],
  },
  closeTrainingThreads: { args: [] },
  compareModels: {
    args: [
      { candidate: scores, incumbent: amounts.map((amount) => amount / 100), ...truth },
      {
        deciding: 'rocAuc',
        metrics: ['rocAuc', 'cost'],
        noWorseThan: ['averagePrecision'],
        margin: 0,
        costs,
        resamples: 50,
        by: 'day',
      },
    ],
    options: [1],
  },
  confusionCounts: byShare,
  costMetric: { args: [costs], options: [0] },
  dailyPrecisionAtK: dated,
  decide: { args: [policy, 0.5, 100] },
  describeTree: { args: [twoTrees, 0, { digits: 4 }], options: [2] },
  elkanThreshold: { args: [100, costs], options: [1] },
  evaluate: { args: [model, matrix, truth, { costs }], options: [3] },
  evaluatePolicy: { args: [policy, rows] },
  evaluateScores: { args: [rows, { costs }], options: [1] },
  evaluationHtml: { args: [report, { title: 'Fraud', generatedMs: 0 }], options: [1] },
  evaluationReport: {
    args: [
      model,
      matrix,
      { ...truth, segments: { country: { kind: 'category', codes: new Int32Array(count), dictionary: ['AT'] } } },
      {
        name: 'new',
        threshold: 0.4,
        costs,
        incumbent: { name: 'old', scores },
        cardsPerDay: 3,
        bootstrap: { resamples: 50, by: 'day' },
        explainedRows: 3,
        seed: 1,
      },
    ],
    options: [3],
  },
  expectedSavings: { args: [0.1, 500, costs], options: [2] },
  fBeta: { args: [counts, 2] },
  falsePositiveRatio: { args: [counts] },
  fitIsotonic: { args: [margins, outcomes, [1, 1, 1, 1]] },
  fitPlatt: { args: [margins, outcomes, [1, 1, 1, 1]] },
  fprAtRecall: byShare,
  gainsTable: byK,
  geometricMean: { args: [counts] },
  gini: ranked,
  integer: { args: [1, 5, { log: true }], options: [2], passesOn: true },
  ksStatistic: ranked,
  liftAtK: byK,
  logLoss: ranked,
  logUniform: { args: [1, 5], passesOn: true },
  matthewsCorrelation: { args: [counts] },
  maturedRows: { args: [labels, times, 5 * DAY_MS, DAY_MS] },
  maximumCalibrationError: { args: [probabilities, outcomes, { bins: 2 }], options: [2] },
  metricInterval: { args: [rows, { metric: 'rocAuc', by: 'entity', resamples: 50, level: 0.9, seed: 1 }], options: [1] },
  modelCard: {
    args: [{ ...card, version: '1', owner: 'team', outOfScope: ['a'], limits: ['b'], lineage: { seed: 1 }, createdMs: 0 }],
    options: [0],
    passesOn: true,
  },
  modelCardMarkdown: { args: [api.modelCard(card)] },
  netBenefit: byShare,
  precisionAtK: byK,
  precisionAtKByDay: dated,
  precisionRecallCurve: ranked,
  prequentialFolds: {
    args: [{ times, labels, entityCodes, endMs: 6 * DAY_MS, folds: 2, trainDays: 2, delayDays: 0, testDays: 1 }],
    options: [0],
  },
  priorCorrection: { args: [{ trainRate: 0.5, liveRate: 0.1 }], options: [0] },
  recallAtFpr: byShare,
  recallAtK: byK,
  reliabilityTable: { args: [probabilities, outcomes, { bins: 2, binning: 'width', topShare: 1 }], options: [2] },
  rocAuc: ranked,
  rocCurve: ranked,
  savings: { args: [outcomes, outcomes, [10, 20, 30, 40], costs], options: [3] },
  sliceByTime: {
    args: [
      {
        times,
        labels,
        entityCodes: Int32Array.from(of((row) => row)),
        knownTimes: Array.from(times, (time) => time + DAY_MS),
        startMs: 0,
        days: { train: 2, test: 1 },
        delayDays: 1,
        delays: 'last',
      },
    ],
    options: [0],
  },
  splitByTime: { args: [{ times, labels, entityCodes, trainStartMs: 0, trainDays: 3, delayDays: 1, testDays: 2 }], options: [0] },
  startTrainingThreads: { args: [{ threads: 1 }], options: [0] },
  totalCost: { args: [outcomes, outcomes, [10, 20, 30, 40], costs], options: [3] },
  trainBoosting: {
    args: [
      matrix,
      labels,
      {
        trees: 2,
        depth: 2,
        learningRate: 0.3,
        maxLeaves: 3,
        monotone: { AMOUNT: 1 },
        categorical: ['NIGHT'],
        weights,
        objective: { focal: { gamma: 1, alpha: 0.5 } },
        validation: { matrix, labels, weights, patience: 2, metric: 'rocAuc' },
        seed: 1,
      },
    ],
    options: [2],
  },
  trainCart: { args: [matrix, labels, { depth: 2, minRowsToSplit: 5, rowLimit: 50, weights, seed: 1 }], options: [2] },
  trainForest: {
    args: [
      matrix,
      labels,
      {
        trees: 2,
        depth: 3,
        maxLeaves: 4,
        minRowsPerLeaf: 1,
        columnSampling: 0.5,
        bootstrap: true,
        outOfBag: true,
        weights,
        seed: 1,
      },
    ],
    options: [2],
  },
  trainInWorker: {
    args: [{ algorithm: 'boosting', matrix, labels, options: { trees: 2, weights, validation: { matrix, labels } } }, ABORTED],
    options: [0, 1],
    lacksMore: true,
  },
  trainIsolationForest: { args: [matrix, { trees: 2, sampleRows: 10, seed: 1 }], options: [1] },
  trainLogistic: {
    args: [matrix, labels, { l2: 1, l1: 0.1, standardise: true, weights, maxIterations: 50, tolerance: 1e-6 }],
    options: [2],
  },
  tune: {
    args: [
      {
        space: { depth: { kind: 'integer', low: 1, high: 3 } },
        train: () => 1,
        evaluate: () => 1,
        trials: 3,
        method: { kind: 'halving', minBudget: 1, maxBudget: 4, factor: 2, wholeBudgets: true },
        concurrency: 2,
        seed: 1,
      },
    ],
    options: [0],
  },
  uniform: { args: [1, 5], passesOn: true },
  valueDetectionRate: { args: [probabilities, outcomes, [10, 20, 30, 40], { k: 2 }] },
  valuePrecision: { args: [probabilities, outcomes, [10, 20, 30, 40], { share: 0.5 }] },
  wilsonInterval: { args: [1, 10, 2] },
};

/** Further good calls, of what excludes each other. */
const MORE_CALLS: readonly (readonly [FunctionName<typeof api>, GoodCall])[] = [
  ['evaluate', { args: [model, matrix, truth, { costs, policy }], options: [3] }],
  ['evaluateScores', { args: [rows, { policy }], options: [1] }],
  ['evaluationReport', { args: [model, matrix, truth, { policy, currency: 'EUR', explainedRows: 0 }], options: [3] }],
  ['evaluationHtml', { args: [policyReport] }],
  ['modelCard', { args: [{ ...card, evaluation: policyReport }], options: [0], passesOn: true }],
  ['modelCardMarkdown', { args: [api.modelCard({ ...card, evaluation: policyReport })] }],
  ['trainBoosting', { args: [matrix, labels, { trees: 1, continueFrom: { ...twoTrees } }], options: [2] }],
  [
    'trainInWorker',
    {
      args: [{ algorithm: 'boosting', matrix, labels, options: { trees: 1, continueFrom: { ...twoTrees } } }, ABORTED],
      options: [0],
      lacksMore: true,
    },
  ],
];

export const EVERY_CALL: readonly (readonly [string, GoodCall])[] = [...Object.entries(CALLS), ...MORE_CALLS];
