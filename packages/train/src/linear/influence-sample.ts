/**
 * Rows that stand for all where coefficients are nearly known. A row's influence is its weight times |probability - label| times its
 * leverage, 1 plus the squared length of its scaled columns: rows of little influence hardly move the solution, nor the second
 * derivatives. Of every so much influence the sample takes a row, which counts for the others; a row that has as much by itself counts
 * for itself alone. So a few rows in a hundred tell second derivatives within about 2 %.
 */
import { featureMatrix } from '@fraudops/core';
import { BLOCK_ROWS, type LabelledRows, type RowSums } from './row-sums.js';

/** Coefficients as weights of the columns themselves, less their means. */
export interface Slopes {
  readonly slopes: Float64Array;
  readonly intercept: number;
}

/** The sum of all rows' influences. @param sums of the same rows */
export function totalInfluence(rows: LabelledRows, sums: RowSums, at: Slopes): number {
  let total = 0;
  eachBlock(rows, sums, at, (_start, influences) => {
    for (let i = 0; i < influences.length; i++) total += influences[i]!;
  });
  return total;
}

/**
 * The sample.
 *
 * @param sums of the same rows
 * @param share influence of which one row is taken, above 0
 * @param maxRows most rows
 * @returns undefined when there would be none, or more
 */
export function sampleByInfluence(
  rows: LabelledRows,
  sums: RowSums,
  at: Slopes,
  { share, maxRows }: { readonly share: number; readonly maxRows: number },
): LabelledRows | undefined {
  const { matrix } = rows.columns;
  // Columns that are not used stay 0.
  const columns = matrix.columns.map(() => new Float32Array(maxRows));
  const labels = new Uint8Array(maxRows);
  const weights = new Float64Array(maxRows);
  const chosen = new Uint32Array(BLOCK_ROWS);
  let taken = 0;
  let gathered = 0;
  let isFull = false;
  eachBlock(rows, sums, at, (start, influences) => {
    let chosenCount = 0;
    for (let i = 0; i < influences.length; i++) {
      const influence = influences[i]!;
      if (influence < share) {
        gathered += influence;
        if (gathered < share) continue;
        gathered -= share;
      }
      chosen[chosenCount] = i;
      weights[taken + chosenCount++] = Math.max(1, share / influence) * (rows.weights ? rows.weights[start + i]! : 1);
    }
    isFull ||= taken + chosenCount > maxRows;
    if (isFull) return;
    rows.columns.used.forEach((feature, j) => {
      sums.takeValues(j, chosen.subarray(0, chosenCount), columns[feature]!.subarray(taken));
    });
    for (let i = 0; i < chosenCount; i++) labels[taken + i] = rows.labels[start + chosen[i]!]!;
    taken += chosenCount;
  });
  if (isFull || taken === 0) return undefined;
  const sample = featureMatrix(
    matrix.names,
    columns.map((column) => column.subarray(0, taken)),
  );
  return {
    columns: { ...rows.columns, matrix: sample },
    labels: labels.subarray(0, taken),
    weights: weights.subarray(0, taken),
  };
}

/** Tells the influences of each block of rows, which are valid during the call. */
function eachBlock(
  { labels }: LabelledRows,
  sums: RowSums,
  { slopes, intercept }: Slopes,
  use: (start: number, influences: Float64Array) => void,
): void {
  for (let start = 0; start < labels.length; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, labels.length - start);
    sums.load(start, count, slopes, intercept);
    sums.toResiduals();
    const leverages = sums.leverages();
    const influences = sums.factors.subarray(0, count);
    for (let i = 0; i < count; i++) influences[i] = Math.abs(influences[i]!) * leverages[i]!;
    use(start, influences);
  }
}
