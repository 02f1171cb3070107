import { dayNumbers } from '../metrics/daily/precision-at-k-by-day.js';
import { reviewWorth } from '../metrics/costs/fraud-costs.js';
import { requireAmounts, requireScore } from '../metrics/scored-labels.js';
import { requireArray, requireObject } from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import { type AlertDecision, type AlertPolicy, alertPolicyFromJson, decide, decideByCost } from './alert-policy.js';

/** Transactions to decide on; row i of each array is one. */
export interface DecidableRows {
  /** Calibrated probabilities of fraud. */
  readonly scores: ArrayLike<number>;
  /** Epoch milliseconds UTC; needed where the policy bounds reviews a day. */
  readonly times?: ArrayLike<number>;
  /** In the unit of the policy's costs; needed where the policy has costs. */
  readonly amounts?: ArrayLike<number>;
}

/**
 * Decisions on the transactions of whole days (UTC), with no more reviews a day than the policy allows: of the transactions that are
 * expected to save more than the policy's `minimumSavings` the day's largest savings are kept; where the policy has no costs, the highest
 * of the scores that {@link decide} sends to review; equal ones in order of rows. The others are declined where that is expected to save
 * anything, else approved. A quiet day keeps fewer, or none.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_SCORE, INVALID_VALUE; INVALID_OPTION when times or amounts are needed and not given
 * @example
 * const decisions = chooseAlerts(policy, { scores, times, amounts });
 * const queue = decisions.flatMap((decision, row) => (decision === 'review' ? [row] : []));
 */
export function chooseAlerts(policy: AlertPolicy, rows: DecidableRows): AlertDecision[] {
  return chooseAlertsFor('chooseAlerts', policy, rows);
}

/** As {@link chooseAlerts}. @param caller who is named in errors */
export function chooseAlertsFor(caller: string, policy: AlertPolicy, rows: DecidableRows): AlertDecision[] {
  const { scores, times, amounts } = requireDecidable(caller, policy, rows);
  // The day's bound comes below, so the cut is that of whole days.
  const ofWholeDays = { ...policy, onlineMinimumSavings: policy.minimumSavings };
  const decisions = Array.from({ length: scores.length }, (_, row) => decide(ofWholeDays, scores[row]!, amounts?.[row]));
  const { reviewsPerDay, costs } = policy;
  if (reviewsPerDay === null) return decisions;
  const days = dayNumbers(caller, times!, scores.length);
  const queues = new Map<number, number[]>();
  decisions.forEach((decision, row) => {
    if (decision !== 'review') return;
    const queue = queues.get(days[row]!);
    if (queue) queue.push(row);
    else queues.set(days[row]!, [row]);
  });
  const worth = (row: number) => (costs && amounts ? reviewWorth(costs, scores[row]!, amounts[row]!) : scores[row]!);
  for (const queue of queues.values()) {
    if (queue.length <= reviewsPerDay) continue;
    for (const row of queue.toSorted((a, b) => worth(b) - worth(a) || a - b).slice(reviewsPerDay)) {
      decisions[row] = costs && amounts ? decideByCost(costs, null, scores[row]!, amounts[row]!) : 'approve';
    }
  }
  return decisions;
}

function requireDecidable(caller: string, policy: AlertPolicy, rows: DecidableRows): DecidableRows {
  alertPolicyFromJson(policy, caller);
  requireObject(caller, 'rows', rows, 'an object with scores');
  const { scores, times, amounts } = rows;
  requireArray(caller, 'scores', scores);
  if (scores.length === 0) throw new TrainError('EMPTY', `${caller}: no rows, expected at least one`);
  for (let i = 0; i < scores.length; i++) requireScore(caller, scores, i);
  if (amounts) requireAmounts(caller, amounts, scores.length);
  else if (policy.costs) {
    throw new TrainError('INVALID_OPTION', `${caller}: the policy depends on amounts, and none are given; pass amounts`);
  }
  if (policy.reviewsPerDay !== null && !times) {
    throw new TrainError('INVALID_OPTION', `${caller}: the policy bounds reviews a day, and no times are given; pass times`);
  }
  return rows;
}
