/** Which columns drift can be measured on, and the checks that both profiles and comparisons make. */
import type { Column, Table } from '@fraudops/core';
import { MAX_NAME_LENGTH } from './category-counts.js';
import { DriftError } from './drift-error.js';

/** Most columns of a profile or a comparison. */
export const MAX_COLUMNS = 500;

/** A column that drift can be tested on. */
export type TestableColumn = Exclude<Column, { kind: 'time' }>;

/** The column of a table, refused when it is not there or is one of times. */
export function testableColumn(caller: string, side: string, table: Table, name: string): TestableColumn {
  if (!table.has(name)) {
    throw new DriftError(
      'UNKNOWN_COLUMN',
      `${caller}: the ${side} has no column ${shown(name)}; add it, or leave it out of the columns`,
      {
        column: name,
      },
    );
  }
  const column = table.column(name);
  if (column.kind === 'time') {
    const message = `${caller}: column ${shown(name)} of the ${side} is time, expected number, category or flag: time always drifts`;
    throw new DriftError('WRONG_KIND', message, { column: name, kind: column.kind });
  }
  return column;
}

/** The finite values, ascending. */
export function sortedFiniteValues(values: Float64Array): Float64Array {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Only for finite numbers is the difference to themselves 0, and not NaN.
    if (value - value === 0) finite[count++] = value;
  }
  return finite.subarray(0, count).sort();
}

/** Throws unless the names are distinct, not too many and not too long. */
export function requireColumnNames(caller: string, names: readonly string[]): void {
  if (names.length === 0) throw new DriftError('EMPTY', `${caller}: no number, category or flag column, needs at least 1`);
  if (names.length > MAX_COLUMNS) {
    const message = `${caller}: ${names.length} columns, at most ${MAX_COLUMNS} are allowed; name the ones that matter`;
    throw new DriftError('TOO_LARGE', message, { columns: names.length });
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (name.length > MAX_NAME_LENGTH) {
      const message = `${caller}: column ${shown(name)} has a name of ${name.length} characters, at most ${MAX_NAME_LENGTH} are allowed`;
      throw new DriftError('TOO_LARGE', message, { length: name.length });
    }
    if (seen.has(name))
      throw new DriftError('INVALID_OPTION', `${caller}: column ${shown(name)} is named twice`, { column: name });
    seen.add(name);
  }
}

/** A name as messages show it: quoted, and cut when long. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}...` : name);
}
