import { requireLabels } from '../../training-data.js';
import { type Ranking, rankScores } from './rank-scores.js';

/** How many rows of each class score at a threshold or above it, or what they weigh together. Thresholds descend. */
export interface ThresholdCounts {
  /** The distinct scores, from the highest to the lowest. */
  readonly thresholds: Float64Array;
  /** Frauds at or above each threshold. */
  readonly truePositives: Float64Array;
  /** Genuine rows at or above each threshold. */
  readonly falsePositives: Float64Array;
}

/**
 * Counts at every distinct score. Rows of one score enter together, so the order of ties never matters.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE naming the index
 */
export function thresholdCounts(what: string, scores: ArrayLike<number>, labels: ArrayLike<number>): ThresholdCounts {
  const ranking = rankScores(what, scores);
  requireLabels(what, labels, scores.length);
  return countsOf(ranking, labels);
}

/** The same from a ranking and labels that were checked; `weights`, 0 or more, say what each row counts for (default 1). */
export function countsOf(
  { order, thresholds, ends }: Ranking,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): ThresholdCounts {
  const truePositives = new Float64Array(thresholds.length);
  const falsePositives = new Float64Array(thresholds.length);
  let frauds = 0;
  let genuine = 0;
  let place = 0;
  for (let group = 0; group < thresholds.length; group++) {
    for (; place < ends[group]!; place++) {
      const row = order[place]!;
      const weight = weights === undefined ? 1 : weights[row]!;
      if (labels[row] === 1) frauds += weight;
      else genuine += weight;
    }
    truePositives[group] = frauds;
    falsePositives[group] = genuine;
  }
  return { thresholds, truePositives, falsePositives };
}

/** All frauds and all genuine rows. */
export function classTotals({ truePositives, falsePositives }: ThresholdCounts): { frauds: number; genuine: number } {
  return { frauds: truePositives.at(-1)!, genuine: falsePositives.at(-1)! };
}
