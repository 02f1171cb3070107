/** A validation report as lines of text for a terminal. */
import { type Cell, formatCount, formatRows } from '@fraudops/core';
import { observedText } from './rule-text.js';
import type { RuleResult, ValidationReport } from './validation-report.js';

/**
 * The report as text, without colours: a verdict, then the rules, broken ones first. Names and values are cut when long, control
 * characters replaced.
 *
 * @example
 * // Failed: 1,998 of 2,000 rows are valid, 2 rows quarantined; 1 of 2 rules broken.
 * //
 * //   rule                                rows     share  found
 * //   ─────────────────────────────────  ─────  ────────  ────────────
 * // ✗ TX_AMOUNT is from 0 to 10000           2    0.10 %  -3 at row 17
 * // ✓ TRANSACTION_ID is unique               0       0 %
 */
export function validationText(report: Pick<ValidationReport, 'passed' | 'rowCount' | 'validCount' | 'results'>): string {
  const { passed, rowCount, validCount, results } = report;
  const broken = results.filter((result) => !result.passed);
  const quarantined = rowCount - validCount;
  const rows =
    quarantined === 0
      ? `all ${formatRows(rowCount, 'row')} are valid`
      : `${formatCount(validCount)} of ${formatRows(rowCount, 'row')} are valid, ${formatCount(quarantined)} quarantined`;
  const verdict = `${passed ? 'Passed' : 'Failed'}: ${rows}; ${brokenText(broken.length, results.length)}.`;
  if (results.length === 0) return verdict;
  const order = [
    ...broken.filter(isError),
    ...broken.filter((result) => !isError(result)),
    ...results.filter((result) => result.passed),
  ];
  return `${verdict}\n\n${renderLines(order.slice(0, MAX_LINES).map(cellsOf))}${order.length > MAX_LINES ? `\n  and ${order.length - MAX_LINES} more` : ''}`;
}

const MAX_LINES = 200;

const isError = (result: RuleResult) => result.severity === 'error';

function brokenText(broken: number, all: number): string {
  if (all === 0) return 'no rule of the schema broken';
  return `${broken === 0 ? 'none' : formatCount(broken)} of ${formatRows(all, 'rule')} broken`;
}

/** Mark, rule, rows, share, found. */
function cellsOf(result: RuleResult): readonly string[] {
  const mark = result.passed ? '✓' : result.severity === 'error' ? '✗' : '!';
  const text = plainText(result.source === 'schema' ? `${result.column || '(row)'}: ${result.text}` : result.text, 64);
  if (result.scope === 'table') return [mark, text, '', '', result.rule ? observedText(result.rule, result.observed) : ''];
  return [mark, text, formatCount(result.count), shareText(result.share), exampleText(result)];
}

function shareText(share: number): string {
  if (share === 0) return '0 %';
  return share < 0.00005 ? '<0.01 %' : `${(share * 100).toFixed(2)} %`;
}

function exampleText({ examples: [first], column }: RuleResult): string {
  if (!first) return '';
  return column === '' ? `row ${formatCount(first.row)}` : `${cellText(first.value)} at row ${formatCount(first.row)}`;
}

function cellText(cell: Cell): string {
  if (cell === null) return 'missing';
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? 'no time' : cell.toISOString();
  return typeof cell === 'string' ? JSON.stringify(plainText(cell, 24)) : String(cell);
}

/** Text that can't move the cursor or turn the direction of writing around. */
function plainText(text: string, longest: number): string {
  const characters = Array.from(text.replaceAll(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'));
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
}

const HEADINGS = ['', 'rule', 'rows', 'share', 'found'];
const ALIGNED_RIGHT = new Set([2, 3]);

function renderLines(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...rows.map((row) => Array.from(row[i]!).length)));
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) => {
      const space = ' '.repeat(widths[i]! - Array.from(cell).length);
      return ALIGNED_RIGHT.has(i) ? space + cell : cell + space;
    });
    return `${padded[0]} ${padded.slice(1).join('  ')}`.trimEnd();
  };
  const rule = HEADINGS.map((_, i) => (i === 0 ? ' ' : '─'.repeat(widths[i]!)));
  return [line(HEADINGS.map((heading, i) => (i === 0 ? ' ' : heading))), line(rule), ...rows.map(line)].join('\n');
}
