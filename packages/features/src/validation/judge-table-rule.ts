/** Measures the figure that a rule of the whole table sets limits to. */
import { type Column, MISSING_FLAG, type Table } from '@fraudops/core';
import { finiteValues, selectQuantile } from '../profile/order-statistics.js';
import { countMissing, missingTest, visitEqualRows } from './equal-rows.js';
import { populationStability } from './saved-distribution.js';
import type { Limits, ShareRule, WholeTableRule } from './table-rule.js';

/** What a rule of the whole table found. */
export interface TableVerdict {
  /** The figure that was judged; null when the column has too few values for one. */
  readonly observed: number | null;
  readonly passed: boolean;
}

/** Judges the table by the rule; it is known to have the rule's columns. */
export function judgeTable(table: Table, rule: WholeTableRule): TableVerdict {
  const observed = measure(table, rule);
  if (Number.isNaN(observed)) return { observed: null, passed: false };
  return { observed, passed: isWithin(observed, limitsOf(rule)) };
}

function limitsOf(rule: WholeTableRule): Limits {
  if (rule.rule === 'maxMissingShare') return { maximum: rule.share };
  return rule.rule === 'similar' ? { maximum: rule.maximumPsi } : rule;
}

function isWithin(value: number, { minimum = -Infinity, maximum = Infinity }: Limits): boolean {
  return value >= minimum && value <= maximum;
}

function measure(table: Table, rule: WholeTableRule): number {
  switch (rule.rule) {
    case 'maxMissingShare':
      return table.rowCount === 0 ? 0 : countMissing(table.column(rule.column)) / table.rowCount;
    case 'rowCount':
      return table.rowCount;
    case 'mean':
      return meanOf(finiteValues(table.number(rule.column)));
    case 'standardDeviation':
      return standardDeviationOf(finiteValues(table.number(rule.column)));
    case 'distinct':
      return countDistinct(table.column(rule.column));
    case 'quantile':
      return selectQuantile(finiteValues(table.number(rule.column)), rule.quantile);
    case 'share':
      return shareOf(table.column(rule.column), rule);
    default:
      return populationStability(rule.expected, table.column(rule.column));
  }
}

/** Arithmetic mean, in two passes; NaN without values. */
export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  if (!Number.isFinite(mean)) return mean;
  // Differences are small where values are large and close to each other, so their sum loses next to nothing.
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += values[i]! - mean;
  return Number.isFinite(rest) ? mean + rest / values.length : mean;
}

/**
 * Sample standard deviation, by n - 1; NaN below two values. The squares are about the mean as float64 has it, so what the sum of the
 * differences says of its rounding is taken off (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", 1.7).
 */
export function standardDeviationOf(values: Float64Array): number {
  const mean = meanOf(values);
  let squares = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = values[i]! - mean;
    squares += difference * difference;
    sum += difference;
  }
  const variance = Math.max(0, squares - (sum * sum) / values.length) / (values.length - 1);
  return values.length < 2 ? Number.NaN : Math.sqrt(variance);
}

/** How many distinct values a column has, in linear time; memory as in `visitEqualRows`. */
export function countDistinct(column: Column): number {
  if (column.kind === 'category' || column.kind === 'flag') {
    const values = column.kind === 'category' ? column.codes : column.values;
    const seen = new Uint8Array(column.kind === 'category' ? column.dictionary.length : MISSING_FLAG);
    // Writing outside a typed array does nothing, so what is missing leaves no mark.
    for (let row = 0; row < values.length; row++) seen[values[row]!] = 1;
    return seen.reduce((count, mark) => count + mark, 0);
  }
  let repeated = 0;
  visitEqualRows([column], 'skip', () => repeated++);
  return column.values.length - countMissing(column) - repeated;
}

function shareOf(column: Column, { value }: ShareRule): number {
  let wanted: number;
  if (column.kind === 'category') wanted = column.dictionary.indexOf(String(value));
  else wanted = Number(value);
  const isMissing = missingTest(column);
  const values = column.kind === 'category' ? column.codes : column.values;
  let there = 0;
  let found = 0;
  for (let row = 0; row < values.length; row++) {
    if (isMissing(row)) continue;
    there++;
    if (values[row] === wanted) found++;
  }
  return found / there;
}
