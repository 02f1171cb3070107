import { showValue } from '@fraudops/core';
import { requireArray } from '../../required-arguments.js';
import { requireLabels } from '../../training-data.js';
import { TrainError } from '../../train-error.js';
import { requireAmounts } from '../scored-labels.js';
import { type CompleteFraudCosts, type FraudCosts, completeCosts, missCost } from './fraud-costs.js';

/**
 * What decisions on transactions of known outcome cost in total: reviews, insults, and frauds that were missed. See {@link FraudCosts} for
 * what each outcome costs.
 *
 * @param alerts n values: 1 was reviewed, 0 was not
 * @param labels n values, 0 or 1
 * @param amounts n amounts, 0 to 1e12
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_VALUE for an alert or an amount, INVALID_OPTION
 * @example totalCost([1, 0, 0], [1, 1, 0], [100, 40, 10], { reviewCost: 5 }); // 45
 */
export function totalCost(
  alerts: ArrayLike<number>,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
  costs: FraudCosts,
): number {
  const complete = requireDecisions('totalCost', alerts, labels, amounts, costs);
  let total = 0;
  for (let i = 0; i < labels.length; i++) total += rowCost(complete, alerts[i] === 1, labels[i] === 1, amounts[i]!);
  return total;
}

/**
 * Savings: 1 - cost / min(cost without any alert, cost with every transaction an alert) (Bahnsen et al. 2013). 1 is the most that could
 * be, 0 as good as the better of those two, negative worse than doing nothing.
 *
 * @param alerts n values: 1 was reviewed, 0 was not
 * @returns null when doing nothing costs nothing
 * @throws {TrainError} what {@link totalCost} throws
 * @example savings([1, 0, 0], [1, 1, 0], [100, 40, 10], { reviewCost: 10 }); // -0.667, since reviewing all costs only 30
 */
export function savings(
  alerts: ArrayLike<number>,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
  costs: FraudCosts,
): number | null {
  const complete = requireDecisions('savings', alerts, labels, amounts, costs);
  let cost = 0;
  let costOfNone = 0;
  let costOfAll = 0;
  for (let i = 0; i < labels.length; i++) {
    const isFraud = labels[i] === 1;
    cost += rowCost(complete, alerts[i] === 1, isFraud, amounts[i]!);
    costOfNone += rowCost(complete, false, isFraud, amounts[i]!);
    costOfAll += rowCost(complete, true, isFraud, amounts[i]!);
  }
  return savingsOf(cost, costOfNone, costOfAll);
}

/** {@link savings} from the three totals. */
export function savingsOf(cost: number, costOfNone: number, costOfAll: number): number | null {
  const base = Math.min(costOfNone, costOfAll);
  return base > 0 ? 1 - cost / base : null;
}

/** What became of one transaction cost this much. */
export function rowCost(costs: CompleteFraudCosts, isReviewed: boolean, isFraud: boolean, amount: number): number {
  if (!isReviewed) return isFraud ? missCost(costs, amount) : 0;
  return costs.reviewCost + (isFraud ? (1 - costs.reviewRecall) * missCost(costs, amount) : costs.insultCost);
}

function requireDecisions(
  what: string,
  alerts: ArrayLike<number>,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
  costs: FraudCosts,
): CompleteFraudCosts {
  requireArray(what, 'alerts', alerts);
  requireArray(what, 'labels', labels);
  if (labels.length === 0) throw new TrainError('EMPTY', `${what}: no rows, expected at least one`);
  requireLabels(what, labels, alerts.length);
  requireAmounts(what, amounts, alerts.length);
  for (let i = 0; i < alerts.length; i++) {
    if (alerts[i] === 0 || alerts[i] === 1) continue;
    throw new TrainError('INVALID_VALUE', `${what}: alerts[${i}] is ${showValue(alerts[i])}, expected 0 or 1`, {
      details: { index: i },
    });
  }
  return completeCosts(what, costs);
}
