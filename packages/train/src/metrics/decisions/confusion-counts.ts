import { showValue } from '@fraudops/core';
import { requireObject } from '../../required-arguments.js';
import { requireScoredLabels } from '../scored-labels.js';
import { TrainError } from '../../train-error.js';

/** What became of the rows at one threshold. */
export interface ConfusionCounts {
  /** Frauds that are alerts. */
  readonly truePositives: number;
  /** Genuine rows that are alerts. */
  readonly falsePositives: number;
  /** Genuine rows that are none. */
  readonly trueNegatives: number;
  /** Frauds that are none. */
  readonly falseNegatives: number;
}

/**
 * Counts of alerts and others by their labels. A row is an alert when `score >= threshold`.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION when the threshold is NaN
 * @example confusionCounts([0.9, 0.4, 0.2], [1, 1, 0], 0.5); // { truePositives: 1, falsePositives: 0, trueNegatives: 1, falseNegatives: 1 }
 */
export function confusionCounts(scores: ArrayLike<number>, labels: ArrayLike<number>, threshold: number): ConfusionCounts {
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
    throw new TrainError('INVALID_OPTION', `confusionCounts: threshold is ${showValue(threshold)}, expected a number`);
  }
  const rowCount = requireScoredLabels('confusionCounts', scores, labels);
  let truePositives = 0;
  let falsePositives = 0;
  let frauds = 0;
  for (let i = 0; i < rowCount; i++) {
    frauds += labels[i]!;
    if (scores[i]! < threshold) continue;
    if (labels[i] === 1) truePositives++;
    else falsePositives++;
  }
  const genuine = rowCount - frauds;
  return { truePositives, falsePositives, trueNegatives: genuine - falsePositives, falseNegatives: frauds - truePositives };
}

const COUNTS = ['truePositives', 'falsePositives', 'trueNegatives', 'falseNegatives'] as const;

/** The counts. @throws {TrainError} INVALID_VALUE unless each is a number that rows can be counted to */
export function requireCounts(what: string, counts: ConfusionCounts): ConfusionCounts {
  requireObject(what, 'counts', counts, 'what confusionCounts gives');
  for (const name of COUNTS) {
    const count: unknown = counts[name];
    if (typeof count === 'number' && count >= 0 && count <= Number.MAX_SAFE_INTEGER) continue;
    throw new TrainError('INVALID_VALUE', `${what}: counts.${name} is ${showValue(count)}, expected a number of rows`);
  }
  return counts;
}
