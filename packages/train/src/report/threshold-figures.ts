import type { CompleteFraudCosts } from '../metrics/costs/fraud-costs.js';
import type { JudgedRows } from '../metrics/intervals/weighted-rows.js';
import type { AlertDecision } from '../thresholds/alert-policy.js';
import { type AlertFigures, alertFigures } from './alert-figures.js';

/** What the chosen threshold does on the rows. */
export interface ThresholdFigures extends AlertFigures {
  readonly threshold: number;
}

/** Rows from a score on are reviewed. */
export function decisionsFrom(scores: ArrayLike<number>, threshold: number): AlertDecision[] {
  return Array.from(scores, (score) => (score >= threshold ? 'review' : 'approve'));
}

/** Figures of alerts from a score on. */
export function thresholdFigures(rows: JudgedRows, threshold: number, costs: CompleteFraudCosts | null): ThresholdFigures {
  return { threshold, ...alertFigures(rows, decisionsFrom(rows.scores, threshold), costs) };
}
