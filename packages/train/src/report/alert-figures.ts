/** What alerts come to on rows of known outcome, whatever decided them: counts, shares and costs. */
import type { CompleteFraudCosts } from '../metrics/costs/fraud-costs.js';
import { savingsOf } from '../metrics/costs/total-cost.js';
import { type ConfusionCounts, confusionCounts } from '../metrics/decisions/confusion-counts.js';
import type { JudgedRows } from '../metrics/intervals/weighted-rows.js';
import { valueDetectionRate } from '../metrics/ranking/value-detection-rate.js';
import type { AlertDecision } from '../thresholds/alert-policy.js';
import { decisionCost } from '../thresholds/evaluate-policy.js';

/** What alerts come to; a row is an alert when it is reviewed or declined. */
export interface AlertFigures extends ConfusionCounts {
  /** Share of all rows that are alerts. */
  readonly alertRate: number;
  /** Share of alerts that are frauds; null without alerts. */
  readonly precision: number | null;
  /** Share of frauds that are alerts; null without frauds. */
  readonly recall: number | null;
  /** Share of the genuine rows that are alerts; null without genuine rows. */
  readonly falsePositiveRate: number | null;
  /** Share of the frauds' amount that is in alerts; null without amounts or when frauds have none. */
  readonly valueDetectionRate: number | null;
  /** Total cost on the rows; null without costs. */
  readonly cost: number | null;
  /** 1 - cost over that of the better of no alerts and reviewing all rows; null without costs. */
  readonly savings: number | null;
}

/** Which rows are alerts: 1 where something is done with a transaction, 0 where it is approved. */
export function alertsOf(decisions: readonly AlertDecision[]): Uint8Array {
  return Uint8Array.from(decisions, (decision) => (decision === 'approve' ? 0 : 1));
}

/** @param decisions one a row */
export function alertFigures(
  { labels, amounts }: Pick<JudgedRows, 'labels' | 'amounts'>,
  decisions: readonly AlertDecision[],
  costs: CompleteFraudCosts | null,
): AlertFigures {
  const alerts = alertsOf(decisions);
  const counts = confusionCounts(alerts, labels, 1);
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts;
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  return {
    ...counts,
    alertRate: (truePositives + falsePositives) / labels.length,
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, truePositives + falseNegatives),
    falsePositiveRate: share(falsePositives, falsePositives + trueNegatives),
    valueDetectionRate: amounts ? valueDetectionRate(alerts, labels, amounts, { threshold: 1 }) : null,
    ...costFigures(labels, amounts, decisions, costs),
  };
}

function costFigures(
  labels: ArrayLike<number>,
  amounts: ArrayLike<number> | undefined,
  decisions: readonly AlertDecision[],
  costs: CompleteFraudCosts | null,
): Pick<AlertFigures, 'cost' | 'savings'> {
  if (!costs || !amounts) return { cost: null, savings: null };
  const totalOf = (decisionAt: (row: number) => AlertDecision) => {
    let total = 0;
    for (let row = 0; row < labels.length; row++) {
      total += decisionCost(costs, decisionAt(row), labels[row] === 1, amounts[row]!);
    }
    return total;
  };
  const cost = totalOf((row) => decisions[row]!);
  return {
    cost,
    savings: savingsOf(
      cost,
      totalOf(() => 'approve'),
      totalOf(() => 'review'),
    ),
  };
}
