import { averagePrecisionOf } from '../metrics/ranking/average-precision.js';
import { rankScores } from '../metrics/ranking/rank-scores.js';
import { rocAucOf } from '../metrics/ranking/roc-auc.js';
import { countsOf } from '../metrics/ranking/threshold-counts.js';

/** What early stopping improves: `averagePrecision`, `rocAuc`, or `logLoss`, the mean -ln of the probability of the true class. */
export type ValidationMetric = 'averagePrecision' | 'logLoss' | 'rocAuc';

export const VALIDATION_METRICS: readonly ValidationMetric[] = ['averagePrecision', 'logLoss', 'rocAuc'];

/** Margins with labels of both classes. */
export interface ScoredRows {
  readonly margins: Float64Array;
  readonly labels: Uint8Array;
  /** Default 1 each. */
  readonly weights?: Float64Array | undefined;
}

/** The metric such that higher is better: the log loss with its sign turned. */
export function goodness(metric: ValidationMetric, { margins, labels, weights }: ScoredRows): number {
  if (metric === 'logLoss') return -logLossOfMargins({ margins, labels, weights });
  const counts = countsOf(rankScores('trainBoosting: validation', margins), labels, weights);
  return (metric === 'rocAuc' ? rocAucOf(counts) : averagePrecisionOf(counts)) ?? 0;
}

function logLossOfMargins({ margins, labels, weights }: ScoredRows): number {
  let loss = 0;
  let total = 0;
  for (let i = 0; i < margins.length; i++) {
    const weight = weights ? weights[i]! : 1;
    const trueMargin = labels[i] === 1 ? margins[i]! : -margins[i]!;
    // -ln p where p is large, and without overflow where it is tiny.
    loss += weight * (Math.log1p(Math.exp(-Math.abs(trueMargin))) + Math.max(0, -trueMargin));
    total += weight;
  }
  return loss / total;
}
