import type { CompleteFraudCosts } from '../metrics/costs/fraud-costs.js';
import { rowCost } from '../metrics/costs/total-cost.js';
import type { Ranking } from '../metrics/ranking/rank-scores.js';
import { type CurvePoint, thinCurve } from './thin-curve.js';

/** What alerts from each threshold on would have cost. */
export interface CostCurve {
  /** x: share of the rows that are alerts; y: total cost. From no alerts to all rows. */
  readonly points: readonly CurvePoint[];
  /** The cheapest of all thresholds on these rows; hindsight, so not a threshold to choose. */
  readonly cheapest: CurvePoint;
  readonly costOfNone: number;
  readonly costOfAll: number;
}

/**
 * Cost at every threshold, by one pass over the rows from the highest score to the lowest.
 *
 * @param ranking of the scores
 * @param labels n values, 0 or 1
 * @param amounts n amounts
 * @param costs that price an alert as a review
 */
export function costCurve(
  ranking: Ranking,
  labels: ArrayLike<number>,
  amounts: ArrayLike<number>,
  costs: CompleteFraudCosts,
): CostCurve {
  const { order, thresholds, ends } = ranking;
  const alertShares = new Float64Array(thresholds.length + 1);
  const totals = new Float64Array(thresholds.length + 1);
  let cost = 0;
  for (const row of order) cost += rowCost(costs, false, labels[row] === 1, amounts[row]!);
  totals[0] = cost;
  let cheapest = 0;
  for (let group = 0, place = 0; group < thresholds.length; group++) {
    for (; place < ends[group]!; place++) {
      const row = order[place]!;
      const isFraud = labels[row] === 1;
      cost += rowCost(costs, true, isFraud, amounts[row]!) - rowCost(costs, false, isFraud, amounts[row]!);
    }
    alertShares[group + 1] = place / order.length;
    totals[group + 1] = cost;
    if (cost < totals[cheapest]!) cheapest = group + 1;
  }
  const thresholdOf = (i: number) => (i === 0 ? null : thresholds[i - 1]!);
  const all = Float64Array.from(totals, (_, i) => thresholdOf(i) ?? Number.POSITIVE_INFINITY);
  // Distances along the curve are measured in shares of the costliest, so that costs in cents don't drown the other axis; the share of
  // alerts is drawn on a logarithmic scale.
  const most = totals.reduce((highest, total) => Math.max(highest, total), 0) || 1;
  const points = thinCurve(
    alertShares.map((share) => Math.log10(share + 1 / order.length)),
    totals.map((total) => total / most),
    all,
  );
  return {
    points: points.map(({ x, y, threshold }) => ({
      // A share is a whole number of rows, which the logarithm and back miss by a hair.
      x: Math.max(0, Math.round(10 ** x * order.length - 1)) / order.length,
      y: y * most,
      threshold,
    })),
    cheapest: { x: alertShares[cheapest]!, y: totals[cheapest]!, threshold: thresholdOf(cheapest) },
    costOfNone: totals[0],
    costOfAll: totals.at(-1)!,
  };
}
