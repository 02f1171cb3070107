import { readFileSync } from 'node:fs';

/** Rows with what scikit-learn and scipy say of them; the file names their versions. */
export interface GoldenMetrics {
  readonly name: string;
  /** Of the metrics of decisions; alerts score as much or more. */
  readonly threshold: number;
  readonly score: number[];
  readonly label: number[];
  readonly amount: number[];
  /** 0 to 3, for the weighted metrics. */
  readonly weight: number[];
  readonly expected: Record<GoldenNumber, number> & Record<GoldenCurve, number[]>;
}

type GoldenNumber =
  | 'roc_auc'
  | 'average_precision'
  | 'weighted_roc_auc'
  | 'weighted_average_precision'
  | 'brier'
  | 'd2_brier'
  | 'log_loss'
  | 'ks'
  | 'mcc'
  | 'f1'
  | 'f2'
  | 'f_half'
  | 'balanced_accuracy'
  | 'recall'
  | 'specificity'
  | 'value_recall'
  | 'value_precision'
  | 'calibration_slope'
  | 'calibration_intercept'
  | 'ece_width10'
  | 'mce_width10';
type GoldenCurve = 'pr_precision' | 'pr_recall' | 'pr_thresholds' | 'fpr' | 'tpr' | 'reliability_fraud_rate' | 'reliability_mean';

const file = new URL('metrics.golden.json', import.meta.url);

/** Cases with many, some and no ties, out of random numbers; made with scikit-learn 1.9.1 and scipy 1.17.1. */
export const goldenMetrics = (JSON.parse(readFileSync(file, 'utf8')) as { cases: GoldenMetrics[] }).cases;

/** The largest distance between two lists of one length; infinite when the lengths differ. */
export function largestGap(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Array.from(expected).reduce((gap, value, i) => Math.max(gap, Math.abs(value - actual[i]!)), 0);
}
