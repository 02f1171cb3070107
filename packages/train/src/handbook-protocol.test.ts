import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type FeatureMatrix, featureMatrix, parseTime, takeRows } from '@fraudops/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Metrics, evaluate } from './metrics/evaluate.js';
import { type TimeSplit, splitByTime } from './splits/split-by-time.js';
import { trainBoosting } from './boosting/train-boosting.js';
import { trainLogistic } from './linear/train-logistic.js';

/**
 * Chapter 3 of the Fraud Detection Handbook on its own features: train on 2018-07-25 to 07-31, a week of delay, test on 2018-08-08 to
 * 08-14. The figures to reach come from scikit-learn 1.2.1 (logistic regression) and xgboost 1.7.4 with histograms.
 */
const file = new URL('../../../../shared/data/handbook/features_2018-07-25_2018-08-14.csv.gz', import.meta.url);

describe.skipIf(!existsSync(file))('the handbook protocol', () => {
  let split: TimeSplit;
  let train: FeatureMatrix;
  let test: FeatureMatrix;
  let trainLabels: Uint8Array;
  let truth: { labels: Uint8Array; entityCodes: Int32Array; times: Float64Array };

  beforeAll(() => {
    const rows = readRows();
    split = splitByTime({ ...rows, trainStartMs: Date.UTC(2018, 6, 25) });
    train = takeRows(rows.matrix, split.train);
    test = takeRows(rows.matrix, split.test);
    trainLabels = Uint8Array.from(split.train, (row) => rows.labels[row]!);
    truth = {
      labels: Uint8Array.from(split.test, (row) => rows.labels[row]!),
      entityCodes: Int32Array.from(split.test, (row) => rows.entityCodes[row]!),
      times: Float64Array.from(split.test, (row) => rows.times[row]!),
    };
  }, 60_000);

  it('splits into the rows of the book', () => {
    expect(split.train.length).toBe(67_240);
    expect(split.test.length).toBe(58_264);
    expect(trainLabels.filter((label) => label === 1).length).toBe(598);
    expect(truth.labels.filter((label) => label === 1).length).toBe(385);
  });

  it('logistic regression on standardised features reaches scikit-learn', () => {
    const model = trainLogistic(standardise(train, train), trainLabels);
    const metrics = evaluate(model, standardise(test, train), truth);
    expect(largestGap(metrics, { rocAuc: 0.871, averagePrecision: 0.606, cardPrecisionAt100: 0.291 })).toBeLessThan(0.003);
  });

  it('boosted trees with defaults pass the floor', () => {
    const metrics = evaluate(trainBoosting(train, trainLabels), test, truth);
    expect(metrics.rocAuc).toBeGreaterThanOrEqual(0.865);
    expect(metrics.averagePrecision).toBeGreaterThanOrEqual(0.625);
    expect(metrics.cardPrecisionAt100).toBeGreaterThanOrEqual(0.28);
  });

  it.each([
    {
      options: { trees: 100, learningRate: 0.1, depth: 3 },
      xgboost: { rocAuc: 0.878, averagePrecision: 0.643, cardPrecisionAt100: 0.294 },
    },
    {
      options: { trees: 50, learningRate: 0.3, depth: 3 },
      xgboost: { rocAuc: 0.881, averagePrecision: 0.641, cardPrecisionAt100: 0.294 },
    },
    {
      options: { trees: 100, learningRate: 0.3, depth: 6 },
      xgboost: { rocAuc: 0.868, averagePrecision: 0.611, cardPrecisionAt100: 0.273 },
    },
  ])('boosted trees come within .01 of XGBoost with $options', ({ options, xgboost }) => {
    const metrics = evaluate(trainBoosting(train, trainLabels, options), test, truth);
    expect(largestGap(metrics, xgboost)).toBeLessThan(0.01);
  });
});

/** The file's columns that are not features, TX_AMOUNT apart. */
const RAW_COLUMNS = 9;

type Figures = Record<'rocAuc' | 'averagePrecision' | 'cardPrecisionAt100', number>;

function largestGap(metrics: Metrics, figures: Figures): number {
  const names = Object.keys(figures) as (keyof Figures)[];
  return Math.max(...names.map((name) => Math.abs(metrics[name]! - figures[name])));
}

function readRows() {
  const lines = gunzipSync(readFileSync(file)).toString('latin1').trimEnd().split('\n');
  const names = lines[0]!.split(',');
  const at = Object.fromEntries(names.map((name, i) => [name, i]));
  const featureNames = ['TX_AMOUNT', ...names.slice(RAW_COLUMNS)];
  const rowCount = lines.length - 1;
  const columns = featureNames.map(() => new Float32Array(rowCount));
  const times = new Float64Array(rowCount);
  const labels = new Uint8Array(rowCount);
  const entityCodes = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const cells = lines[row + 1]!.split(',');
    times[row] = parseTime(cells[at['TX_DATETIME']!]!);
    labels[row] = Number(cells[at['TX_FRAUD']!]);
    entityCodes[row] = Number(cells[at['CUSTOMER_ID']!]);
    featureNames.forEach((name, j) => {
      columns[j]![row] = Number(cells[at[name]!]);
    });
  }
  return { matrix: featureMatrix(featureNames, columns), times, labels, entityCodes };
}

/** Features minus the mean and over the population deviation that they have in `reference`. */
function standardise(matrix: FeatureMatrix, reference: FeatureMatrix): FeatureMatrix {
  const columns = matrix.columns.map((column, j) => {
    const values = reference.columns[j]!;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return column.map((value) => (value - mean) / deviation);
  });
  return featureMatrix(matrix.names, columns);
}
