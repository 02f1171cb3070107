/** Profiles a table: every column by its kind, correlations, duplicate rows, the label's rate over time, and what is worth a look. */
import type { Column, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { visitEqualRows } from '../validation/equal-rows.js';
import { associationMatrix } from './association.js';
import { correlationMatrix } from './correlation.js';
import { labelRateOverTime } from './label-rate.js';
import { profileCategory, profileFlag } from './profile-category.js';
import { profileNumber } from './profile-number.js';
import { profileTime } from './profile-time.js';
import { profileWarnings } from './profile-warnings.js';
import type { ColumnProfile, CorrelationMethod, DuplicateRows, TableProfile } from './table-profile.js';

/** Options of {@link profileTable}. */
export interface ProfileTableOptions {
  /** Names label and time, unless they are named themselves. */
  readonly definition?: TransactionsDefinition;
  /** A flag column: its rate over time is profiled. */
  readonly label?: string;
  /** The time column by which the label's rate is shown. */
  readonly time?: string;
  /** Length of a period of the label's rate. Default: days up to 120 of them, else weeks. */
  readonly period?: 'day' | 'week';
  /** Most frequent values shown of each column, 1 to 50. Default 10. */
  readonly topValues?: number;
  /** How numbers are correlated: Pearson's r, Spearman's rank correlation (which sorts), or not at all. Default `pearson`. */
  readonly correlations?: CorrelationMethod | 'none';
  /** Most columns that are correlated with each other, the first of the table, 2 to 30. Default 30. */
  readonly maxCorrelated?: number;
  /** Whether rows that equal an earlier one are looked for. Default true. */
  readonly duplicates?: boolean;
}

/** Most columns of a profile. */
export const MAX_PROFILED_COLUMNS = 500;

/**
 * What a table looks like, as plain data: `JSON.stringify` keeps it, `tableProfileFromJson` checks it, `profileHtml` draws it.
 *
 * All figures are exact, over all rows. Numbers and times are sorted, one column at a time in a copy of 8 bytes a row; looking for duplicate
 * rows takes 12 to 20 bytes a row, and Spearman's ranks 8 bytes a row and column. Time grows with the columns, and with the pairs of
 * at most 30 of them.
 *
 * @throws {FeatureError} UNKNOWN_FIELD or WRONG_KIND when label or time is no such column, TOO_LARGE beyond 500 columns, INVALID_OPTION
 * @example
 * const profile = profileTable(table, { definition: handbookTransactions });
 * await writeFile('profile.html', profileHtml(profile, { title: 'April' }));
 */
export function profileTable(table: Table, options: ProfileTableOptions = {}): TableProfile {
  const { topValues = 10, maxCorrelated = 30, correlations = 'pearson', duplicates = true } = options;
  requireWhole('topValues', topValues, 1, 50);
  requireWhole('maxCorrelated', maxCorrelated, 2, 30);
  if (!['pearson', 'spearman', 'none'].includes(correlations))
    throw invalidOption('correlations', correlations, 'pearson, spearman or none');
  if (options.period !== undefined && options.period !== 'day' && options.period !== 'week')
    throw invalidOption('period', options.period, 'day or week');
  if (table.columnNames.length > MAX_PROFILED_COLUMNS) {
    const message = `profileTable: the table has ${table.columnNames.length} columns, expected at most ${MAX_PROFILED_COLUMNS}; select() some`;
    throw new FeatureError('TOO_LARGE', message);
  }
  const roles = requireRoles(table, options);
  const facts = {
    formatVersion: 1,
    rowCount: table.rowCount,
    columns: table.columnNames.map((name) => profileColumn(name, table.column(name), topValues)),
    correlations: correlations === 'none' ? null : correlationMatrix(table, correlations, maxCorrelated),
    associations: correlations === 'none' ? null : associationMatrix(table, maxCorrelated),
    duplicates: duplicates && table.columnNames.length > 0 ? findDuplicates(table) : null,
    labelRate: roles && labelRateOverTime(table, roles.label, roles.time, options.period),
  } as const;
  return { ...facts, warnings: profileWarnings(facts) };
}

function profileColumn(name: string, column: Column, topValues: number): ColumnProfile {
  switch (column.kind) {
    case 'number':
      return profileNumber(name, column.values, topValues);
    case 'time':
      return profileTime(name, column.values);
    case 'category':
      return profileCategory(name, column, topValues);
    default:
      return profileFlag(name, column.values);
  }
}

const MAX_EXAMPLES = 10;

function findDuplicates(table: Table): DuplicateRows {
  const examples: { row: number; firstRow: number }[] = [];
  let count = 0;
  visitEqualRows(Object.values(table.toColumns()), 'equal', (row, firstRow) => {
    if (count++ < MAX_EXAMPLES) examples.push({ row, firstRow });
  });
  return { count, examples };
}

/** Label and time, both or neither. A definition's label may be absent from the table, one that is named may not. */
function requireRoles(table: Table, options: ProfileTableOptions): { label: string; time: string } | null {
  const { definition } = options;
  const known = (name: string | undefined) => (name !== undefined && table.has(name) ? name : undefined);
  const label = options.label ?? known(definition?.label?.field);
  const time = options.time ?? known(definition?.time);
  if (label !== undefined) requireColumn(table, 'label', label, 'flag');
  if (time !== undefined) requireColumn(table, 'time', time, 'time');
  if (label !== undefined && time === undefined && options.label !== undefined)
    throw new FeatureError(
      'INVALID_OPTION',
      `profileTable: label ${label} has no time, expected both; name the event time in the option time`,
    );
  return label === undefined || time === undefined ? null : { label, time };
}

function requireColumn(table: Table, role: string, name: string, kind: Column['kind']): void {
  if (!table.has(name)) {
    const message = `profileTable: ${role} names the column ${name}, which isn't there; there are ${table.columnNames.slice(0, 20).join(', ')}`;
    throw new FeatureError('UNKNOWN_FIELD', message, { role, column: name });
  }
  const found = table.column(name).kind;
  if (found === kind) return;
  const message = `profileTable: ${role} column ${name} is ${found}, expected ${kind}; name another one`;
  throw new FeatureError('WRONG_KIND', message, { role, column: name, kind: found });
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw invalidOption(name, value, `a whole number from ${least} to ${most}`);
}

function invalidOption(name: string, value: unknown, expected: string): FeatureError {
  return new FeatureError('INVALID_OPTION', `profileTable: ${name} is ${String(value)}, expected ${expected}; change it`);
}
