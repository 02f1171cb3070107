import { requireOption } from '../../training-data.js';
import { cutAtRow, totalUpTo } from './alert-rule.js';
import { classTotals, thresholdCounts } from './threshold-counts.js';

/** One part of the rows, from the most to the least suspicious. Numbers of frauds are expected values where ties are split. */
export interface GainsRow {
  /** Share of all rows up to the end of this part, 0.1 for the first of ten. */
  readonly share: number;
  /** Lowest score in this part. */
  readonly lowestScore: number;
  /** Rows in this part; parts differ by a fraction of a row when the rows don't divide evenly. */
  readonly rows: number;
  /** Frauds in this part. */
  readonly frauds: number;
  /** frauds / rows. */
  readonly fraudRate: number;
  /** Share of all frauds up to the end of this part. */
  readonly recall: number;
  /** Fraud rate up to the end of this part over that of all rows. */
  readonly lift: number;
}

/**
 * Gains table (Lorenz table): the rows in equal parts by score, from the most to the least suspicious, and the frauds in each.
 *
 * @param parts 1 to 1,000; default 10, the deciles
 * @returns null when there are no frauds
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example gainsTable([0.9, 0.8, 0.2, 0.1], [1, 0, 0, 0], 2)!.map(({ recall }) => recall); // [1, 1]
 */
export function gainsTable(scores: ArrayLike<number>, labels: ArrayLike<number>, parts?: number): GainsRow[] | null {
  const counts = thresholdCounts('gainsTable', scores, labels);
  const partCount = requireOption('gainsTable: parts', parts, { low: 1, high: 1_000, default: 10, whole: true });
  const { frauds, genuine } = classTotals(counts);
  if (frauds === 0) return null;
  const rowCount = frauds + genuine;
  let fraudsBefore = 0;
  return Array.from({ length: partCount }, (_, part) => {
    const rowsUpTo = (rowCount * (part + 1)) / partCount;
    const cut = cutAtRow(counts, rowsUpTo);
    const fraudsUpTo = totalUpTo(counts.truePositives, cut);
    const fraudsHere = fraudsUpTo - fraudsBefore;
    fraudsBefore = fraudsUpTo;
    return {
      share: (part + 1) / partCount,
      lowestScore: counts.thresholds[cut.part > 0 ? cut.groups : cut.groups - 1]!,
      rows: rowCount / partCount,
      frauds: fraudsHere,
      fraudRate: (fraudsHere * partCount) / rowCount,
      recall: fraudsUpTo / frauds,
      lift: (fraudsUpTo * rowCount) / (rowsUpTo * frauds),
    };
  });
}
