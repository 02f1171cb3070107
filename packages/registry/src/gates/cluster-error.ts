/**
 * Standard errors of ratios of sums over rows that are not independent: transactions of one card or of one day go together. A statistic is
 * linearised: to first order it moves with each row by the row's influence, so its variance is that of the sums of influences within
 * clusters, c / (c - 1) * sum over clusters of (sum of influences)^2 (Cochran 1977, "Sampling Techniques", 9A; Liang and Zeger 1986). No
 * resampling, so a million rows take milliseconds, and no seed.
 */
import { studentTQuantile } from '@fraudops/core';
import { type EvaluatedRows, unfit } from './evaluated-rows.js';

/** What goes together: the transactions of a day (UTC), or of a card or customer. */
export type ClusterBy = 'day' | 'entity';

/** The cluster of each row. */
export interface RowClusters {
  readonly by: ClusterBy;
  /** 0 to count - 1 in order of first appearance. */
  readonly codes: Int32Array;
  readonly count: number;
}

const DAY_MS = 86_400_000;
/** With fewer days, cards are taken where they are known. */
const ENOUGH_DAYS = 20;

/**
 * The clusters of rows. Without `by`, days where there are at least 20, else cards, else days. A row of an unknown card is a cluster of
 * its own.
 *
 * @throws {RegistryError} GATE_ERROR where what is needed is not given, or all rows are of one cluster
 */
export function clustersOf({ times, entityCodes }: EvaluatedRows, by?: ClusterBy): RowClusters {
  const days = times && by !== 'entity' ? numbered('day', times, (time) => Math.floor(time / DAY_MS)) : undefined;
  const wantsEntities = by === 'entity' || (by === undefined && (days?.count ?? 0) < ENOUGH_DAYS);
  const clusters = wantsEntities && entityCodes ? numbered('entity', entityCodes, (code) => code) : days;
  if (!clusters || (by !== undefined && clusters.by !== by)) {
    const wanted = by === 'entity' ? 'entityCodes' : by === 'day' ? 'times' : 'times or entityCodes';
    throw unfit(`the evaluation gives no ${wanted}, and without them nobody knows which rows go together`);
  }
  if (clusters.count < 2) throw unfit(`all rows are of one ${clusters.by}, at least 2 are needed to say how sure a number is`);
  return clusters;
}

function numbered(by: ClusterBy, values: ArrayLike<number>, keyOf: (value: number) => number): RowClusters {
  const known = new Map<number, number>();
  const codes = new Int32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const key = keyOf(values[row]!);
    const isUnknown = by === 'entity' && key < 0;
    let code = isUnknown ? undefined : known.get(key);
    if (code === undefined) {
      code = count++;
      if (!isUnknown) known.set(key, code);
    }
    codes[row] = code;
  }
  return { by, codes, count };
}

/**
 * Half the width of a one-sided interval: Student's t times the standard error.
 *
 * @param influence of each row on the statistic; 0 for rows that don't enter it
 * @param confidence one-sided
 * @param contributing clusters that enter the statistic, 2 or more; default all. Few of them make the interval wide
 */
export function clusterMargin(
  influence: (row: number) => number,
  { codes, count }: RowClusters,
  confidence: number,
  contributing = count,
): number {
  const sums = new Float64Array(count);
  for (let row = 0; row < codes.length; row++) sums[codes[row]!]! += influence(row);
  const squares = sums.reduce((sum, value) => sum + value * value, 0);
  const standardError = Math.sqrt((squares * contributing) / (contributing - 1));
  return studentTQuantile(confidence, contributing - 1) * standardError;
}
