/** Rows grouped by a category's code: group `c` is `rows` [offsets[c], offsets[c + 1]), in the rows' order. */
export interface RowsByCode {
  readonly offsets: Uint32Array;
  readonly rows: Uint32Array;
}

/**
 * Groups rows by their code with a counting sort.
 *
 * @param codes one for each row, in [0, codeCount)
 */
export function rowsByCode(codes: Int32Array, codeCount: number): RowsByCode {
  const offsets = new Uint32Array(codeCount + 1);
  for (const code of codes) offsets[code + 1]!++;
  for (let code = 0; code < codeCount; code++) offsets[code + 1]! += offsets[code]!;
  const next = offsets.slice();
  const rows = new Uint32Array(codes.length);
  for (let row = 0; row < codes.length; row++) rows[next[codes[row]!]!++] = row;
  return { offsets, rows };
}
