import { takeRows } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalCost } from '../metrics/costs/total-cost.js';
import { cardPrecisionAtK } from '../metrics/daily/card-precision.js';
import { averagePrecision } from '../metrics/ranking/average-precision.js';
import { rankScores } from '../metrics/ranking/rank-scores.js';
import { recallAtFpr } from '../metrics/ranking/recall-at-fpr.js';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
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
    expect(run({}, { incumbent: { name: 'x', scores: [1] } })).toThrow('1 incumbent.scores for 1500 rows');
  });
});

describe('costCurve', () => {
  it('costs at each point what the alerts from its threshold on cost', () => {
    const costs = { reviewCost: 4, insultCost: 1, chargebackFee: 5 };
    const few = {
      scores: Array.from(scores.subarray(0, 200)),
      labels: truth.labels.subarray(0, 200),
      amounts: truth.amounts.subarray(0, 200),
    };
    const curve = costCurve(rankScores('test', few.scores), few.labels, few.amounts, costs);
    for (const { x, y, threshold } of curve.points) {
      const alerts = few.scores.map((score) => Number(score >= (threshold ?? Number.POSITIVE_INFINITY)));
      expect(y).toBeCloseTo(totalCost(alerts, few.labels, few.amounts, costs), 6);
      expect(x).toBeCloseTo(alerts.reduce((sum, alert) => sum + alert, 0) / 200, 12);
    }
    expect(Math.min(...curve.points.map(({ y }) => y))).toBeCloseTo(curve.cheapest.y, 6);
    expect(curve.points[0]!.y).toBeCloseTo(curve.costOfNone, 6);
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
