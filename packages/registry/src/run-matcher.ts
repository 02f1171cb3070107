/** Filters and orders on the rows of a table. Each name is looked up once in a table, not once in a row. */
import { likePattern } from './like-pattern.js';
import type { RowReader, RunTable } from './run-table.js';
import type { NumberComparator, Comparison } from './search-filter.js';
import type { NumberAttribute, SearchField, TextAttribute } from './search-field.js';
import type { OrderValue } from './search-order.js';

/** Whether a row is taken. */
export type RowMatcher = RowReader<boolean>;

/**
 * The rows of a table that all conditions hold for. What is missing fulfils no condition but `is null`; of a metric that is not defined only
 * `!=` holds. Of several inputs one is enough.
 *
 * @param nowMs when statuses are read
 */
export function rowMatcher(table: RunTable, filter: readonly Comparison[], nowMs: number): RowMatcher {
  const matchers = filter.map((comparison) => comparisonMatcher(table, comparison, nowMs));
  return (row) => matchers.every((matches) => matches(row));
}

/** The values of a field that rows are ordered by. */
export function rowOrderValue(table: RunTable, field: SearchField, nowMs: number): RowReader<OrderValue> {
  switch (field.kind) {
    case 'metric':
      return table.metric(field.key);
    case 'attribute':
      return numberAttribute(table, field.key) ?? textReader(table, field, nowMs);
    default:
      return textReader(table, field, nowMs);
  }
}

function comparisonMatcher(table: RunTable, comparison: Comparison, nowMs: number): RowMatcher {
  const { field } = comparison;
  if ('number' in comparison) return numberMatcher(table, field, comparison.comparator, comparison.number);
  if (field.kind === 'dataset') {
    const inputs = table.inputs(field.key);
    const accepts = textTest(comparison, false);
    return (row) => inputs(row).some((text) => text !== undefined && accepts(text));
  }
  const textOf = textReader(table, field, nowMs);
  if (comparison.comparator === 'IS NULL') return (row) => textOf(row) === undefined;
  if (comparison.comparator === 'IS NOT NULL') return (row) => textOf(row) !== undefined;
  // MLflow's names of statuses are ours in capital letters.
  const accepts = textTest(comparison, field.kind === 'attribute' && field.key === 'status');
  return (row) => {
    const text = textOf(row);
    return text !== undefined && accepts(text);
  };
}

function numberMatcher(table: RunTable, field: SearchField, comparator: NumberComparator, number: number): RowMatcher {
  const compare = NUMBER_TESTS[comparator];
  const numberOf = field.kind === 'metric' ? table.metric(field.key) : numberAttribute(table, field.key)!;
  return (row) => {
    const value = numberOf(row);
    if (value === undefined) return false;
    return value === null ? comparator === '!=' : compare(value, number);
  };
}

const NUMBER_TESTS: Readonly<Record<NumberComparator, (value: number, number: number) => boolean>> = {
  '=': (value, number) => value === number,
  '!=': (value, number) => value !== number,
  '<': (value, number) => value < number,
  '<=': (value, number) => value <= number,
  '>': (value, number) => value > number,
  '>=': (value, number) => value >= number,
};

function textTest(comparison: Comparison, ignoreCase: boolean): (text: string) => boolean {
  const plain = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  if ('texts' in comparison) {
    const wanted = new Set(comparison.texts.map(plain));
    return (text) => wanted.has(plain(text)) === (comparison.comparator === 'IN');
  }
  if (!('text' in comparison)) return () => false;
  const wanted = plain(comparison.text);
  switch (comparison.comparator) {
    case '=':
      return (text) => plain(text) === wanted;
    case '!=':
      return (text) => plain(text) !== wanted;
    case 'LIKE':
      return likePattern(comparison.text, ignoreCase);
    default:
      return likePattern(comparison.text, true);
  }
}

function numberAttribute(table: RunTable, key: string): RowReader<number | undefined> | undefined {
  const member = NUMBER_MEMBERS[key as NumberAttribute];
  return member && table.time(member);
}

const NUMBER_MEMBERS = { start_time: 'startedMs', end_time: 'endedMs' } as const satisfies Readonly<
  Record<NumberAttribute, string>
>;

function textReader(table: RunTable, { kind, key }: SearchField, nowMs: number): RowReader<string | undefined> {
  switch (kind) {
    case 'param':
      return table.param(key);
    case 'tag':
      return table.tag(key);
    default:
      return table.attribute(key as TextAttribute, nowMs);
  }
}
