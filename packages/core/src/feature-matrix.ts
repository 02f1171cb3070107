import { TableError } from './errors.js';
import type { Table } from './table.js';

/**
 * Features as models take them: named float32 columns of one length; NaN is missing.
 *
 * Training and scoring read the same float32 values, so a threshold falls on the same side in both.
 */
export interface FeatureMatrix {
  /** Feature names, in the order of `columns`. */
  readonly names: readonly string[];
  /** Number of rows. */
  readonly rowCount: number;
  /** One Float32Array of `rowCount` values a feature. */
  readonly columns: readonly Float32Array[];
}

/**
 * A matrix over float32 columns, taken as they are.
 *
 * @throws {TableError} LENGTH_MISMATCH when names and columns or the columns' lengths differ, DUPLICATE_COLUMN
 */
export function featureMatrix(names: readonly string[], columns: readonly Float32Array[]): FeatureMatrix {
  if (names.length !== columns.length) {
    throw new TableError('LENGTH_MISMATCH', `featureMatrix: ${names.length} names for ${columns.length} columns`);
  }
  const rowCount = columns[0]?.length ?? 0;
  columns.forEach((column, i) => {
    if (column.length !== rowCount) {
      throw new TableError(
        'LENGTH_MISMATCH',
        `featureMatrix: ${names[i]} has ${column.length} rows, ${names[0]} has ${rowCount}`,
      );
    }
    if (names.indexOf(names[i]!) !== i)
      throw new TableError('DUPLICATE_COLUMN', `featureMatrix: ${names[i]} comes twice`, { name: names[i] });
  });
  return { names, rowCount, columns };
}

/**
 * The named columns of a table, rounded to float32. Number and time columns give their values, flags 0 and 1; missing is NaN.
 *
 * @param names default: all columns
 * @throws {TableError} UNKNOWN_COLUMN, or WRONG_KIND for a category, which has no number
 */
export function toFeatureMatrix(table: Table, names: readonly string[] = table.columnNames): FeatureMatrix {
  const columns = names.map((name) => {
    const column = table.column(name);
    if (column.kind === 'category') {
      throw new TableError('WRONG_KIND', `toFeatureMatrix: ${name} is a category; encode it as a number first`, { name });
    }
    if (column.kind === 'flag') return Float32Array.from(column.values, (flag) => (flag > 1 ? Number.NaN : flag));
    return new Float32Array(column.values);
  });
  return { names, rowCount: table.rowCount, columns };
}

/** The rows of a matrix at the given positions, in that order. Positions are trusted to be in range. */
export function takeRows(matrix: FeatureMatrix, positions: ArrayLike<number>): FeatureMatrix {
  const columns = matrix.columns.map((column) => {
    const taken = new Float32Array(positions.length);
    for (let i = 0; i < positions.length; i++) taken[i] = column[positions[i]!]!;
    return taken;
  });
  return { names: matrix.names, rowCount: positions.length, columns };
}
