/** What a person should look at first in a profile. Thresholds stand in the table of `ProfileWarningCode`. */
import { formatCount, formatRows, formatShare } from '@fraudops/core';
import { formatCorrelation } from './number-format.js';
import type { ColumnProfile, ProfileWarning, ProfileWarningCode, TableProfile } from './table-profile.js';

/** Most warnings of a profile. */
const MAX_WARNINGS = 200;

/** Warnings of the whole table first, then those of its columns in order. */
export function profileWarnings(profile: Omit<TableProfile, 'warnings'>): readonly ProfileWarning[] {
  const { rowCount, columns, duplicates, labelRate } = profile;
  if (rowCount === 0) return [];
  const warnings: ProfileWarning[] = [];
  if (duplicates && duplicates.count > 0) {
    const share = formatShare(duplicates.count / rowCount);
    warnings.push(
      warning('DUPLICATE_ROWS', [], `${formatRows(duplicates.count, 'row')} (${share}) equal an earlier one in every column`),
    );
  }
  if (labelRate && labelRate.known > 0 && labelRate.yes < 100) {
    const text = `is yes in ${formatRows(labelRate.yes, 'row')} only, few to learn from`;
    warnings.push(warning('RARE_LABEL', [labelRate.label], text));
  }
  warnings.push(...columns.flatMap((column) => columnWarnings(column, rowCount)), ...correlated(profile));
  return warnings.slice(0, MAX_WARNINGS);
}

function columnWarnings(column: ColumnProfile, rowCount: number): ProfileWarning[] {
  const { name, missing, distinct } = column;
  if (missing === rowCount) return [warning('EMPTY', [name], 'has no value at all')];
  const present = rowCount - missing;
  const found: ProfileWarning[] = [];
  const add = (holds: boolean, code: ProfileWarningCode, text: string) => {
    if (holds) found.push(warning(code, [name], text));
  };
  const isFinite = column.kind !== 'number' || column.infinite === 0;
  add(distinct === 1 && isFinite && present > 1, 'CONSTANT', 'has one value only');
  add(missing * 2 > rowCount, 'MOSTLY_MISSING', `is missing in ${formatShare(missing / rowCount)} of the rows`);
  if (column.kind === 'number') {
    const { infinite, skewness, zeros } = column;
    add(infinite > 0, 'INFINITE', `is infinite in ${formatRows(infinite, 'row')}`);
    const isMostlyZero = distinct > 2 && zeros > 0.9 * present;
    add(isMostlyZero, 'MOSTLY_ZERO', `is 0 in ${formatShare(zeros / present)} of its values`);
    // Few values beside many zeros are far out by themselves.
    const isSkewed = skewness !== null && Math.abs(skewness) > 10 && distinct > 2 && !isMostlyZero;
    add(isSkewed, 'SKEWED', `has a long tail: its skewness is ${formatCorrelation(skewness ?? 0)}`);
  }
  const isWide = column.kind === 'category' && distinct > 50 && distinct * 2 >= present;
  add(isWide, 'HIGH_CARDINALITY', `has ${formatCount(distinct)} values for ${formatRows(present, 'row')}, as ids have`);
  add(column.kind === 'time' && !column.isSorted, 'NOT_SORTED', 'is not in order: some rows are earlier than the one above');
  return found;
}

function correlated({ correlations }: Omit<TableProfile, 'warnings'>): ProfileWarning[] {
  if (!correlations) return [];
  const { columns, values, method } = correlations;
  const measure = method === 'pearson' ? 'correlation' : 'rank correlation';
  return columns.flatMap((name, i) =>
    columns.slice(0, i).flatMap((other, j) => {
      const correlation = values[i]![j] ?? 0;
      if (Math.abs(correlation) < 0.98) return [];
      return [warning('CORRELATED', [other, name], `say nearly the same: their ${measure} is ${formatCorrelation(correlation)}`)];
    }),
  );
}

function warning(code: ProfileWarningCode, columns: readonly string[], text: string): ProfileWarning {
  return { code, columns, text };
}
