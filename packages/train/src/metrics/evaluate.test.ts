import { existsSync, readFileSync } from 'node:fs';
import { featureMatrix } from '@fraudops/core';
import { linearModel } from '@fraudops/model';
import { describe, expect, it } from 'vitest';

import { chooseThreshold } from '../thresholds/choose-threshold.js';
import { evaluatePolicy } from '../thresholds/evaluate-policy.js';
import { policyRows } from '../thresholds/policy-rows.fixture.js';
import { cardPrecisionAtK, cardPrecisionCeiling } from './daily/card-precision.js';
import { dailyPrecisionAtK } from './daily/precision-at-k-by-day.js';
import { confusionCounts } from './decisions/confusion-counts.js';
import { fBeta } from './decisions/f-beta.js';
import { matthewsCorrelation } from './decisions/matthews-correlation.js';
import { evaluate, evaluateScores } from './evaluate.js';
import { goldenMetrics } from './golden-metrics.fixture.js';
import { calibrationError } from './probabilities/calibration-error.js';
import { gini } from './ranking/gini.js';
import { liftAtK } from './ranking/lift-at-k.js';
import { precisionAtK } from './ranking/precision-at-k.js';
import { recallAtFpr } from './ranking/recall-at-fpr.js';
import { valueDetectionRate } from './ranking/value-detection-rate.js';

const model = linearModel({ featureNames: ['x'], weights: [1], intercept: 0, missingValues: [0] });
const matrix = featureMatrix(['x'], [Float32Array.of(3, -2, 1, 0)]);
const truth = { labels: Uint8Array.of(1, 0, 0, 0), entityCodes: Int32Array.of(1, 2, 3, 4), times: new Float64Array(4) };

describe('evaluate', () => {
  it('gives the report card of a model', () => {
    expect(evaluate(model, matrix, truth)).toMatchObject({
      rocAuc: 1,
      averagePrecision: 1,
      cardPrecisionAt100: 0.01,
      cardPrecisionCeiling: 0.01,
      ks: 1,
      liftAtTop1Pct: 4,
      rows: 4,
      positives: 1,
      prevalence: 0.25,
      unknownShare: 0,
      savings: null,
    });
  });

  it('refuses a matrix of other features', () => {
    expect(() => evaluate(model, featureMatrix(['y'], matrix.columns), truth)).toThrow('feature 0 is y, the model takes x');
  });
});

