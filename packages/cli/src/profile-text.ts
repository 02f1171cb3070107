/** A table's profile as lines for a terminal. */
import type { ColumnProfile, TableProfile } from '@fraudops/features';
import { countText, dayText, shareText } from './number-text.js';
import { plainText } from './plain-text.js';
import type { Stylist } from './terminal-style.js';
import { renderTable } from './text-table.js';

/** Most columns and warnings that are shown; a page shows them all. */
const MAX_LINES = 100;

/**
 * Each column in a line, then what is worth a look.
 *
 * @example
 * //   column     kind    missing  distinct  values
 * //   ─────────  ──────  ───────  ────────  ─────────────────────────
 * //   TX_AMOUNT  number        –     8,451  0.01 to 1,412.9, half below 31.2
 * //   TX_FRAUD   flag          –         2  yes in 1.4 %
 * //
 * // Worth a look
 * //   TX_FRAUD is yes in 90 rows only, few to learn from
 */
export function profileText({ rowCount, columns, warnings }: TableProfile, style: Stylist): string {
  const rows = columns
    .slice(0, MAX_LINES)
    .map((column) => [
      plainText(column.name),
      style('quiet', column.kind),
      column.missing === 0 ? '–' : shareText(column.missing / rowCount),
      countText(column.distinct),
      valuesText(column),
    ]);
  const right = { align: 'right' } as const;
  const titles = [
    { title: 'column' },
    { title: 'kind' },
    { title: 'missing', ...right },
    { title: 'distinct', ...right },
    { title: 'values' },
  ];
  // Warnings write 9.2%, this screen 9.2 %.
  const spaced = (text: string) => text.replaceAll(/(?<=\d)%/g, ' %');
  const looks = warnings
    .slice(0, MAX_LINES)
    .map(
      ({ columns: names, text }) => `  ${[names.map((name) => plainText(name)).join(' and '), spaced(text)].join(' ').trim()}\n`,
    );
  const more = columns.length > MAX_LINES ? `  and ${countText(columns.length - MAX_LINES)} more columns\n` : '';
  return `${renderTable(titles, rows)}\n${more}${looks.length > 0 ? `\n${style('warning', 'Worth a look')}\n${looks.join('')}` : ''}`;
}

function valuesText(column: ColumnProfile): string {
  switch (column.kind) {
    case 'number': {
      const at = (quantile: number) => column.quantiles.find((each) => each.quantile === quantile)?.value;
      const [least, median, most] = [at(0), at(0.5), at(1)];
      if (least === undefined || most === undefined) return '';
      return `${numberText(least)} to ${numberText(most)}${median === undefined ? '' : `, half below ${numberText(median)}`}`;
    }
    case 'time':
      return column.earliestMs === null || column.latestMs === null
        ? ''
        : `${dayText(column.earliestMs)} to ${dayText(column.latestMs)}`;
    case 'flag':
      return column.yes + column.no === 0 ? '' : `yes in ${shareText(column.yes / (column.yes + column.no))}`;
    default:
      return column.topValues
        .slice(0, 3)
        .map(({ value, count }) => `${plainText(value, 20)} (${countText(count)})`)
        .join(', ');
  }
}

/** Five digits at most, but never fewer than the whole ones. */
function numberText(value: number): string {
  const digits = Math.max(0, 4 - Math.floor(Math.log10(Math.max(1, Math.abs(value)))));
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
