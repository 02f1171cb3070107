/**
 * Isotonic calibration: the function of the margin that never falls and is closest to the labels in weighted squares (Zadrozny and Elkan
 * 2002), found by pooling adjacent violators (Ayer et al. 1955): rows in order of margin, where a block's mean is not above the one before,
 * the two become one. Rows of one margin are one block from the start.
 *
 * The result is linear between the ends of the blocks and constant outside, as in scikit-learn. Only the two ends of each block are kept.
 */
import { requireCalibrationRows } from './calibration-rows.js';

/** A calibration by points. */
export interface IsotonicCalibration {
  readonly kind: 'isotonic';
  /** Strictly ascending. */
  readonly margins: readonly number[];
  /** One a margin, 0 to 1, never descending. */
  readonly probabilities: readonly number[];
}

/**
 * Points of the isotonic fit: the function of the margin that never falls and is closest to the labels in weighted squares, linear between
 * the points and constant outside, as in scikit-learn. Few points: n rows give at most about 2 n^(2/3), in practice dozens.
 *
 * Take rows of a later time than the training rows and earlier than the test rows. Both classes are needed; with fewer than 1,000 frauds
 * the steps follow noise, so that Platt scaling is the better choice. The lowest and the highest block may be exactly 0 or 1.
 *
 * @param margins n finite numbers, a model's margins
 * @param labels n values, 0 or 1; rows whose label is unknown are left out by the caller
 * @param weights n numbers, 0 to 1e9; default 1 each
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_WEIGHT, INVALID_SCORE, ONE_CLASS
 * @example fitIsotonic([-3, -2, -1, 0, 1], [0, 1, 0, 1, 1]); // { kind: 'isotonic', margins: [-3, -2, -1, 0, 1], probabilities: [0, 0.5, 0.5, 1, 1] }
 */
export function fitIsotonic(
  margins: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): IsotonicCalibration {
  requireCalibrationRows('fitIsotonic', margins, labels, weights);
  const blocks = poolViolators(blocksOfEqualMargins(margins, labels, weights));
  const points = blocks.flatMap(({ first, last, frauds, weight }) => {
    // Rounding must not lead outside.
    const probability = Math.min(1, frauds / weight);
    return first === last ? [{ margin: first, probability }] : [first, last].map((margin) => ({ margin, probability }));
  });
  return {
    kind: 'isotonic',
    margins: points.map(({ margin }) => margin),
    probabilities: points.map(({ probability }) => probability),
  };
}

/** Rows that share a probability. */
interface Block {
  /** Lowest and highest margin. */
  first: number;
  readonly last: number;
  /** Weight of the frauds, and of all. */
  frauds: number;
  weight: number;
}

function* blocksOfEqualMargins(
  margins: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): Iterable<Block> {
  const order = Uint32Array.from({ length: margins.length }, (_, i) => i).sort((a, b) => margins[a]! - margins[b]!);
  let block: Block | undefined;
  for (const row of order) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    const margin = margins[row]! + 0;
    if (margin !== block?.last) {
      if (block) yield block;
      block = { first: margin, last: margin, frauds: 0, weight: 0 };
    }
    block.frauds += weight * labels[row]!;
    block.weight += weight;
  }
  if (block) yield block;
}

function poolViolators(ascending: Iterable<Block>): Block[] {
  const blocks: Block[] = [];
  for (const block of ascending) {
    let before = blocks.at(-1);
    while (before && before.frauds / before.weight >= block.frauds / block.weight) {
      blocks.pop();
      block.frauds += before.frauds;
      block.weight += before.weight;
      block.first = before.first;
      before = blocks.at(-1);
    }
    blocks.push(block);
  }
  return blocks;
}
