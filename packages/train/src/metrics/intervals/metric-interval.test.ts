import fc from 'fast-check';
import { seededRandom, showValue } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { evaluateScores } from '../evaluate.js';
import { type ClusterBy, clusterRows, percentileInterval } from './cluster-bootstrap.js';
import { metricInterval } from './metric-interval.js';
import { type MetricName, cardPrecisionMetric, weightedMetric } from './weighted-metrics.js';
import { WeightedRows } from './weighted-rows.js';

const DAY_MS = 86_400_000;
const METRICS: MetricName[] = [
  'rocAuc',
  'averagePrecision',
  'ks',
  'recallAtFpr01Pct',
  'recallAtFpr1Pct',
  'alertRateAtRecall50Pct',
  'precisionAtTop1Pct',
  'recallAtTop1Pct',
  'valueDetectionRateAtTop1Pct',
  'cardPrecisionAt100',
  'brierScore',
  'logLoss',
];

/** Transactions over 25 days; a card's scores are alike. */
function transactions(seed: number, rowCount = 400, cards = 60) {
  const random = seededRandom(seed);
  const cardScores = Array.from({ length: cards }, () => random.next());
  const rows = Array.from({ length: rowCount }, () => {
    const card = random.integer(cards);
    const score = Math.round((cardScores[card]! * 0.7 + random.next() * 0.3) * 50) / 50;
    return { card, score, label: Number(random.next() < score ** 2), day: random.integer(25), amount: random.integer(500) };
  });
  return {
    scores: rows.map(({ score }) => score),
    labels: rows.map(({ label }) => label),
    entityCodes: rows.map(({ card }) => card),
    times: rows.map(({ day }) => day * DAY_MS),
    amounts: rows.map(({ amount }) => amount),
  };
}

describe('weighted metrics', () => {
  it('equal the report card where every row counts once', () => {
    const rows = transactions(1);
    const metrics = evaluateScores(rows);
    const weighted = new WeightedRows('test', rows, clusterRows('test', rows.scores.length, rows, 'entity'));
    for (const name of METRICS) expect(weightedMetric('test', name)(weighted), name).toBeCloseTo(metrics[name]!, 12);
  });

  it.each(METRICS.filter((name) => name !== 'cardPrecisionAt100'))(
    '%s of clusters drawn several times is that of the repeated rows',
    (name) =>
      fc.assert(
        fc.property(
          fc.integer(),
          fc.constantFrom<ClusterBy>('day', 'entity'),
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 }),
          (seed, by, weights) => {
            const rows = transactions(seed, 80);
            const weighted = new WeightedRows('test', rows, clusterRows('test', 80, rows, by));
            weighted.clusterWeights.forEach((_, i, all) => (all[i] = weights[i]!));
            const copies = rows.scores.flatMap((_, row) => Array.from({ length: weighted.weight(row) }, () => row));
            fc.pre(copies.length > 0);
            const repeated = {
              scores: copies.map((row) => rows.scores[row]!),
              labels: copies.map((row) => rows.labels[row]!),
              amounts: copies.map((row) => rows.amounts[row]!),
            };
            const actual = weightedMetric('test', name)(weighted);
            const expected = evaluateScores(repeated)[name];
            if (expected === null) expect(actual).toBeNull();
            else expect(actual).toBeCloseTo(expected, 12);
          },
        ),
        { numRuns: 30 },
      ),
  );

  it('card precision averages the days as often as they were drawn', () => {
    const rows = {
      scores: [0.9, 0.8, 0.7],
      labels: [1, 0, 1],
      times: [0, DAY_MS, 2 * DAY_MS],
      entityCodes: [0, 1, 2],
    };
    const weighted = new WeightedRows('test', rows, clusterRows('test', 3, rows, 'day'));
    weighted.clusterWeights.set([2, 1, 0]);
    expect(cardPrecisionMetric(1)(weighted)).toBeCloseTo(2 / 3, 12);
  });

  it('card precision checks copies of a card as cards', () => {
    const rows = { scores: [0.9, 0.8, 0.7], labels: [1, 0, 1], times: [0, 0, 0], entityCodes: [0, 1, 2] };
    const weighted = new WeightedRows('test', rows, clusterRows('test', 3, rows, 'entity'));
    weighted.clusterWeights.set([2, 0, 2]);
    expect(cardPrecisionMetric(3)(weighted)).toBe(1);
    weighted.clusterWeights.set([1, 1, 1]);
    expect(cardPrecisionMetric(2)(weighted)).toBe(0.5);
  });
});

