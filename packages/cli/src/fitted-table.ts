import { type TextColumn, renderTable } from './text-table.js';
import { visibleLength } from './terminal-style.js';
import { plainText } from './plain-text.js';

/** A column of {@link renderFittedTable}. */
interface FittedColumn extends TextColumn {
  /** Fewest characters that its cells may be cut to; they are plain text then, and hold no style codes. Default: they are not cut. */
  readonly cut?: number;
  /** Left out when all its cells are empty. Default: false. */
  readonly mayBeEmpty?: boolean;
}

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
  allColumns: readonly FittedColumn[],
  allRows: readonly (readonly string[])[],
  width?: number,
): string {
  const isShown = allColumns.map(({ mayBeEmpty }, i) => !mayBeEmpty || allRows.some((row) => row[i]));
  const columns = allColumns.filter((_, i) => isShown[i]);
  const rows = allRows.map((row) => row.filter((_, i) => isShown[i]));
  const plain = rows.map((row) => row.map((cell, i) => (columns[i]?.cut ? plainText(cell, LONGEST_CELL) : cell)));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...plain.map((row) => visibleLength(row[i] ?? ''))));
  let excess = INDENT.length + widths.reduce((sum, each) => sum + each + 2, -2) - (width ?? Number.POSITIVE_INFINITY);
  for (; excess > 0; excess--) {
    const widest = columns.reduce((best, { cut = Infinity }, i) => {
      return widths[i]! > Math.max(cut, widths[best] ?? 0) ? i : best;
    }, -1);
    if (widest < 0) break;
    widths[widest]!--;
  }
  const cut = plain.map((row) => row.map((cell, i) => (columns[i]?.cut ? plainText(cell, widths[i]) : cell)));
  return renderTable(columns, cut, INDENT);
}
