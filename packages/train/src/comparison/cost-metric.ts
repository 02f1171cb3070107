import { type FraudCosts, completeCosts, reviewSavings } from '../metrics/costs/fraud-costs.js';
import { rowCost } from '../metrics/costs/total-cost.js';
import type { WeightedMetric } from '../metrics/intervals/weighted-metrics.js';
import type { WeightedRows } from '../metrics/intervals/weighted-rows.js';

/**
 * What it costs in all to review every transaction that is expected to save something by it, for intervals and comparisons. Scores must be
 * calibrated probabilities, for the decisions depend on them and not only on their order.
 *
 * @throws {TrainError} INVALID_OPTION; when used, INVALID_SCORE for scores outside 0 to 1, and INVALID_OPTION without amounts
 * @example metricInterval(rows, { metric: costMetric({ reviewCost: 8 }), by: 'day' });
 */
export function costMetric(costs: FraudCosts): WeightedMetric {
  const complete = completeCosts('costMetric', costs);
  // Costs of rows don't depend on the weights, so they are found once for all resamples of the same rows.
  const known = new WeakMap<WeightedRows, Float64Array>();
  return (rows) => {
    let rowCosts = known.get(rows);
    if (!rowCosts) {
      const amounts = rows.amounts();
      const isFraud = (row: number) => rows.rows.labels[row] === 1;
      rowCosts = Float64Array.from(rows.probabilities(), (probability, row) =>
        rowCost(complete, reviewSavings(complete, probability, amounts[row]!) > 0, isFraud(row), amounts[row]!),
      );
      known.set(rows, rowCosts);
    }
    let total = 0;
    for (let row = 0; row < rowCosts.length; row++) total += rows.weight(row) * rowCosts[row]!;
    return total;
  };
}
