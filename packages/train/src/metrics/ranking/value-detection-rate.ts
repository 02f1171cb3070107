import { requireAmounts, requireScoredLabels } from '../scored-labels.js';
import { type AlertRule, alertCut, totalUpTo } from './alert-rule.js';
import { rankScores } from './rank-scores.js';
import { type ThresholdCounts, classTotals, countsOf } from './threshold-counts.js';

/**
 * Value detection rate: the amount of the frauds that are alerts over the amount of all frauds; recall, with rows weighed by amount.
 *
 * @param amounts n amounts, finite and 0 or more, in any one currency
 * @param rule which rows are alerts
 * @returns null when the frauds have no amount, or there are none
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE for an amount, INVALID_OPTION
 * @example valueDetectionRate([0.9, 0.2, 0.1], [1, 0, 1], [300, 50, 100], { k: 1 }); // 0.75
 */
export function valueDetectionRate(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
  rule: AlertRule,
): number | null {
  const { counts, value } = valueCounts('valueDetectionRate', scores, labels, amounts);
  return valueDetectionRateOf(counts, value, rule);
}

/** {@link valueDetectionRate} from counts of rows and of their amounts. */
export function valueDetectionRateOf(counts: ThresholdCounts, value: ThresholdCounts, rule: AlertRule): number | null {
  const cut = alertCut('valueDetectionRate', counts, rule);
  const { frauds } = classTotals(value);
  return frauds === 0 ? null : totalUpTo(value.truePositives, cut) / frauds;
}

/** Counts of rows, and the same with each row weighed by its amount. */
export function valueCounts(
  what: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
): { counts: ThresholdCounts; value: ThresholdCounts } {
  requireScoredLabels(what, scores, labels);
  requireAmounts(what, amounts, scores.length);
  const ranking = rankScores(what, scores);
  return { counts: countsOf(ranking, labels), value: countsOf(ranking, labels, amounts) };
}
