import type { FeatureMatrix } from '@fraudops/core';
import type { Model } from '@fraudops/model';
import { averagePrecision } from './average-precision.js';
import { type ScoredTransactions, cardPrecisionAtK } from './card-precision.js';
import { rocAuc } from './roc-auc.js';

/** How well scores rank frauds. Null where the value is undefined: one class only. */
export type Metrics = {
  /** See {@link rocAuc}. */
  readonly rocAuc: number | null;
  /** See {@link averagePrecision}; judge it against `prevalence`, which a random score reaches. */
  readonly averagePrecision: number | null;
  /** See {@link cardPrecisionAtK}, k = 100; null also when cards or times were not given. */
  readonly cardPrecisionAt100: number | null;
  readonly rows: number;
  /** Frauds among the rows. */
  readonly positives: number;
  /** positives / rows. */
  readonly prevalence: number;
};

/** Labelled rows that were scored; cards and times, if given, come together. */
export type ScoredRows = Pick<ScoredTransactions, 'scores' | 'labels'> &
  Partial<Pick<ScoredTransactions, 'entityCodes' | 'times'>>;

/**
 * All metrics of rows that were scored already.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE
 * @example evaluateScores({ scores: [0.9, 0.2, 0.4], labels: [1, 0, 0] }).rocAuc; // 1
 */
export function evaluateScores({ scores, labels, entityCodes, times }: ScoredRows): Metrics {
  const auc = rocAuc(scores, labels);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  return {
    rocAuc: auc,
    averagePrecision: averagePrecision(scores, labels),
    cardPrecisionAt100: auc !== null && entityCodes && times ? cardPrecisionAtK({ scores, labels, entityCodes, times }) : null,
    rows: scores.length,
    positives,
    prevalence: positives / scores.length,
  };
}

/**
 * All metrics of a model on rows that it has not seen.
 *
 * @param model scores the rows
 * @param matrix features, in the model's names and order
 * @param truth a label for each row, and if known its card and time
 * @throws {TrainError} what {@link evaluateScores} throws; ModelError FEATURE_MISMATCH when the matrix is not the model's
 * @example evaluate(model, takeRows(matrix, split.test), { labels, entityCodes, times }).averagePrecision;
 */
export function evaluate(model: Model, matrix: FeatureMatrix, truth: Omit<ScoredRows, 'scores'>): Metrics {
  return evaluateScores({ ...truth, scores: model.scoreBatch(matrix) });
}
