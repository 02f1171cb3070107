/**
 * What an alert policy does on rows of known outcome. A policy decides whole days, as {@link chooseAlerts} does; where it bounds reviews a
 * day, what {@link decide} does with the same transactions one by one is told beside it, since services decide so.
 */
import type { CompleteFraudCosts } from '../metrics/costs/fraud-costs.js';
import { type AlertDecision, type AlertPolicy, decide } from '../thresholds/alert-policy.js';
import { type PolicyDay, type PolicyOutcome, type PolicyRows, policyDays, policyOutcome } from '../thresholds/evaluate-policy.js';
import { type AlertFigures, alertFigures } from './alert-figures.js';

/** What the chosen policy does on the rows. */
export interface PolicyFigures extends AlertFigures {
  readonly policy: AlertPolicy;
  /** Whole days decided at once, see {@link chooseAlerts}. */
  readonly outcome: PolicyOutcome;
  /** Transactions decided one by one, see {@link decide}; null where that is the same, as where reviews a day are not bounded. */
  readonly oneByOne: PolicyOutcome | null;
  /** Days that have transactions, in order of time; at most the last 400. */
  readonly byDay: readonly PolicyDay[];
}

const MOST_DAYS = 400;

/**
 * @param decisions of {@link chooseAlerts} on the rows
 * @param costs that price the decisions; null leaves money out
 */
export function policyFigures(
  policy: AlertPolicy,
  rows: PolicyRows,
  decisions: readonly AlertDecision[],
  costs: CompleteFraudCosts | null,
): PolicyFigures {
  const { scores, amounts } = rows;
  const oneByOne = Array.from(scores, (score, row) => decide(policy, score, amounts?.[row]));
  const isSame = oneByOne.every((decision, row) => decision === decisions[row]);
  return {
    policy,
    ...alertFigures(rows, decisions, costs),
    outcome: policyOutcome(costs, rows, decisions),
    oneByOne: isSame ? null : policyOutcome(costs, rows, oneByOne),
    byDay: policyDays(costs, rows, decisions)
      .toSorted((a, b) => a.dayMs - b.dayMs)
      .slice(-MOST_DAYS),
  };
}
