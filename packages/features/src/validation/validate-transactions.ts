/** Judges transactions by their definition's schema and by declared rules. */
import type { Table } from '@fraudops/core';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { requireRulesFit } from './rule-columns.js';
import { judgeBySchema } from './schema-breaches.js';
import type { TableRule } from './table-rule.js';
import { type ValidateTableOptions, judgeRules, kindsOf, requireMaxIssues } from './validate-table.js';
import { type ValidationReport, validationReport } from './validation-report.js';

/** Options of {@link validateTransactions}. */
export interface ValidateTransactionsOptions extends ValidateTableOptions {
  /** Rules beside the schema's: over several rows, over several columns, over the whole table. Default none. */
  readonly rules?: readonly TableRule[];
}

/**
 * Judges every row of a table by the definition's zod schema, and the table by declared rules, and parts the good rows from the bad.
 *
 * It goes column by column. Numbers and times that surely keep their rules pass in a plain loop, and only the others are shown to zod;
 * a category's strings are shown to zod once each. Only when the schema has checks over whole objects (`refine`, `check`) is every row
 * whose values are good made into an object, missing values left out, and shown to zod, which is slow.
 *
 * Numbers with a `multipleOf`, and the amount, may be at most {@link MAX_SUMMED_UNITS} of their units from 0, since features add them up.
 *
 * Columns that the definition doesn't know are judged by declared rules only and stay in both tables. A column of a field that isn't
 * required may be absent. At most 1,000 rules of the schema are told apart; breaches beyond count as `other rules`.
 *
 * @throws {FeatureError} MISSING_COLUMN or WRONG_KIND when the table doesn't have the definition's columns, UNKNOWN_FIELD or WRONG_KIND
 *   when a declared rule doesn't fit it
 * @example
 * const { valid, brokenRules } = validateTransactions(table, handbookTransactions, { rules: [unique(['TRANSACTION_ID'])] });
 * // brokenRules: [{ column: 'TX_AMOUNT', rule: 'Too small: expected number to be >=0', count: 3 }]
 */
export function validateTransactions(
  table: Table,
  definition: TransactionsDefinition,
  options: ValidateTransactionsOptions = {},
): ValidationReport {
  const { rules = [] } = options;
  const maxIssuesPerRule = requireMaxIssues('validateTransactions', options);
  requireRulesFit(rules, kindsOf(table));
  const schema = judgeBySchema(table, definition, maxIssuesPerRule);
  const declared = judgeRules(table, rules, schema.bad, maxIssuesPerRule);
  return validationReport(table, schema.bad, {
    rowCount: table.rowCount,
    issues: [...schema.issues, ...declared.issues].sort((a, b) => a.row - b.row),
    brokenRules: [...schema.brokenRules, ...declared.brokenRules],
    results: [...schema.results, ...declared.results],
  });
}