describe('evaluateScores', () => {
  it.each(goldenMetrics)(
    'says what the single functions say, on $name',
    ({ score: scores, label: labels, amount: amounts, expected }) => {
      const times = scores.map((_, i) => (i % 4) * 86_400_000);
      const entityCodes = Int32Array.from(scores, (_, i) => i % 150);
      const metrics = evaluateScores({ scores, labels, amounts, times, entityCodes }, { costs: { reviewCost: 5 } });
      const top = Math.ceil(scores.length / 100);
      expect(metrics).toMatchObject({
        averagePrecision: expect.closeTo(expected.average_precision, 12),
        brierScore: expect.closeTo(expected.brier, 12),
        logLoss: expect.closeTo(expected.log_loss, 12),
        ks: expect.closeTo(expected.ks, 12),
        calibrationSlope: expect.closeTo(expected.calibration_slope, 8),
        gini: gini(scores, labels),
        recallAtFpr1Pct: recallAtFpr(scores, labels, 0.01),
        precisionAtTop1Pct: precisionAtK(scores, labels, top),
        liftAtTop1Pct: liftAtK(scores, labels, top),
        valueDetectionRateAtTop1Pct: valueDetectionRate(scores, labels, amounts, { k: top }),
        calibrationErrorAtTop1Pct: calibrationError(scores, labels, { topShare: 0.01 }),
        dailyPrecisionAt100: dailyPrecisionAtK({ scores, labels, times }),
        cardPrecisionAt100: cardPrecisionAtK({ scores, labels, times, entityCodes }),
        cardPrecisionCeiling: cardPrecisionCeiling({ scores, labels, times, entityCodes }),
      });
      expect(metrics.savings).toBeLessThan(1);
    },
  );

  it('takes rows of unknown cards as cards of their own', () => {
    const rows = { scores: [0.9, 0.8, 0.7], labels: [1, 1, 0], times: [0, 0, 0] };
    const metrics = evaluateScores({ ...rows, entityCodes: [-1, -1, 4] });
    expect(metrics).toMatchObject({ cardPrecisionAt100: 0.02, cardPrecisionCeiling: 0.02 });
  });

  it('takes every alert as reviewed, whatever declining costs', () => {
    const rows = { scores: [0.9, 0.1], labels: [1, 0], amounts: [100, 50] };
    const costs = { reviewCost: 5 };
    expect(evaluateScores(rows, { costs: { ...costs, declineCost: 1 } })).toEqual(evaluateScores(rows, { costs }));
    expect(() => evaluateScores(rows, { costs: { ...costs, declineCost: -1 } })).toThrow('costs.declineCost: -1');
  });

  it('judges the alerts of a policy', () => {
    const rows = policyRows(5);
    const { policy } = chooseThreshold(rows, {
      costs: { reviewCost: 400, declineCost: 9_000, chargebackFee: 1_500 },
      reviewsPerDay: 3,
      resamples: 50,
    });
    const outcome = evaluatePolicy(policy, rows);
    expect(evaluateScores(rows, { policy })).toMatchObject({
      totalCost: outcome.cost,
      savings: outcome.savings,
      alertsPerDay: (outcome.reviews + outcome.declines) / outcome.days,
      alertPrecision: outcome.precision,
      alertRecall: outcome.recall,
      quietDays: outcome.quietDays,
      savedPerDay: outcome.savedPerDay,
    });
    expect(evaluateScores(rows)).toMatchObject({ alertsPerDay: null, savedPerDay: null });
    const byCapacity = chooseThreshold(rows, { reviewsPerDay: 3, resamples: 50 }).policy;
    const { amounts: _, ...withoutAmounts } = rows;
    expect(evaluateScores(withoutAmounts, { policy: byCapacity })).toMatchObject({
      alertsPerDay: evaluatePolicy(byCapacity, rows).reviewsPerDay,
      totalCost: null,
    });
    expect(evaluateScores(rows, { policy: byCapacity, costs: { reviewCost: 400 } }).totalCost).toBeGreaterThan(0);
    expect(() => evaluateScores({ scores: [0.5], labels: [1], amounts: [3] }, { policy })).toThrow('a policy without times');
  });

  it('leaves out what needs cards, times or amounts', () => {
    expect(evaluateScores({ scores: [0.9, 0.1], labels: [1, 0] })).toMatchObject({
      rocAuc: 1,
      cardPrecisionAt100: null,
      dailyPrecisionAt100: null,
      valueDetectionRateAtTop1Pct: null,
      totalCost: null,
    });
  });

  it('leaves out probabilities of scores that are none', () => {
    const metrics = evaluateScores({ scores: [3, -2], labels: [1, 0] });
    expect(metrics).toMatchObject({ rocAuc: 1, brierScore: null, logLoss: null, calibrationError: null });
  });

  it('has nothing to say about ranking with one class', () => {
    const { rocAuc, averagePrecision, cardPrecisionAt100, prevalence } = evaluateScores({
      ...truth,
      scores: [1, 2, 3, 4],
      labels: [0, 0, 0, 0],
    });
    expect([rocAuc, averagePrecision, cardPrecisionAt100, prevalence]).toEqual([null, null, null, 0]);
  });

  it('judges only rows whose label is known, and tells the share of the others', () => {
    const rows = { scores: [0.9, 0.5, 0.4, 0.1], labels: [1, 255, 0, 0], times: [0, 0, 0, 0], entityCodes: [0, 1, 2, 3] };
    const known = { scores: [0.9, 0.4, 0.1], labels: [1, 0, 0], times: [0, 0, 0], entityCodes: [0, 2, 3] };
    expect(evaluateScores(rows)).toEqual({ ...evaluateScores(known), unknownShare: 0.25 });
    expect(() => evaluateScores({ scores: [0.5], labels: [255] })).toThrow('no label of 1 rows is known');
    expect(() => evaluateScores({ scores: [0.5], labels: [2] })).toThrow('labels[0] is 2, expected 0, 1 or 255 for unknown');
    expect(() => evaluateScores({ scores: [0.5], labels: [1], amounts: [] })).toThrow('0 amounts for 1 rows');
  });
});

const goldenFile = new URL('../../../../../shared/golden/metrics_expected.json', import.meta.url);

describe.skipIf(!existsSync(goldenFile))('evaluateScores on the golden rows', () => {
  it('equals scikit-learn 1.2.1 to 1e-12', () => {
    const { y, score, expected } = JSON.parse(readFileSync(goldenFile, 'utf8')) as {
      y: number[];
      score: number[];
      expected: Record<string, number>;
    };
    const metrics = evaluateScores({ scores: score, labels: y });
    const decisions = confusionCounts(score, y, 0.3);
    const pairs: [number | null, string][] = [
      [metrics.averagePrecision, 'average_precision'],
      [metrics.rocAuc, 'roc_auc'],
      [metrics.brierScore, 'brier'],
      [metrics.logLoss, 'log_loss'],
      [metrics.ks, 'ks'],
      [matthewsCorrelation(decisions), 'mcc@0.3'],
      [fBeta(decisions), 'f1@0.3'],
    ];
    for (const [value, name] of pairs) expect(Math.abs(value! - expected[name]!), name).toBeLessThan(1e-12);
  });
});
