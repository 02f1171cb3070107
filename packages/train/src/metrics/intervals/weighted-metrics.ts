/**
 * The metrics that intervals and comparisons know by name, as functions of weighted rows. Where every row weighs 1 they equal the plain
 * functions; where clusters were drawn several times they equal them on the rows repeated so often.
 */
import { checkCards, requireChecks } from '../daily/card-precision.js';
import { rowLogLoss } from '../probabilities/log-loss.js';
import { alertRateAtRecallOf } from '../ranking/alert-rate-at-recall.js';
import { alertCut, totalUpTo } from '../ranking/alert-rule.js';
import { averagePrecisionOf } from '../ranking/average-precision.js';
import { ksStatisticOf } from '../ranking/ks-statistic.js';
import { recallAtFprOf } from '../ranking/recall-at-fpr.js';
import { rocAucOf } from '../ranking/roc-auc.js';
import { classTotals } from '../ranking/threshold-counts.js';
import { valueDetectionRateOf } from '../ranking/value-detection-rate.js';
import { showValue } from '@fraudops/core';
import { TrainError } from '../../train-error.js';
import type { WeightedRows } from './weighted-rows.js';

/**
 * A metric of weighted rows, or null where it is undefined. Read the rows through {@link WeightedRows}, and let each count `weight(row)`
 * times.
 */
export type WeightedMetric = (rows: WeightedRows) => number | null;

/** Metrics that are known by name. */
export type MetricName =
  | 'rocAuc'
  | 'averagePrecision'
  | 'ks'
  | 'recallAtFpr01Pct'
  | 'recallAtFpr1Pct'
  | 'alertRateAtRecall50Pct'
  | 'precisionAtTop1Pct'
  | 'recallAtTop1Pct'
  | 'valueDetectionRateAtTop1Pct'
  | 'cardPrecisionAt100'
  | 'brierScore'
  | 'logLoss';

/** Metrics of which less is better. */
export const LESS_IS_BETTER: ReadonlySet<string> = new Set<MetricName>(['alertRateAtRecall50Pct', 'brierScore', 'logLoss']);

const METRICS: Readonly<Record<MetricName, WeightedMetric>> = {
  rocAuc: (rows) => rocAucOf(rows.counts()),
  averagePrecision: (rows) => averagePrecisionOf(rows.counts()),
  ks: (rows) => ksStatisticOf(rows.counts()),
  recallAtFpr01Pct: (rows) => recallAtFprOf(rows.counts(), 0.001),
  recallAtFpr1Pct: (rows) => recallAtFprOf(rows.counts(), 0.01),
  alertRateAtRecall50Pct: (rows) => alertRateAtRecallOf(rows.counts(), 0.5),
  precisionAtTop1Pct: precisionAtTop,
  recallAtTop1Pct: recallAtTop,
  valueDetectionRateAtTop1Pct: (rows) => valueDetectionRateOf(rows.counts(), rows.counts('amounts'), { share: TOP_SHARE }),
  cardPrecisionAt100: cardPrecisionMetric(100),
  brierScore: (rows) => meanOf(rows, (probability, label) => (probability - label) ** 2),
  logLoss: (rows) => meanOf(rows, rowLogLoss),
};

/**
 * The function of a named metric; a function of the caller's is given back with a check of what it gives.
 *
 * @throws {TrainError} INVALID_OPTION for a name that is not known; when used, for a value that is neither a number nor null
 */
export function weightedMetric(what: string, metric: MetricName | WeightedMetric): WeightedMetric {
  if (typeof metric === 'function') return checkedMetric(what, metric);
  if (typeof metric === 'string' && Object.hasOwn(METRICS, metric)) return METRICS[metric];
  const known = Object.keys(METRICS).join(', ');
  throw new TrainError('INVALID_OPTION', `${what}: metric is ${showValue(metric)}, expected one of ${known}, or a function`);
}

function checkedMetric(what: string, metric: WeightedMetric): WeightedMetric {
  return (rows) => {
    const value: unknown = metric(rows);
    if (value === null || (typeof value === 'number' && !Number.isNaN(value))) return value;
    throw new TrainError(
      'INVALID_OPTION',
      `${what}: the metric gave ${showValue(value)}, expected a number; give null where it is undefined, as in resamples of one class`,
    );
  };
}

/**
 * Card precision at k (see {@link cardPrecisionAtK}) for intervals and comparisons. Drawn by day, the days' precisions are averaged by how
 * often each day was drawn, cards found out being those of the true order of days; drawn by entity, each card is checked as often as it
 * was drawn.
 *
 * @param k cards checked a day, default 100
 * @throws {TrainError} INVALID_OPTION
 * @example metricInterval(rows, { metric: cardPrecisionMetric(50), by: 'entity' });
 */
export function cardPrecisionMetric(k?: number): WeightedMetric {
  const checks = requireChecks(k);
  return (rows) => {
    const cards = rows.cardDays();
    const copies = rows.clusters.by === 'entity' ? cards.rowOfCard.map((row) => rows.weight(row)) : undefined;
    let sum = 0;
    let total = 0;
    checkCards(cards, checks, copies).forEach(({ precision }, i) => {
      const day = cards.days[i]!;
      const weight = copies ? Number(day.cards.some(({ card }) => copies[card]! > 0)) : rows.weight(day.row);
      sum += weight * precision;
      total += weight;
    });
    return total === 0 ? null : sum / total;
  };
}

/** The highest hundredth of the rows, rounded up to whole rows. */
const TOP_SHARE = 0.01;

function precisionAtTop(rows: WeightedRows): number | null {
  const counts = rows.counts();
  const cut = alertCut('precisionAtTop1Pct', counts, { share: TOP_SHARE });
  const hits = totalUpTo(counts.truePositives, cut);
  const alerts = hits + totalUpTo(counts.falsePositives, cut);
  return alerts === 0 ? null : hits / alerts;
}

function recallAtTop(rows: WeightedRows): number | null {
  const counts = rows.counts();
  const { frauds } = classTotals(counts);
  return frauds === 0
    ? null
    : totalUpTo(counts.truePositives, alertCut('recallAtTop1Pct', counts, { share: TOP_SHARE })) / frauds;
}

function meanOf(rows: WeightedRows, lossOf: (probability: number, label: number) => number): number | null {
  const probabilities = rows.probabilities();
  const { labels } = rows.rows;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const weight = rows.weight(i);
    if (weight === 0) continue;
    sum += weight * lossOf(probabilities[i]!, labels[i]!);
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
