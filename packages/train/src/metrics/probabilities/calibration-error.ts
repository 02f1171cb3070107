import { type BinningOptions, type ReliabilityBin, reliabilityTable } from './reliability-table.js';

/**
 * Expected calibration error: the gaps between mean probability and share of frauds in the bins of {@link reliabilityTable}, averaged by
 * their rows, sum (n_b / n) |fraudRate_b - meanProbability_b| (Naeini et al. 2015). 0 is perfect. It depends on the bins, so state them;
 * with `topShare: 0.01` it looks at the probabilities that decisions are made on.
 *
 * @param probabilities n values from 0 to 1
 * @param labels n values, 0 or 1
 * @throws {TrainError} what {@link reliabilityTable} throws
 * @example calibrationError([0.1, 0.2, 0.7, 0.8], [0, 0, 0, 1], { bins: 2 }); // 0.2
 */
export function calibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: BinningOptions = {},
): number {
  return expectedGap(reliabilityTable(probabilities, labels, options));
}

/** {@link calibrationError} of a table. */
export function expectedGap(table: readonly ReliabilityBin[]): number {
  let rows = 0;
  let gaps = 0;
  for (const bin of table) {
    rows += bin.rows;
    gaps += bin.rows * Math.abs(bin.fraudRate - bin.meanProbability);
  }
  return gaps / rows;
}

/**
 * Maximum calibration error: the largest gap between mean probability and share of frauds in a bin of {@link reliabilityTable}. Bins of
 * few rows decide it, so prefer bins of equal count.
 *
 * @throws {TrainError} what {@link reliabilityTable} throws
 * @example maximumCalibrationError([0.1, 0.2, 0.7, 0.8], [0, 0, 0, 1], { bins: 2 }); // 0.25
 */
export function maximumCalibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: BinningOptions = {},
): number {
  const table = reliabilityTable(probabilities, labels, options);
  return table.reduce((largest, bin) => Math.max(largest, Math.abs(bin.fraudRate - bin.meanProbability)), 0);
}
