import { takeRows } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeCosts } from '../metrics/costs/fraud-costs.js';
import { totalCost } from '../metrics/costs/total-cost.js';
import { cardPrecisionAtK } from '../metrics/daily/card-precision.js';
import { averagePrecision } from '../metrics/ranking/average-precision.js';
import { rankScores } from '../metrics/ranking/rank-scores.js';
import { recallAtFpr } from '../metrics/ranking/recall-at-fpr.js';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
import { decide } from '../thresholds/alert-policy.js';
import { chooseAlerts } from '../thresholds/choose-alerts.js';
import { chooseThreshold } from '../thresholds/choose-threshold.js';
import { evaluatePolicy } from '../thresholds/evaluate-policy.js';
import { attributions } from './attributions.js';
import { costCurve } from './cost-curve.js';
import { evaluationReport } from './evaluation-report.js';
import { evaluationRows, stumpModel } from './evaluation-rows.fixture.js';
import { thinCurve } from './thin-curve.js';

const { model, matrix, ...truth } = evaluationRows();
const scores = model.scoreBatch(matrix);
const bootstrap = { resamples: 50 };

describe('evaluationReport', () => {
  const report = evaluationReport(model, matrix, truth, { bootstrap, threshold: 0.2 });

  it('says what the metrics say', () => {
    const { candidate, threshold } = report;
    expect(candidate.averagePrecision.value).toBeCloseTo(averagePrecision(scores, truth.labels)!, 12);
    expect(candidate.rocAuc.value).toBeCloseTo(rocAuc(scores, truth.labels)!, 12);
    expect(candidate.recallAtFpr01Pct.value).toBeCloseTo(recallAtFpr(scores, truth.labels, 0.001)!, 12);
    expect(candidate.cardPrecision.value).toBeCloseTo(cardPrecisionAtK({ scores, ...truth }), 12);
    for (const { value, low, high } of [candidate.averagePrecision, candidate.rocAuc]) {
      expect(low).toBeLessThan(value!);
      expect(high).toBeGreaterThan(value!);
    }
    expect(threshold!.truePositives + threshold!.falseNegatives).toBe(report.positives);
    expect(report.cardPrecision!.days).toHaveLength(14);
  });

  it('gives the same figures without days and cards, but no intervals', () => {
    const bare = evaluationReport(model, matrix, { labels: truth.labels }).candidate;
    expect(bare.averagePrecision).toEqual({ value: averagePrecision(scores, truth.labels), low: null, high: null });
    expect(bare.cardPrecision).toEqual({ value: null, low: null, high: null });
  });

  it('is plain data that JSON keeps', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('leaves out rows whose label is unknown, and counts them', () => {
    const labels = truth.labels.map((label, i) => (i % 3 === 0 ? 255 : label));
    const known = Uint32Array.from(labels, (_, i) => i).filter((i) => i % 3 !== 0);
    const pick = <T extends Float64Array | Int32Array | Uint8Array>(values: T): T => values.filter((_, i) => i % 3 !== 0) as T;
    const kept = evaluationReport(
      model,
      takeRows(matrix, known),
      { labels: pick(truth.labels), times: pick(truth.times), entityCodes: pick(truth.entityCodes) },
      { bootstrap },
    );
    const { amounts: _, ...given } = truth;
    expect(evaluationReport(model, matrix, { ...given, labels }, { bootstrap })).toEqual({ ...kept, unknownLabels: 500 });
  });

  it('compares with the incumbent on pairs', () => {
    const incumbent = { name: 'old', scores: stumpModel().scoreBatch(matrix) };
    const { comparison, incumbent: figures } = evaluationReport(model, matrix, truth, { bootstrap, incumbent });
    expect(figures!.averagePrecision.value).toBeCloseTo(averagePrecision(incumbent.scores, truth.labels)!, 12);
    expect(comparison!.differences.map(({ metric }) => metric)).toContain('recallAtTop1Pct');
    const same = evaluationReport(model, matrix, truth, { bootstrap, incumbent: { name: 'same', scores } });
    expect(same.comparison!.verdict).toBe('undecided');
  });

  it('judges what the policy of chooseThreshold decides, of each kind', () => {
    const rows = { scores, ...truth };
    for (const options of [
      { costs: { reviewCost: 4, chargebackFee: 10 } },
      { costs: { reviewCost: 4, declineCost: 30, chargebackFee: 10 }, reviewsPerDay: 3 },
      { reviewsPerDay: 5 },
      { costs: { reviewCost: 1e9 } },
    ]) {
      const { policy } = chooseThreshold(rows, { ...options, resamples: 50 });
      const figures = evaluationReport(model, matrix, truth, { bootstrap, policy, explainedRows: 0 }).policy!;
      const outcome = evaluatePolicy(policy, rows);
      expect(figures.outcome).toEqual(outcome);
      expect(figures).toMatchObject({ precision: outcome.precision, recall: outcome.recall, policy });
      expect(figures.truePositives + figures.falsePositives).toBe(outcome.reviews + outcome.declines);
      if (outcome.cost === null) expect(figures.cost).toBeNull();
      else expect(figures.cost).toBeCloseTo(outcome.cost, 6);
      expect(figures.byDay.map(({ dayMs }) => dayMs)).toEqual(
        [...new Set(Array.from(truth.times, (time) => time - (time % 86_400_000)))].toSorted((a, b) => a - b),
      );
      const decided = Array.from(scores, (score, row) => decide(policy, score, truth.amounts[row]));
      const reviewed = decided.filter((decision) => decision === 'review').length;
      // One by one differs where a day has more than the bound, or fewer.
      expect(figures.oneByOne?.reviews).toBe(options.reviewsPerDay === undefined ? undefined : reviewed);
    }
  });

  it('prices a policy without costs by those given', () => {
    const { policy } = chooseThreshold({ scores, ...truth }, { reviewsPerDay: 5, resamples: 50 });
    const priced = evaluationReport(model, matrix, truth, { bootstrap, policy, costs: { reviewCost: 2 } });
    const alerts = chooseAlerts(policy, { scores, ...truth }).map((decision) => Number(decision === 'review'));
    expect(priced.policy!.cost).toBeCloseTo(totalCost(alerts, truth.labels, truth.amounts, { reviewCost: 2 }), 6);
    expect(priced.costs!.costOfNone).toBeCloseTo(priced.policy!.outcome.costOfNone!, 6);
  });

  it('says what intervals were drawn by, and why there are none', () => {
    const basis = (over: object, options: object = {}) =>
      evaluationReport(
        model,
        matrix,
        { labels: truth.labels, ...over },
        { bootstrap: { ...bootstrap, ...options }, explainedRows: 0 },
      );
    const { times, entityCodes } = truth;
    expect(basis({ times, entityCodes }).intervals).toEqual({ by: 'entity', clusters: 200, note: null });
    expect(basis({ times }).intervals).toMatchObject({
      by: 'day',
      clusters: 14,
      note: expect.stringContaining('from 14 days only'),
    });
    expect(basis({}).intervals.note).toContain('neither times nor cards');
    const oneDay = times.map(() => times[0]!);
    expect(basis({ times: oneDay }).intervals).toMatchObject({
      by: null,
      note: expect.stringContaining('all rows are of one day'),
    });
    const oneCard = entityCodes.map(() => 3);
    expect(basis({ times: oneDay, entityCodes: oneCard }).intervals.note).toContain('all rows are of one card');
    // Cards whose code is missing are cards of their own.
    expect(basis({ entityCodes: entityCodes.map(() => -1) }).intervals).toMatchObject({ by: 'entity', clusters: 1500 });
    expect(basis({ times, entityCodes: oneCard }).candidate.rocAuc.low).not.toBeNull();
  });

  it('refuses what does not fit together', () => {
    const run =
      (over: object, options: object = {}) =>
      () =>
        evaluationReport(model, matrix, { ...truth, ...over }, options);
    expect(run({ labels: [1] })).toThrow('evaluationReport: 1 labels for 1500 rows, expected one each');
    expect(run({ labels: truth.labels.map(() => 2) })).toThrow('labels[0] is 2, expected 0, 1, or 255 for unknown');
    expect(run({ labels: truth.labels.map(() => 255) })).toThrow('no row has a known label');
    expect(run({}, { threshold: Number.NaN })).toThrow('threshold is NaN, expected a finite number');
    expect(run({ amounts: undefined }, { costs: { reviewCost: 1 } })).toThrow('costs without amounts');
    const { policy } = chooseThreshold({ scores, ...truth }, { costs: { reviewCost: 2 }, resamples: 50 });
    expect(run({}, { policy, threshold: 0.2 })).toThrow('a threshold beside a policy');
    expect(run({ times: undefined }, { policy })).toThrow('a policy without times');
    expect(run({ amounts: undefined }, { policy })).toThrow('a policy that depends on amounts');
    expect(run({}, { policy: { ...policy, minimumScore: 2 } })).toThrow('evaluationReport: policy: minimumScore');
    expect(run({}, { currency: '' })).toThrow('currency has 0 characters, expected 1 to 20');
    expect(run({}, { incumbent: { name: 'x', scores: [1] } })).toThrow('1 incumbent.scores for 1500 rows');
  });
});

describe('costCurve', () => {
  it('costs at each point what the alerts from its threshold on cost', () => {
    const costs = completeCosts('test', { reviewCost: 4, insultCost: 1, chargebackFee: 5 });
    const few = {
      scores: Array.from(scores.subarray(0, 200)),
      labels: truth.labels.subarray(0, 200),
      amounts: truth.amounts.subarray(0, 200),
    };
    const curve = costCurve(rankScores('test', few.scores), few.labels, few.amounts, costs);
    for (const { x, y, threshold } of curve.points) {
      const alerts = few.scores.map((score) => Number(score >= (threshold ?? Number.POSITIVE_INFINITY)));
      expect(y).toBeCloseTo(totalCost(alerts, few.labels, few.amounts, { reviewCost: 4, insultCost: 1, chargebackFee: 5 }), 6);
      expect(x).toBeCloseTo(alerts.reduce((sum, alert) => sum + alert, 0) / 200, 12);
    }
    expect(Math.min(...curve.points.map(({ y }) => y))).toBeCloseTo(curve.cheapest.y, 6);
    expect(curve.points[0]!).toMatchObject({ x: 0, y: expect.closeTo(curve.costOfNone, 6) });
    expect(curve.points.at(-1)!.y).toBeCloseTo(curve.costOfAll, 6);
  });
});

describe('thinCurve', () => {
  it('keeps both ends, the order, and no more than it may', () => {
    const point = fc.record({ x: fc.double({ min: 0, max: 1, noNaN: true }), y: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 200 }), fc.integer({ min: 2, max: 50 }), (points, most) => {
        const xs = points.map(({ x }) => x);
        const thin = thinCurve(
          xs,
          points.map(({ y }) => y),
          xs,
          most,
        );
        expect(thin.length).toBeLessThanOrEqual(most);
        expect([thin[0]!.x, thin.at(-1)!.x]).toEqual([xs[0], xs.at(-1)]);
        let from = 0;
        for (const { x, y } of thin) {
          from = points.findIndex((one, i) => i >= from && one.x === x && one.y === y);
          expect(from).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('attributions', () => {
  it('are the exact means when all rows are explained', () => {
    const all = attributions(model, matrix, truth.labels, 1500, 0)!;
    expect(all).toMatchObject({ rows: 1500, frauds: truth.labels.reduce((sum, label) => sum + label, 0), space: 'log_odds' });
    const mean = (feature: number) => {
      let sum = 0;
      for (let i = 0; i < matrix.rowCount; i++) {
        sum += Math.abs(model.explain(matrix.columns.map((column) => column[i]!)).contributions[feature]!);
      }
      return sum / matrix.rowCount;
    };
    for (const { name, importance } of all.importance) {
      expect(importance).toBeCloseTo(mean(model.featureNames.indexOf(name)), 9);
    }
  });

  it('of a sample with half frauds come close to them', () => {
    const all = attributions(model, matrix, truth.labels, 1500, 0)!;
    const some = attributions(model, matrix, truth.labels, 300, 1)!;
    expect(some).toMatchObject({ rows: 300, frauds: all.frauds });
    some.importance.forEach(({ importance }, i) => {
      expect(Math.abs(importance / all.importance[i]!.importance - 1)).toBeLessThan(0.25);
    });
  });
});
