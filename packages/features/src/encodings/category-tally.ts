/**
 * Counts of rows and frauds by category at a few moments: each row is counted from the moment on at which it may be, and stays counted.
 */
import type { CategoryColumn } from '@fraudops/core';

/** Rows to count, and from when. */
export interface TalliedRows {
  readonly category: CategoryColumn;
  /** For each row, the first moment (0, 1, 2 ...) that counts it; -1 for never. */
  readonly countedFrom: Int32Array;
  /** For each row, 1 for a fraud; absent when frauds don't matter. */
  readonly frauds?: Uint8Array;
}

/** The counts at one moment. */
export interface CategoryTally {
  /** Rows counted so far, also those without a category. */
  readonly rows: number;
  /** Frauds among them. */
  readonly frauds: number;
  /** Codes of the most frequent categories; of equally frequent ones, the one that comes first in the rows. */
  readonly codes: Int32Array;
  /** Rows of each of the codes. */
  readonly rowsOf: Float64Array;
  /** Frauds of each of the codes. */
  readonly fraudsOf: Float64Array;
}

/**
 * Counts.
 *
 * @param moments how many
 * @param maxCategories most codes of a tally
 */
export function categoryTallies(tallied: TalliedRows, moments: number, maxCategories: number): CategoryTally[] {
  const { codes, dictionary } = tallied.category;
  const rowsOf = new Float64Array(dictionary.length);
  const fraudsOf = new Float64Array(dictionary.length);
  const byAppearance = codesByAppearance(tallied.category);
  const byMoment = rowsByMoment(tallied.countedFrom, moments);
  let rows = 0;
  let frauds = 0;
  return byMoment.map((counted) => {
    for (const row of counted) {
      const fraud = tallied.frauds?.[row] === 1 ? 1 : 0;
      const code = codes[row]!;
      rows++;
      frauds += fraud;
      if (code < 0) continue;
      rowsOf[code]!++;
      fraudsOf[code]! += fraud;
    }
    const kept = mostFrequent(rowsOf, byAppearance, maxCategories);
    const take = (of: Float64Array) => Float64Array.from(kept, (code) => of[code]!);
    return { rows, frauds, codes: kept, rowsOf: take(rowsOf), fraudsOf: take(fraudsOf) };
  });
}

/** The codes that rows have, in order of first appearance, and not of the dictionary, which says nothing about the rows. */
function codesByAppearance({ codes, dictionary }: CategoryColumn): Int32Array {
  const seen = new Uint8Array(dictionary.length);
  return codes.filter((code) => {
    if (code < 0 || seen[code] === 1) return false;
    seen[code] = 1;
    return true;
  });
}

/** For each moment, the rows that it is the first to count, in order (a counting sort). */
function rowsByMoment(countedFrom: Int32Array, moments: number): Int32Array[] {
  const starts = new Int32Array(moments + 1);
  for (const moment of countedFrom) if (moment >= 0) starts[moment + 1]!++;
  for (let moment = 0; moment < moments; moment++) starts[moment + 1]! += starts[moment]!;
  const next = starts.slice();
  const rows = new Int32Array(starts[moments]!);
  for (let row = 0; row < countedFrom.length; row++) if (countedFrom[row]! >= 0) rows[next[countedFrom[row]!]!++] = row;
  return Array.from({ length: moments }, (_, moment) => rows.subarray(starts[moment], starts[moment + 1]));
}

function mostFrequent(rowsOf: Float64Array, byAppearance: Int32Array, most: number): Int32Array {
  const counted = byAppearance.filter((code) => rowsOf[code]! > 0);
  if (counted.length <= most) return counted;
  // The sort is stable, so equally frequent ones stay in order of appearance.
  return counted.sort((a, b) => rowsOf[b]! - rowsOf[a]!).slice(0, most);
}
