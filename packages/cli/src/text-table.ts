import { visibleLength } from './terminal-style.js';

/** A column of {@link renderTable}. */
export interface TextColumn {
  /** Heading. */
  title: string;
  /** Numbers read best aligned right. Default: left. */
  align?: 'left' | 'right';
}

/**
 * A table as lines of text: headings, a rule, and rows, two spaces between columns.
 *
 * @param rows one text a column; cells may hold style codes
 * @param indent put before each line. Default: two spaces
 * @example
 * renderTable([{ title: 'version' }, { title: 'AUC', align: 'right' }], [['v1', '0.871']]);
 */
export function renderTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[], indent = '  '): string {
  const widths = columns.map((column, i) => Math.max(column.title.length, ...rows.map((row) => visibleLength(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    indent +
    columns
      .map((column, i) => pad(cells[i] ?? '', widths[i]!, column.align))
      .join('  ')
      .trimEnd();
  const rule = indent + widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(columns.map((column) => column.title)), rule, ...rows.map(line)].join('\n');
}

function pad(text: string, width: number, align: TextColumn['align'] = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - visibleLength(text)));
  return align === 'right' ? space + text : text + space;
}
