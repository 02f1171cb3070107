/** Judges a table by declared rules. */
import { type Cell, type ColumnKind, type Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { visitBreaches } from './judge-row-rule.js';
import { judgeTable } from './judge-table-rule.js';
import { requireRulesFit } from './rule-columns.js';
import { ruleText } from './rule-text.js';
import type { RowRule, TableRule, WholeTableRule } from './table-rule.js';
import {
  type BrokenRule,
  type RuleExample,
  type RuleResult,
  type ValidationIssue,
  type ValidationReport,
  validationReport,
} from './validation-report.js';

/** Options of {@link validateTable}. */
export interface ValidateTableOptions {
  /** How many breaches of one rule the report shows, 0 to 10,000. Default 100. */
  readonly maxIssuesPerRule?: number;
}

/**
 * Judges a table by rules and parts the good rows from the bad.
 *
 * Every rule looks at the whole table, so what one rule finds doesn't depend on the others: rows that break one rule still count in the
 * mean that another judges. Each rule takes one or a few loops over its columns; quantiles copy their column, `unique` takes 8 to 16
 * bytes a row.
 *
 * @param rules at most 1,000, from the builders or `rulesFromJson`
 * @throws {FeatureError} UNKNOWN_FIELD or WRONG_KIND when a rule doesn't fit the table, TOO_LARGE, INVALID_OPTION
 * @example
 * const report = validateTable(table, [
 *   inRange('TX_AMOUNT', { minimum: 0, maximum: 10_000 }),
 *   unique(['TRANSACTION_ID']),
 *   maxMissingShare('MCC', 0.01),
 *   expectMean('TX_AMOUNT', { minimum: 40, maximum: 65 }, { severity: 'warning' }),
 * ]);
 * if (!report.passed) console.log(report.toText());
 */
export function validateTable(table: Table, rules: readonly TableRule[], options: ValidateTableOptions = {}): ValidationReport {
  requireRulesFit(rules, kindsOf(table));
  const bad = new Uint8Array(table.rowCount);
  const { issues, brokenRules, results } = judgeRules(table, rules, bad, requireMaxIssues('validateTable', options));
  return validationReport(table, bad, { rowCount: table.rowCount, issues, brokenRules, results });
}

/** Column kind by name. */
export function kindsOf(table: Table): Record<string, ColumnKind> {
  return Object.fromEntries(table.columnNames.map((name) => [name, table.column(name).kind]));
}

/** The checked option `maxIssuesPerRule`. */
export function requireMaxIssues(where: string, { maxIssuesPerRule = 100 }: ValidateTableOptions): number {
  if (Number.isInteger(maxIssuesPerRule) && maxIssuesPerRule >= 0 && maxIssuesPerRule <= 10_000) return maxIssuesPerRule;
  const message = `${where}: maxIssuesPerRule is ${maxIssuesPerRule}, expected a whole number from 0 to 10000; change it`;
  throw new FeatureError('INVALID_OPTION', message, { maxIssuesPerRule });
}

/** What declared rules found. */
export interface JudgedRules {
  readonly issues: readonly ValidationIssue[];
  readonly brokenRules: readonly BrokenRule[];
  readonly results: readonly RuleResult[];
}

/** Judges rules that fit the table, and sets `bad` to 1 for the rows to quarantine. */
export function judgeRules(table: Table, rules: readonly TableRule[], bad: Uint8Array, maxExamples: number): JudgedRules {
  const results = rules.map((rule) => (isWhole(rule) ? wholeResult(table, rule) : rowResult(table, rule, bad, maxExamples)));
  const quarantining = results.filter(({ scope, severity, passed }) => scope === 'row' && severity === 'error' && !passed);
  const issues = quarantining.flatMap(({ column, text, examples }) =>
    examples.map(({ row, value }) => ({ row, column, value, rule: text })),
  );
  return {
    issues: issues.toSorted((a, b) => a.row - b.row),
    brokenRules: quarantining.map(({ column, text, count }) => ({ column, rule: text, count })),
    results,
  };
}

const WHOLE: ReadonlySet<string> = new Set<WholeTableRule['rule']>([
  'maxMissingShare',
  'rowCount',
  'mean',
  'standardDeviation',
  'distinct',
  'quantile',
  'share',
  'similar',
]);

const isWhole = (rule: TableRule): rule is WholeTableRule => WHOLE.has(rule.rule);

function wholeResult(table: Table, rule: WholeTableRule): RuleResult {
  const column = 'column' in rule ? rule.column : '';
  const { observed, passed } = judgeTable(table, rule);
  const found = { passed, count: 0, share: 0, examples: [], observed };
  return { source: 'rule', scope: 'table', severity: rule.severity, column, text: ruleText(rule), ...found, rule };
}

function rowResult(table: Table, rule: RowRule, bad: Uint8Array, maxExamples: number): RuleResult {
  const column = columnOf(rule);
  const rows: number[] = [];
  let count = 0;
  const quarantines = rule.severity === 'error';
  visitBreaches(table, rule, (row) => {
    if (count++ < maxExamples) rows.push(row);
    if (quarantines) bad[row] = 1;
  });
  const text = ruleText(rule, column !== '' && table.column(column).kind === 'time');
  const examples = examplesAt(table, column, rows);
  const found = { passed: count === 0, count, share: count === 0 ? 0 : count / table.rowCount, examples, observed: null };
  return { source: 'rule', scope: 'row', severity: rule.severity, column, text, ...found, rule };
}

/** The one column whose value an example shows. */
function columnOf(rule: RowRule): string {
  if (rule.rule === 'unique') return rule.columns.length === 1 ? rule.columns[0]! : '';
  return rule.column;
}

function examplesAt(table: Table, column: string, rows: readonly number[]): RuleExample[] {
  if (column === '') return rows.map((row) => ({ row, value: null }));
  const shown = table.select([column]).take(rows);
  return rows.map((row, i) => ({ row, value: shown.row(i)[column] as Cell }));
}
