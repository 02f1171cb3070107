/** What a policy's decisions came to on transactions whose outcome is known. */
import { type CompleteFraudCosts, missCost } from '../metrics/costs/fraud-costs.js';
import { rowCost, savingsOf } from '../metrics/costs/total-cost.js';
import { DAY_MS, dayNumbers } from '../metrics/daily/precision-at-k-by-day.js';
import { requireScoredLabels } from '../metrics/scored-labels.js';
import { requireObject } from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import type { AlertDecision, AlertPolicy } from './alert-policy.js';
import { chooseAlertsFor } from './choose-alerts.js';

/** Transactions of known outcome; row i of each array is one. */
export interface PolicyRows {
  /** Calibrated probabilities of fraud. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1; rows whose label is unknown are left out by the caller, see {@link maturedRows}. */
  readonly labels: ArrayLike<number>;
  /** Epoch milliseconds UTC. */
  readonly times: ArrayLike<number>;
  /** In the unit of the costs; needed where there are costs. */
  readonly amounts?: ArrayLike<number>;
}

/** What decisions came to. Money is null where the policy has no costs. */
export interface PolicyOutcome {
  readonly rows: number;
  readonly frauds: number;
  /** Days (UTC) that have transactions. */
  readonly days: number;
  /** Days without any review or decline. */
  readonly quietDays: number;
  readonly reviews: number;
  readonly declines: number;
  readonly reviewsPerDay: number;
  /** Share of the reviewed and declined that is fraud; null when there are none. */
  readonly precision: number | null;
  /** Share of the frauds that is reviewed or declined; null without frauds. */
  readonly recall: number | null;
  readonly cost: number | null;
  /** Of approving everything. */
  readonly costOfNone: number | null;
  /** Of reviewing everything. */
  readonly costOfAll: number | null;
  /** 1 - cost / min(costOfNone, costOfAll), see {@link savings}. */
  readonly savings: number | null;
  /** (costOfNone - cost) / days. */
  readonly savedPerDay: number | null;
}

/**
 * Lets a policy decide whole days, with its bound on reviews, and adds up what came of it.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example evaluatePolicy(policy, { scores, labels, times, amounts }).savedPerDay;
 */
export function evaluatePolicy(policy: AlertPolicy, rows: PolicyRows): PolicyOutcome {
  requireObject('evaluatePolicy', 'rows', rows, 'an object with scores, labels and times');
  requireScoredLabels('evaluatePolicy', rows.scores, rows.labels);
  const decisions = chooseAlertsFor('evaluatePolicy', policy, rows);
  return policyOutcome(policy.costs, rows, decisions);
}

/**
 * What decisions that were taken came to.
 *
 * @param costs what they are priced by; null leaves money out
 * @throws {TrainError} INVALID_OPTION when a transaction is declined and the costs have no `declineCost`
 */
export function policyOutcome(
  costs: CompleteFraudCosts | null,
  rows: PolicyRows,
  decisions: readonly AlertDecision[],
): PolicyOutcome {
  const days = policyDays(costs, rows, decisions);
  const sum = (of: (day: PolicyDay) => number) => days.reduce((total, day) => total + of(day), 0);
  const alerts = sum((day) => day.reviews + day.declines);
  const caught = sum((day) => day.caught);
  const frauds = sum((day) => day.frauds);
  const [cost, costOfNone, costOfAll] = [sum((day) => day.cost), sum((day) => day.costOfNone), sum((day) => day.costOfAll)];
  const hasCosts = costs !== null;
  return {
    rows: rows.scores.length,
    frauds,
    days: days.length,
    quietDays: days.filter((day) => day.reviews + day.declines === 0).length,
    reviews: sum((day) => day.reviews),
    declines: sum((day) => day.declines),
    reviewsPerDay: sum((day) => day.reviews) / days.length,
    precision: alerts === 0 ? null : caught / alerts,
    recall: frauds === 0 ? null : caught / frauds,
    cost: hasCosts ? cost : null,
    costOfNone: hasCosts ? costOfNone : null,
    costOfAll: hasCosts ? costOfAll : null,
    savings: hasCosts ? savingsOf(cost, costOfNone, costOfAll) : null,
    savedPerDay: hasCosts ? (costOfNone - cost) / days.length : null,
  };
}

/** One day of a policy; costs are 0 where the policy has none. */
export interface PolicyDay {
  /** Start of the day, epoch milliseconds UTC. */
  readonly dayMs: number;
  frauds: number;
  caught: number;
  reviews: number;
  declines: number;
  cost: number;
  costOfNone: number;
  costOfAll: number;
}

/** The days that have transactions, in order of first appearance. */
export function policyDays(
  costs: CompleteFraudCosts | null,
  { labels, times, amounts }: PolicyRows,
  decisions: readonly AlertDecision[],
): PolicyDay[] {
  const numbers = dayNumbers('evaluatePolicy', times, decisions.length);
  const days = new Map<number, PolicyDay>();
  decisions.forEach((decision, row) => {
    let day = days.get(numbers[row]!);
    if (!day) {
      day = {
        dayMs: numbers[row]! * DAY_MS,
        frauds: 0,
        caught: 0,
        reviews: 0,
        declines: 0,
        cost: 0,
        costOfNone: 0,
        costOfAll: 0,
      };
      days.set(numbers[row]!, day);
    }
    const isFraud = labels[row] === 1;
    day.frauds += Number(isFraud);
    day.caught += Number(isFraud && decision !== 'approve');
    day.reviews += Number(decision === 'review');
    day.declines += Number(decision === 'decline');
    if (!costs || !amounts) return;
    day.cost += decisionCost(costs, decision, isFraud, amounts[row]!);
    day.costOfNone += decisionCost(costs, 'approve', isFraud, amounts[row]!);
    day.costOfAll += decisionCost(costs, 'review', isFraud, amounts[row]!);
  });
  return [...days.values()];
}

/** What a decision on one transaction cost, once its outcome is known. */
export function decisionCost(costs: CompleteFraudCosts, decision: AlertDecision, isFraud: boolean, amount: number): number {
  if (decision !== 'decline') return rowCost(costs, decision === 'review', isFraud, amount);
  if (costs.declineCost !== null) return isFraud ? 0 : costs.declineCost;
  // Declined by score alone: the caller's thresholds allow what the costs don't price.
  throw new TrainError(
    'INVALID_OPTION',
    `evaluatePolicy: a transaction of amount ${amount} is declined, but costs.declineCost is not set; set it`,
    {
      details: { missCost: missCost(costs, amount) },
    },
  );
}