describe('metricInterval', () => {
  it('holds the value, and is the same for the same seed', () => {
    const rows = transactions(3);
    const interval = metricInterval(rows, { by: 'entity', resamples: 200, seed: 5 });
    expect(interval.low!).toBeLessThan(interval.value!);
    expect(interval.high!).toBeGreaterThan(interval.value!);
    expect(interval).toMatchObject({ by: 'entity', clusters: 60, resamples: 200, level: 0.95, undefinedResamples: 0 });
    expect(metricInterval(rows, { by: 'entity', resamples: 200, seed: 5 })).toEqual(interval);
    expect(metricInterval(rows, { by: 'entity', resamples: 200, seed: 6 })).not.toEqual(interval);
  });

  it('has about the standard error of a mean over independent clusters', () => {
    // Brier score of constant probabilities 0: the share of frauds among 400 cards, one row each.
    const labels = Array.from({ length: 400 }, (_, i) => Number(i % 4 === 0));
    const rows = { scores: labels.map(() => 0), labels, entityCodes: labels.map((_, i) => i) };
    const { standardError } = metricInterval(rows, { metric: 'brierScore', by: 'entity', resamples: 2_000 });
    expect(standardError!).toBeCloseTo(Math.sqrt((0.25 * 0.75) / 400), 2.5);
    expect(Math.abs(standardError! / Math.sqrt((0.25 * 0.75) / 400) - 1)).toBeLessThan(0.06);
  });

  it('is wider by card than by row where rows of a card are alike', () => {
    const labels = Array.from({ length: 400 }, (_, i) => Number(Math.floor(i / 10) % 4 === 0));
    const rows = { scores: labels.map(() => 0), labels };
    const width = (entityCodes: number[]) =>
      metricInterval({ ...rows, entityCodes }, { metric: 'brierScore', by: 'entity', resamples: 400 }).standardError!;
    expect(width(labels.map((_, i) => Math.floor(i / 10))) / width(labels.map((_, i) => i))).toBeGreaterThan(2.5);
  });

  it('draws by day when there are enough, else by entity', () => {
    const rows = transactions(4);
    expect(metricInterval(rows, { resamples: 50 }).by).toBe('day');
    expect(metricInterval({ ...rows, times: rows.times.map((time) => time % (7 * DAY_MS)) }, { resamples: 50 }).by).toBe(
      'entity',
    );
  });

  it('takes a metric of the caller', () => {
    const rows = transactions(5);
    const alerts = metricInterval(rows, {
      resamples: 50,
      metric: ({ rows: { scores } }) => scores.length,
    });
    expect(alerts).toMatchObject({ value: 400, low: 400, high: 400, standardError: 0 });
  });

  it.each([Number.NaN, undefined, '1'])('refuses %s of a metric of the caller', (value) => {
    expect(() => metricInterval(transactions(5), { resamples: 50, metric: () => value as number })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(
          `metricInterval: the metric gave ${showValue(value)}, expected a number; give null where`,
        ),
      }),
    );
  });

  it('holds the KS statistic as often as it says, though resampling pushes a maximum up', () => {
    // Frauds are normal around 1, the others around 0: the true KS is 2 P(1/2) - 1.
    const truth = 0.3829249225480262;
    const random = seededRandom(8);
    let held = 0;
    for (let sample = 0; sample < 100; sample++) {
      const labels = Array.from({ length: 400 }, (_, i) => Number(i % 5 === 0));
      const scores = labels.map((label) => random.normal(label, 1));
      const rows = { scores, labels, entityCodes: labels.map((_, i) => i) };
      const { low, high } = metricInterval(rows, { metric: 'ks', by: 'entity', resamples: 200, seed: sample });
      if (low! <= truth && truth <= high!) held++;
    }
    expect(held).toBeGreaterThan(89);
  });

  it('takes rows without a card one by one', () => {
    const rows = transactions(6);
    const entityCodes = rows.entityCodes.map((code, i) => (i % 10 === 0 ? -1 : code));
    const { clusters, value } = metricInterval(
      { ...rows, entityCodes },
      { metric: 'cardPrecisionAt100', by: 'entity', resamples: 50 },
    );
    expect(clusters).toBe(new Set(entityCodes).size - 1 + entityCodes.filter((code) => code === -1).length);
    expect(value).toBe(evaluateScores({ ...rows, entityCodes }).cardPrecisionAt100);
  });

  it('counts resamples without a value, and gives no interval when they are most', () => {
    const rows = { scores: [0.9, 0.1, 0.2], labels: [1, 0, 0], entityCodes: [0, 1, 2] };
    const { undefinedResamples, low } = metricInterval(rows, { metric: 'rocAuc', by: 'entity' });
    expect(undefinedResamples).toBeGreaterThan(200);
    expect(low).toBe(1);
    expect(percentileInterval([null, null, 1], 0.95)).toMatchObject({ low: null, high: null, undefinedResamples: 2 });
  });

  it.each<[object, object, string]>([
    [{}, {}, 'metricInterval: no times or entityCodes are given'],
    [{ times: [0, 1] }, { by: 'entity' }, 'no entityCodes are given'],
    [{ times: [0, 1] }, {}, 'all rows are of one day, at least 2 are needed'],
    [{ entityCodes: [0] }, {}, '1 entityCodes for 2 rows'],
    [{ entityCodes: [0, 1] }, { resamples: 10 }, 'metricInterval: resamples: 10'],
    [{ entityCodes: [0, 1] }, { metric: 'auc' }, 'metric is "auc", expected one of rocAuc'],
    [{ entityCodes: [0, 1] }, { metric: 'valueDetectionRateAtTop1Pct' }, 'this metric needs amounts'],
    [{ entityCodes: [0, 1] }, { metric: 'cardPrecisionAt100' }, 'this metric needs times and entityCodes'],
    [{ entityCodes: [0, 1] }, { by: 'week' }, 'by is "week", expected "day" or "entity"'],
  ])('refuses %j with %j', (rows, options, message) => {
    expect(() => metricInterval({ scores: [0.9, 0.1], labels: [1, 0], ...rows }, options)).toThrow(message);
  });
});
