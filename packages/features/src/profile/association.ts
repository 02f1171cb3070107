/**
 * Cramér's V of categories in pairs, sqrt(X^2 / (n (min(r, c) - 1))), with Pearson's chi-squared X^2 of the r x c table of the n rows in which
 * both values are there (Cramér 1946, section 21.9). Not corrected for bias: two columns of many values and few rows look associated.
 */
import { type Column, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import type { AssociationMatrix } from './table-profile.js';

/** Most distinct values of a column that is associated with others. */
const MAX_ASSOCIATED_VALUES = 100;

/** Associations of a table's first category and flag columns; null when they are fewer than two. */
export function associationMatrix(table: Table, most: number): AssociationMatrix | null {
  const columns: { name: string; codes: Int32Array; size: number }[] = [];
  const leftOut: string[] = [];
  for (const name of table.columnNames) {
    const column = table.column(name);
    if (column.kind !== 'category' && column.kind !== 'flag') continue;
    const coded = columns.length < most ? denseCodes(column) : undefined;
    if (coded) columns.push({ name, ...coded });
    else leftOut.push(name);
  }
  if (columns.length < 2) return null;
  const values = columns.map(() => new Array<number | null>(columns.length).fill(1));
  for (const [i, a] of columns.entries()) {
    for (const [j, b] of columns.slice(0, i).entries()) {
      const association = cramersV(a.codes, a.size, b.codes, b.size);
      values[i]![j] = values[j]![i] = Number.isNaN(association) ? null : association;
    }
  }
  return { columns: columns.map(({ name }) => name), values, leftOut };
}

/** Codes counted from 0 in order of appearance, -1 for missing; undefined for constants and for too many values. */
function denseCodes(column: Extract<Column, { kind: 'category' | 'flag' }>): { codes: Int32Array; size: number } | undefined {
  const values = column.kind === 'category' ? column.codes : column.values;
  const missing = column.kind === 'category' ? MISSING_CODE : MISSING_FLAG;
  const dense = new Int32Array(column.kind === 'category' ? column.dictionary.length : 2).fill(-1);
  const codes = new Int32Array(values.length);
  let size = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== missing && dense[value] === -1) dense[value] = size++;
    if (size > MAX_ASSOCIATED_VALUES) return undefined;
    codes[row] = value === missing ? -1 : dense[value]!;
  }
  return size < 2 ? undefined : { codes, size };
}

/** Cramér's V of codes from 0 on, -1 being missing; NaN when one of the two has a single value in their common rows. */
function cramersV(a: Int32Array, aSize: number, b: Int32Array, bSize: number): number {
  const counts = new Float64Array(aSize * bSize);
  for (let row = 0; row < a.length; row++) if (a[row]! >= 0 && b[row]! >= 0) counts[a[row]! * bSize + b[row]!]!++;
  const aTotals = new Float64Array(aSize);
  const bTotals = new Float64Array(bSize);
  let rows = 0;
  for (let i = 0; i < aSize; i++) {
    for (let j = 0; j < bSize; j++) {
      const count = counts[i * bSize + j]!;
      aTotals[i]! += count;
      bTotals[j]! += count;
      rows += count;
    }
  }
  let shares = 0;
  for (let i = 0; i < aSize; i++) {
    for (let j = 0; j < bSize; j++) {
      const count = counts[i * bSize + j]!;
      if (count > 0) shares += (count / aTotals[i]!) * (count / bTotals[j]!);
    }
  }
  const used = Math.min(aTotals.filter((total) => total > 0).length, bTotals.filter((total) => total > 0).length);
  // X^2 / n is the sum of n_ij^2 / (n_i n_j), less 1.
  return used < 2 || rows === 0 ? Number.NaN : Math.sqrt(Math.max(0, Math.min(1, (shares - 1) / (used - 1))));
}
