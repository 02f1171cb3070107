/**
 * Codes of pairs: rows with the same two codes get the same code, from 0 without gaps. Linear in the rows and in both dictionaries: rows
 * are sorted by their first code by counting, then each first code numbers the second codes that it meets.
 */
import { MISSING_CODE } from '@fraudops/core';

/** Rows coded by what they have in common. */
export interface RowCodes {
  /** Code by row, -1 when missing. */
  readonly codes: Int32Array;
  /** Above all codes. */
  readonly codeCount: number;
}

/** Codes of pairs of codes; -1 when either is missing. */
export function pairCodes(first: RowCodes, second: RowCodes): RowCodes {
  const { rows, seconds, starts } = sortByFirst(first, second);
  const codes = new Int32Array(first.codes.length).fill(MISSING_CODE);
  const codeOf = new Int32Array(second.codeCount);
  let codeCount = 0;
  for (let code = 0; code < first.codeCount; code++) {
    // Second codes met under an earlier first code have codes below these.
    const firstOfGroup = codeCount;
    for (let i = starts[code]!; i < starts[code + 1]!; i++) {
      const other = seconds[i]!;
      // 0 is where all begin, so codes are kept from 1.
      if (codeOf[other]! <= firstOfGroup) codeOf[other] = ++codeCount;
      codes[rows[i]!] = codeOf[other]! - 1;
    }
  }
  return { codes, codeCount };
}

function sortByFirst(first: RowCodes, second: RowCodes) {
  const starts = new Int32Array(first.codeCount + 1);
  const rowCount = first.codes.length;
  for (let row = 0; row < rowCount; row++)
    if (first.codes[row]! >= 0 && second.codes[row]! >= 0) starts[first.codes[row]! + 1]!++;
  for (let code = 0; code < first.codeCount; code++) starts[code + 1]! += starts[code]!;
  const next = starts.slice();
  const rows = new Int32Array(starts.at(-1)!);
  const seconds = new Int32Array(rows.length);
  for (let row = 0; row < rowCount; row++) {
    if (first.codes[row]! < 0 || second.codes[row]! < 0) continue;
    const place = next[first.codes[row]!]!++;
    rows[place] = row;
    seconds[place] = second.codes[row]!;
  }
  return { rows, seconds, starts };
}
