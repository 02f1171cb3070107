/**
 * Tables as parts of one file: they have the same columns of the same kinds, while each has dictionaries of its own. However rows are cut
 * into tables, they make the same file; so parts are looked at as rows that run on, and grouped anew where a format wants groups.
 */
import type { ColumnKind, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { requireWritable } from './writable-values.js';

/** Tables, one after the other. */
export type Tables = Iterable<Table> | AsyncIterable<Table>;

/** A part of a file. */
export interface TablePart {
  /** Its columns are in the order of the first part's. */
  readonly table: Table;
  /** Rows of the parts before. */
  readonly firstRow: number;
}

/**
 * The tables as parts, each when it is asked for; at least one.
 *
 * @param caller name for messages
 * @throws {FeatureError} MISSING_VALUE when there is no table; INVALID_VALUE for what is none; MISSING_COLUMN, UNKNOWN_FIELD or WRONG_KIND
 * naming the column in which a table differs from the first; what the tables throw
 */
export async function* tableParts(caller: string, tables: Tables): AsyncGenerator<TablePart> {
  let kinds: ReadonlyMap<string, ColumnKind> | undefined;
  let [position, firstRow] = [0, 0];
  for await (const table of tables) {
    requireTable(caller, table, position);
    kinds ??= new Map(table.columnNames.map((name) => [name, table.column(name).kind]));
    requireSameColumns(caller, kinds, table, position);
    yield { table: table.select([...kinds.keys()]), firstRow };
    firstRow += table.rowCount;
    position++;
  }
  if (!kinds) {
    const message = `${caller}: there are 0 tables, expected at least 1; without one the columns aren't known, so give a table of no rows`;
    throw new FeatureError('MISSING_VALUE', message, { tables: 0 });
  }
}

/**
 * The rows of the tables in groups of `rows`, the last one maybe of fewer; a group is the slices it is made of. At least one group, of no
 * rows when there are none. Memory holds the tables of one group.
 *
 * @throws {FeatureError} as {@link tableParts}, and INVALID_VALUE, see {@link requireWritable}, before a table's first group
 */
export async function* rowGroups(caller: string, tables: Tables, rows: number): AsyncGenerator<readonly [Table, ...Table[]]> {
  let group: Table[] = [];
  let missing = rows;
  let empty: Table | undefined;
  for await (const { table, firstRow } of tableParts(caller, tables)) {
    for (const [name, column] of Object.entries(table.toColumns())) requireWritable(caller, name, column, firstRow);
    if (firstRow === 0) empty = table.slice(0, 0);
    for (let start = 0; start < table.rowCount; ) {
      const slice = table.slice(start, start + missing);
      group.push(slice);
      start += slice.rowCount;
      missing -= slice.rowCount;
      if (missing > 0) continue;
      empty = undefined;
      yield group as [Table, ...Table[]];
      [group, missing] = [[], rows];
    }
  }
  if (group.length > 0) yield group as [Table, ...Table[]];
  else if (empty) yield [empty];
}

function requireTable(caller: string, table: unknown, position: number): void {
  if (typeof (table as Partial<Table> | null)?.toColumns === 'function') return;
  const message = `${caller}: table ${position} is ${table === null ? 'null' : typeof table}, expected a Table; make one with Table.fromRows`;
  throw new FeatureError('INVALID_VALUE', message, { table: position });
}

function requireSameColumns(caller: string, kinds: ReadonlyMap<string, ColumnKind>, table: Table, position: number): void {
  const refuse = (code: 'MISSING_COLUMN' | 'UNKNOWN_FIELD' | 'WRONG_KIND', column: string, is: string, expected: string) => {
    const message = `${caller}: table ${position}, column ${column}: ${is}, expected ${expected} as in table 0; give all tables the same columns`;
    throw new FeatureError(code, message, { table: position, column });
  };
  for (const [column, kind] of kinds) {
    if (!table.has(column)) refuse('MISSING_COLUMN', column, 'is not there', kind);
    const other = table.column(column).kind;
    if (other !== kind) refuse('WRONG_KIND', column, `is ${other}`, kind);
  }
  const odd = table.columnNames.find((column) => !kinds.has(column));
  if (odd !== undefined) refuse('UNKNOWN_FIELD', odd, `is ${table.column(odd).kind}`, 'none');
}
