import { requireLabels } from './training-data.js';
import { TrainError } from './train-error.js';

/** How many rows of each class score at a threshold or above it. */
export interface ThresholdCounts {
  /** Frauds at or above the threshold. */
  readonly truePositives: Float64Array;
  /** Genuine rows at or above the threshold. */
  readonly falsePositives: Float64Array;
}

/**
 * Counts at every distinct score, from the highest to the lowest. Rows of one score enter together, so the order of ties never matters.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE naming the index
 */
export function thresholdCounts(what: string, scores: ArrayLike<number>, labels: ArrayLike<number>): ThresholdCounts {
  const [genuine, frauds] = sortedByClass(what, scores, labels);
  const truePositives = new Float64Array(scores.length);
  const falsePositives = new Float64Array(scores.length);
  let thresholds = 0;
  let genuineLeft = genuine.length;
  let fraudsLeft = frauds.length;
  while (genuineLeft > 0 || fraudsLeft > 0) {
    const threshold = Math.max(
      genuine[genuineLeft - 1] ?? Number.NEGATIVE_INFINITY,
      frauds[fraudsLeft - 1] ?? Number.NEGATIVE_INFINITY,
    );
    while (genuineLeft > 0 && genuine[genuineLeft - 1]! >= threshold) genuineLeft--;
    while (fraudsLeft > 0 && frauds[fraudsLeft - 1]! >= threshold) fraudsLeft--;
    truePositives[thresholds] = frauds.length - fraudsLeft;
    falsePositives[thresholds] = genuine.length - genuineLeft;
    thresholds++;
  }
  return { truePositives: truePositives.subarray(0, thresholds), falsePositives: falsePositives.subarray(0, thresholds) };
}

/** Scores of the genuine rows and of the frauds, each ascending: two numeric sorts are much faster than one of indices. */
function sortedByClass(what: string, scores: ArrayLike<number>, labels: ArrayLike<number>): [Float64Array, Float64Array] {
  const rowCount = scores.length;
  if (rowCount === 0) throw new TrainError('EMPTY', `${what}: no rows, expected at least one`);
  requireLabels(what, labels, rowCount);
  const genuine = new Float64Array(rowCount);
  const frauds = new Float64Array(rowCount);
  let genuineCount = 0;
  let fraudCount = 0;
  for (let i = 0; i < rowCount; i++) {
    const score = requireScore(what, scores, i);
    if (labels[i] === 1) frauds[fraudCount++] = score;
    else genuine[genuineCount++] = score;
  }
  return [genuine.subarray(0, genuineCount).sort(), frauds.subarray(0, fraudCount).sort()];
}

/** The score of a row. @throws {TrainError} INVALID_SCORE when it is no number */
export function requireScore(what: string, scores: ArrayLike<number>, row: number): number {
  const score = scores[row];
  if (typeof score === 'number' && !Number.isNaN(score)) return score;
  throw new TrainError('INVALID_SCORE', `${what}: scores[${row}] is ${String(score)}, expected a number`, {
    details: { index: row },
  });
}
