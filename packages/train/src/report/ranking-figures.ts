/** How well scores put frauds first: headline figures with intervals, the curves, and what reviewing the top of the list would find. */
import { cardPrecisionAtK } from '../metrics/daily/card-precision.js';
import { averagePrecisionOf } from '../metrics/ranking/average-precision.js';
import { wholeRows } from '../metrics/ranking/alert-rule.js';
import { precisionAtKOf } from '../metrics/ranking/precision-at-k.js';
import { precisionRecallCurveOf } from '../metrics/ranking/precision-recall-curve.js';
import type { Ranking } from '../metrics/ranking/rank-scores.js';
import { recallAtFprOf } from '../metrics/ranking/recall-at-fpr.js';
import { recallAtKOf } from '../metrics/ranking/recall-at-k.js';
import { rocAucOf } from '../metrics/ranking/roc-auc.js';
import { rocCurveOf } from '../metrics/ranking/roc-curve.js';
import { type ThresholdCounts, countsOf } from '../metrics/ranking/threshold-counts.js';
import type { BootstrapOptions, ClusterBy } from '../metrics/intervals/cluster-bootstrap.js';
import { metricInterval } from '../metrics/intervals/metric-interval.js';
import { type MetricName, type WeightedMetric, cardPrecisionMetric } from '../metrics/intervals/weighted-metrics.js';
import type { ScoredRows } from '../metrics/evaluate.js';
import { type CurvePoint, thinCurve } from './thin-curve.js';

/** A figure and where it may lie. */
export interface Figure {
  /** Null where it is undefined, as with one class only. */
  readonly value: number | null;
  /** Ends of the interval of a cluster bootstrap, 95 % unless its options say another level; null when there is nothing to draw by. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The top of the list. */
export interface ReviewedShare {
  /** Share of all rows, from the highest score down. */
  readonly share: number;
  readonly rows: number;
  /** Share of them that are frauds. */
  readonly precision: number;
  /** Share of all frauds that are among them; null without frauds. */
  readonly recall: number | null;
}

/** How well scores put frauds first. */
export interface RankingFigures {
  readonly name: string;
  readonly averagePrecision: Figure;
  readonly rocAuc: Figure;
  /** Share of all frauds in the 1 % of rows with the highest scores. */
  readonly recallAtTop1Pct: Figure;
  /** Share of all frauds that are found while 0.1 % of the genuine rows are flagged. */
  readonly recallAtFpr01Pct: Figure;
  /** Mean card precision of the days; null without cards and times. */
  readonly cardPrecision: Figure;
  /** x recall, y precision; empty without frauds. */
  readonly precisionRecall: readonly CurvePoint[];
  /** x false-positive rate, y recall; empty with one class. */
  readonly roc: readonly CurvePoint[];
  /** x share of rows, y recall; empty without frauds. */
  readonly gains: readonly CurvePoint[];
  readonly reviewed: readonly ReviewedShare[];
}

const REVIEWED_SHARES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

/**
 * All figures of scores that were ranked.
 *
 * @param by what intervals are drawn by, see {@link intervalBasis}; null leaves them out
 */
export function rankingFigures(
  name: string,
  ranking: Ranking,
  rows: ScoredRows,
  by: ClusterBy | null,
  { cardsPerDay: k = 100, bootstrap = {} }: { readonly cardsPerDay?: number; readonly bootstrap?: BootstrapOptions },
): RankingFigures {
  const counts = countsOf(ranking, rows.labels);
  const rowCount = ranking.order.length;
  const figure = (metric: MetricName | WeightedMetric, value: () => number | null): Figure => {
    if (by === null) return { value: value(), low: null, high: null };
    const { value: own, low, high } = metricInterval(rows, { resamples: 200, ...bootstrap, by, metric });
    return { value: own, low, high };
  };
  const { entityCodes, times, scores, labels } = rows;
  const hasFrauds = counts.truePositives.at(-1)! > 0;
  const noFigure: Figure = { value: null, low: null, high: null };
  return {
    name,
    averagePrecision: figure('averagePrecision', () => averagePrecisionOf(counts)),
    rocAuc: figure('rocAuc', () => rocAucOf(counts)),
    recallAtTop1Pct: figure('recallAtTop1Pct', () => recallAtKOf(counts, wholeRows(0.01, rowCount))),
    recallAtFpr01Pct: figure('recallAtFpr01Pct', () => recallAtFprOf(counts, 0.001)),
    cardPrecision:
      entityCodes && times && hasFrauds
        ? figure(cardPrecisionMetric(k), () => cardPrecisionAtK({ scores, labels, entityCodes, times, k }))
        : noFigure,
    ...curves(counts),
    reviewed: REVIEWED_SHARES.map((share) => {
      const top = wholeRows(share, rowCount);
      return { share, rows: top, precision: precisionAtKOf(counts, top), recall: recallAtKOf(counts, top) };
    }),
  };
}

function curves(counts: ThresholdCounts): Pick<RankingFigures, 'precisionRecall' | 'roc' | 'gains'> {
  const precisionRecall = precisionRecallCurveOf(counts);
  const roc = rocCurveOf(counts);
  const { truePositives, falsePositives, thresholds } = counts;
  const rowCount = truePositives.at(-1)! + falsePositives.at(-1)!;
  // Drawn on a logarithmic scale, so distances are measured on one.
  const shares = truePositives.map((hits, i) => Math.log10((hits + falsePositives[i]!) / rowCount));
  return {
    precisionRecall: precisionRecall
      ? thinCurve(precisionRecall.recall, precisionRecall.precision, precisionRecall.thresholds)
      : [],
    roc: roc ? thinCurve(roc.falsePositiveRate, roc.truePositiveRate, roc.thresholds) : [],
    gains: precisionRecall
      ? thinCurve(shares, precisionRecall.recall, thresholds).map(({ x, ...point }) => ({ ...point, x: 10 ** x }))
      : [],
  };
}
