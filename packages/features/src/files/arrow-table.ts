/** Tables as Arrow IPC bytes in memory; for files, see {@link readTransactions} and {@link writeTransactions}. */
import type { ColumnKind, Table } from '@fraudops/core';
import type * as Flechette from '@uwdata/flechette';
import { dictionaryColumn, plainColumn } from './arrow-buffers.js';
import { MAX_ROWS } from './max-rows.js';
import { readArrow } from './read-arrow.js';
import { columnsOfKinds } from './wanted-columns.js';
import { requireWritable } from './writable-values.js';

/**
 * A table as Arrow IPC bytes in the file format (Feather version 2), uncompressed: numbers as float64, categories as dictionaries of
 * UTF-8 strings, times as timestamps in milliseconds UTC, flags as booleans, each nullable. {@link tableFromArrow} gives an equal table.
 * The same table gives the same bytes.
 *
 * @throws {FeatureError} INVALID_VALUE for an infinite number, a time that is no whole millisecond, or text that is no Unicode
 * @example await writeFile('features.arrow', await tableToArrow(features.compute(table)));
 */
export function tableToArrow(table: Table): Promise<Uint8Array> {
  return arrowBytes('tableToArrow', table);
}

/** As {@link tableToArrow}, with the caller's name in messages. */
export async function arrowBytes(caller: string, table: Table): Promise<Uint8Array> {
  const columns = Object.entries(table.toColumns());
  for (const [name, column] of columns) requireWritable(caller, name, column);
  const flechette = await import('@uwdata/flechette');
  const arrowColumns = columns.map(([name, column]): [string, Flechette.Column<unknown>] => [
    name,
    column.kind === 'category' ? dictionaryColumn(flechette, column) : plainColumn(flechette, column),
  ]);
  return flechette.tableToIPC(flechette.tableFromColumns(arrowColumns), { format: 'file' })!;
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
export function tableFromArrow(bytes: Uint8Array, kinds?: Readonly<Record<string, ColumnKind>>): Promise<Table> {
  return readArrow({ name: 'tableFromArrow', bytes }, columnsOfKinds(kinds), { maxRows: MAX_ROWS });
}
