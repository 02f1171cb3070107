import { rocAuc } from './roc-auc.js';

/**
 * Gini coefficient of a ranking: 2 * AUC - 1, which is 0 by chance and 1 for a perfect order (Somers' D of scores and labels).
 *
 * @returns null when there is one class only
 * @throws {TrainError} what {@link rocAuc} throws
 * @example gini([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]); // 0.5
 */
export function gini(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const auc = rocAuc(scores, labels);
  return auc === null ? null : 2 * auc - 1;
}
