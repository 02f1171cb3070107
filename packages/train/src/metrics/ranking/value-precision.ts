import { type AlertRule, alertCut, totalUpTo } from './alert-rule.js';
import type { ThresholdCounts } from './threshold-counts.js';
import { valueCounts } from './value-detection-rate.js';

/**
 * Value precision: the amount of the frauds that are alerts over the amount of all alerts; precision, with rows weighed by amount.
 *
 * @param amounts n amounts, finite and 0 or more, in any one currency
 * @param rule which rows are alerts
 * @returns null when the alerts have no amount, or there are none
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE for an amount, INVALID_OPTION
 * @example valuePrecision([0.9, 0.2, 0.1], [1, 0, 1], [300, 100, 100], { k: 2 }); // 0.75
 */
export function valuePrecision(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
  rule: AlertRule,
): number | null {
  const { counts, value } = valueCounts('valuePrecision', scores, labels, amounts);
  return valuePrecisionOf(counts, value, rule);
}

/** {@link valuePrecision} from counts of rows and of their amounts. */
export function valuePrecisionOf(counts: ThresholdCounts, value: ThresholdCounts, rule: AlertRule): number | null {
  const cut = alertCut('valuePrecision', counts, rule);
  const frauds = totalUpTo(value.truePositives, cut);
  const flagged = frauds + totalUpTo(value.falsePositives, cut);
  return flagged === 0 ? null : frauds / flagged;
}
