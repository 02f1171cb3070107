/**
 * What a model's bundle remembers of its training data, so that drift can be measured later without that data: for each column the
 * counts, and the distribution in bounded form. Pure data: a number column takes at most 1,001 points (65 KB as JSON), a category
 * column at most 500 names of 200 characters each.
 */
import { type Table, columnLength } from '@fraudops/core';
import { type CategoryCounts, boundCategories, countCategories, totalOf } from './category-counts.js';
import { DriftError } from './drift-error.js';
import { type QuantileSketch, sketchOf } from './quantile-sketch.js';
import { type TestableColumn, requireColumnNames, sortedFiniteValues, testableColumn } from './testable-column.js';

/** A table as drift remembers it. */
export interface DriftProfile {
  readonly format: 'fraudops-drift-profile';
  readonly version: 1;
  readonly rowCount: number;
  /** In the table's order; names are distinct. */
  readonly columns: readonly ColumnProfile[];
}

/** One column of a profile. */
export type ColumnProfile = NumberProfile | CategoryProfile;

/** A number column: its distribution as a sketch. NaN and the infinities count as missing. */
export interface NumberProfile {
  readonly column: string;
  readonly kind: 'number';
  /** Rows with a value. */
  readonly count: number;
  readonly missing: number;
  readonly sketch: QuantileSketch;
}

/** A category or flag column: its values with their counts; a flag's values are called `false` and `true`. */
export interface CategoryProfile extends CategoryCounts {
  readonly column: string;
  readonly kind: 'category' | 'flag';
  /** Rows with a value. */
  readonly count: number;
  readonly missing: number;
}

/**
 * The profile of a table's number, category and flag columns, to keep beside the model trained on it. Time columns are left out:
 * time always moves on, so a drift test of it says nothing.
 *
 * @param options.columns the columns to profile (default: all of those three kinds)
 * @throws {DriftError} EMPTY without rows or columns, UNKNOWN_COLUMN, WRONG_KIND for a time column that is named, TOO_LARGE beyond
 * {@link MAX_COLUMNS} or for a name longer than {@link MAX_NAME_LENGTH}
 * @example const profile = referenceProfile(trainingTable, { columns: ['TX_AMOUNT', 'TX_FRAUD'] });
 */
export function referenceProfile(table: Table, options: { readonly columns?: readonly string[] } = {}): DriftProfile {
  if (table.rowCount === 0) throw new DriftError('EMPTY', 'referenceProfile: the table has 0 rows, needs at least 1');
  const names = options.columns ?? table.columnNames.filter((name) => table.column(name).kind !== 'time');
  requireColumnNames('referenceProfile', names);
  const found = names.map((name) => [name, testableColumn('referenceProfile', 'table', table, name)] as const);
  const columns = found.map(([name, column]) => profileColumn(name, column));
  return { format: 'fraudops-drift-profile', version: 1, rowCount: table.rowCount, columns };
}

function profileColumn(name: string, column: TestableColumn): ColumnProfile {
  const rows = columnLength(column);
  if (column.kind === 'number') {
    const sorted = sortedFiniteValues(column.values);
    return { column: name, kind: 'number', count: sorted.length, missing: rows - sorted.length, sketch: sketchOf(sorted) };
  }
  const counts = countCategories(column);
  const count = totalOf(counts);
  return { column: name, kind: column.kind, count, missing: rows - count, ...boundCategories(counts) };
}
