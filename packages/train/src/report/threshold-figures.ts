import type { FraudCosts } from '../metrics/costs/fraud-costs.js';
import { savings, totalCost } from '../metrics/costs/total-cost.js';
import { type ConfusionCounts, confusionCounts } from '../metrics/decisions/confusion-counts.js';
import { valueDetectionRate } from '../metrics/ranking/value-detection-rate.js';
import type { JudgedRows } from '../metrics/intervals/weighted-rows.js';

/** What the chosen threshold does on the rows. */
export interface ThresholdFigures extends ConfusionCounts {
  readonly threshold: number;
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
  /** 1 - cost over that of the better of no alerts and all alerts; null without costs. */
  readonly savings: number | null;
}

/** Figures of alerts from a score on. */
export function thresholdFigures(rows: JudgedRows, threshold: number, costs: FraudCosts | undefined): ThresholdFigures {
  const { scores, labels, amounts } = rows;
  const counts = confusionCounts(scores, labels, threshold);
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts;
  const alerts = Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0));
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  return {
    ...counts,
    threshold,
    alertRate: (truePositives + falsePositives) / labels.length,
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, truePositives + falseNegatives),
    falsePositiveRate: share(falsePositives, falsePositives + trueNegatives),
    valueDetectionRate: amounts ? valueDetectionRate(scores, labels, amounts, { threshold }) : null,
    cost: costs && amounts ? totalCost(alerts, labels, amounts, costs) : null,
    savings: costs && amounts ? savings(alerts, labels, amounts, costs) : null,
  };
}
