/** The alerts that a report judges: those of a threshold, those of a policy, or none. */
import { type CompleteFraudCosts, type FraudCosts, completeCosts } from '../metrics/costs/fraud-costs.js';
import type { JudgedRows } from '../metrics/intervals/weighted-rows.js';
import { type AlertPolicy, alertPolicyFromJson } from '../thresholds/alert-policy.js';
import { chooseAlertsFor } from '../thresholds/choose-alerts.js';
import type { PolicyRows } from '../thresholds/evaluate-policy.js';
import { TrainError } from '../train-error.js';
import { alertsOf } from './alert-figures.js';
import { type PolicyFigures, policyFigures } from './policy-figures.js';
import { type ThresholdFigures, decisionsFrom, thresholdFigures } from './threshold-figures.js';

/** What chooses alerts, and what prices them. */
interface AlertOptions {
  readonly threshold?: number;
  readonly policy?: AlertPolicy;
  readonly costs?: FraudCosts;
}

/** Figures of the threshold or the policy, and the alerts themselves. */
export interface ChosenAlerts {
  readonly threshold: ThresholdFigures | null;
  readonly policy: PolicyFigures | null;
  /** 1 for each row that is an alert, else 0; null when nothing decides. */
  readonly alerts: Uint8Array | null;
}

/** Throws unless the policy is one, and what it looks at is given. */
export function requirePolicy(policy: AlertPolicy, truth: Partial<PolicyRows>, threshold: number | undefined): void {
  alertPolicyFromJson(policy, 'evaluationReport: policy');
  if (threshold !== undefined) throw invalid('a threshold beside a policy, which holds its own; pass one of them');
  if (!truth.times) throw invalid('a policy without times, by which days are told apart; pass the times of the rows');
  if (policy.costs && !truth.amounts) {
    throw invalid('a policy that depends on amounts, and none are given; pass the amounts of the rows');
  }
}

function invalid(rule: string): TrainError {
  return new TrainError('INVALID_OPTION', `evaluationReport: ${rule}`);
}

/** What prices alerts: the costs of the options, else those of the policy. */
export function pricesOf({ costs, policy }: AlertOptions): CompleteFraudCosts | null {
  return costs ? completeCosts('evaluationReport', costs) : (policy?.costs ?? null);
}

/** What the threshold or the policy decides on the rows, and what comes of it. */
export function chosenAlerts(
  rows: JudgedRows,
  { threshold, policy }: AlertOptions,
  costs: CompleteFraudCosts | null,
): ChosenAlerts {
  const { scores, times, amounts } = rows;
  if (policy && times) {
    const decisions = chooseAlertsFor('evaluationReport', policy, { scores, times, ...(amounts ? { amounts } : {}) });
    const figures = policyFigures(policy, { ...rows, times }, decisions, costs);
    return { threshold: null, policy: figures, alerts: alertsOf(decisions) };
  }
  if (threshold === undefined) return { threshold: null, policy: null, alerts: null };
  return {
    threshold: thresholdFigures(rows, threshold, costs),
    policy: null,
    alerts: alertsOf(decisionsFrom(scores, threshold)),
  };
}
