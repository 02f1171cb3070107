import { type TextColumn, renderTable } from './text-table.js';
import { visibleLength } from './terminal-style.js';
import { plainText } from './plain-text.js';

/** A column of {@link renderFittedTable}. */
interface FittedColumn extends TextColumn {
  /** Its cells may be cut; they are plain text then, and hold no style codes. */
  readonly cut?: boolean;
}

/** Columns are not cut below this. */
const LEAST_WIDTH = 8;
/** Longest cell where no width is known. */
const LONGEST_CELL = 1_000;
const INDENT = '  ';

/**
 * A table whose lines fit a width, as far as columns may be cut: the widest of those gives first. Text of cells that may be cut is shown
 * without characters that move the cursor.
 *
 * @param width in characters; undefined: as wide as it gets, for output that nobody looks at
 */
export function renderFittedTable(
  columns: readonly FittedColumn[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  const plain = rows.map((row) => row.map((cell, i) => (columns[i]?.cut ? plainText(cell, LONGEST_CELL) : cell)));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...plain.map((row) => visibleLength(row[i] ?? ''))));
  let excess = INDENT.length + widths.reduce((sum, each) => sum + each + 2, -2) - (width ?? Number.POSITIVE_INFINITY);
  for (; excess > 0; excess--) {
    const widest = columns.reduce((best, { cut }, i) => (cut && widths[i]! > (widths[best] ?? LEAST_WIDTH) ? i : best), -1);
    if (widest < 0) break;
    widths[widest]!--;
  }
  const cut = plain.map((row) => row.map((cell, i) => (columns[i]?.cut ? plainText(cell, widths[i]) : cell)));
  return renderTable(columns, cut, INDENT);
}
