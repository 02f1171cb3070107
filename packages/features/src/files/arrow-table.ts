/** Tables as Arrow IPC bytes in memory; for files, see {@link readTransactions} and {@link writeTransactions}. */
import type { ColumnKind, Table } from '@fraudops/core';
import { MAX_ROWS } from './max-rows.js';
import { columnsOfKinds } from './wanted-columns.js';

/**
 * A table as Arrow IPC bytes in the file format (Feather version 2), uncompressed: numbers as float64, categories as dictionaries of
 * UTF-8 strings, times as timestamps in milliseconds UTC, flags as booleans, each nullable. {@link tableFromArrow} gives an equal table.
 * The same table gives the same bytes.
 *
 * @throws {FeatureError} INVALID_VALUE for an infinite number, a time that is no whole millisecond, or text that is no Unicode
 * @example await writeFile('features.arrow', await tableToArrow(features.compute(table)));
 */
export async function tableToArrow(table: Table): Promise<Uint8Array> {
  const { arrowBytes } = await import('./write-arrow.js');
  return arrowBytes('tableToArrow', table);
}

/**
 * The table in Arrow IPC bytes, whoever wrote them: the file format (Feather version 2) or the stream format, plain or compressed with
 * LZ4 or Zstandard.
 *
 * @param kinds as for {@link tableFromParquet}
 * @throws {FeatureError} INVALID_FILE (no Arrow, or damaged), MISSING_COLUMN, WRONG_KIND, INVALID_VALUE, TOO_LARGE, as
 * {@link tableFromParquet}
 * @example const table = await tableFromArrow(await readFile('cards.feather'));
 */
export async function tableFromArrow(bytes: Uint8Array, kinds?: Readonly<Record<string, ColumnKind>>): Promise<Table> {
  const { readArrow } = await import('./read-arrow.js');
  return readArrow({ name: 'tableFromArrow', bytes }, columnsOfKinds(kinds), { maxRows: MAX_ROWS });
}
