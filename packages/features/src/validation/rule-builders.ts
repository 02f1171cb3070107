/** Builders of the rules that single rows keep or break. A rule that can't mean anything is refused where it is made. */
import { FeatureError } from '../feature-error.js';
import {
  type CompareFieldsRule,
  type Comparison,
  type InRangeRule,
  type Limits,
  type MatchesRule,
  MAX_KEY_COLUMNS,
  MAX_RULE_VALUES,
  type MonotonicTimeRule,
  type MultipleOfRule,
  type OneOfRule,
  type PresentRule,
  type RuleOptions,
  type TextLengthRule,
  type UniqueRule,
} from './table-rule.js';

/** Limits that {@link inRange} takes: numbers for a number column, Dates or epoch milliseconds for a time column. */
export interface RangeLimits {
  readonly minimum?: number | Date;
  readonly maximum?: number | Date;
  /** Values are above this. */
  readonly exclusiveMinimum?: number | Date;
  /** Values are below this. */
  readonly exclusiveMaximum?: number | Date;
}

/**
 * Values lie between limits.
 *
 * @throws {FeatureError} INVALID_DEFINITION without a limit, for one that is not finite, and when no value could keep them
 * @example inRange('TX_AMOUNT', { minimum: 0, maximum: 10_000 });
 */
export function inRange(column: string, limits: RangeLimits, options: RuleOptions = {}): InRangeRule {
  const where = `inRange(${JSON.stringify(column)})`;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits;
  const given = Object.entries({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }).flatMap(([name, limit]) =>
    limit === undefined ? [] : [[name, requireFinite(where, name, limit instanceof Date ? limit.getTime() : limit)] as const],
  );
  if (given.length === 0) throw invalid(where, 'has no limit', 'give it a minimum or a maximum');
  const numbers = Object.fromEntries(given) as Pick<InRangeRule, 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'>;
  requireRange(where, numbers);
  return { rule: 'inRange', column: requireName(where, column), ...numbers, severity: severityOf(options) };
}

function requireRange(where: string, limits: Omit<InRangeRule, 'rule' | 'column' | 'severity'>): void {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = limits;
  const low = Math.max(minimum, exclusiveMinimum);
  const high = Math.min(maximum, exclusiveMaximum);
  const openEnd = low === exclusiveMinimum || high === exclusiveMaximum;
  if (low > high || (low === high && openEnd))
    throw invalid(where, `allows no value: its lower limit is ${low}, its upper ${high}`, 'swap them, or widen the range');
}

/**
 * Numbers are multiples of a step, as zod's `multipleOf` has it: the nearest double to a multiple counts as one.
 *
 * @throws {FeatureError} INVALID_DEFINITION when the step isn't finite and above 0
 * @example multipleOf('TX_AMOUNT', 0.01);
 */
export function multipleOf(column: string, step: number, options: RuleOptions = {}): MultipleOfRule {
  const where = `multipleOf(${JSON.stringify(column)})`;
  if (!(requireFinite(where, 'step', step) > 0)) throw invalid(where, `has the step ${step}`, 'give one above 0, such as 0.01');
  return { rule: 'multipleOf', column: requireName(where, column), step, severity: severityOf(options) };
}

/**
 * Values are among those listed: strings for a category column, numbers for a number column.
 *
 * @throws {FeatureError} INVALID_DEFINITION when none is listed, when strings and numbers are mixed, or above {@link MAX_RULE_VALUES}
 * @example oneOf('CHANNEL', ['pos', 'online']);
 */
export function oneOf(column: string, values: readonly string[] | readonly number[], options: RuleOptions = {}): OneOfRule {
  const where = `oneOf(${JSON.stringify(column)})`;
  if (values.length === 0) throw invalid(where, 'lists no value, so every row would break it', 'list at least one');
  if (values.length > MAX_RULE_VALUES) throw invalid(where, `lists ${values.length} values`, `list at most ${MAX_RULE_VALUES}`);
  const type = typeof values[0];
  const odd = values.findIndex((value) => typeof value !== type || !(type === 'string' || Number.isFinite(value)));
  if (odd >= 0) throw invalid(where, `lists ${String(values[odd])} at position ${odd}`, 'list either strings or finite numbers');
  const distinct = [...new Set<string | number>(values)] as string[] | number[];
  return { rule: 'oneOf', column: requireName(where, column), values: distinct, severity: severityOf(options) };
}

/**
 * Strings match a regular expression somewhere, or from end to end with `^` and `$`. Each distinct string is tried once. An expression
 * that backtracks without end blocks the process, so take care with those that come from strangers.
 *
 * @throws {FeatureError} INVALID_DEFINITION for the flags g and y, which make an expression remember its last match, and above 1,000 characters
 * @example matches('CARD', /^\d{16}$/);
 */
export function matches(column: string, pattern: RegExp, options: RuleOptions = {}): MatchesRule {
  const where = `matches(${JSON.stringify(column)})`;
  const { source, flags } = pattern;
  if (/[gy]/.test(flags)) throw invalid(where, `has the flags ${flags}`, 'leave out g and y, which remember the last match');
  if (source.length > MAX_PATTERN) throw invalid(where, `has ${source.length} characters`, `use at most ${MAX_PATTERN}`);
  return { rule: 'matches', column: requireName(where, column), pattern: source, flags, severity: severityOf(options) };
}

/** Longest regular expression of {@link matches}, in characters. */
export const MAX_PATTERN = 1000;

/**
 * Strings have so many characters (UTF-16 code units, as `length` counts).
 *
 * @throws {FeatureError} INVALID_DEFINITION for limits that are no whole numbers of at least 0 or allow no length
 * @example textLength('CUSTOMER_ID', { minimum: 1, maximum: 64 });
 */
export function textLength(column: string, limits: Limits, options: RuleOptions = {}): TextLengthRule {
  const where = `textLength(${JSON.stringify(column)})`;
  return {
    rule: 'textLength',
    column: requireName(where, column),
    ...requireCounts(where, limits),
    severity: severityOf(options),
  };
}

/** Values are there. @example present('TX_DATETIME'); */
export function present(column: string, options: RuleOptions = {}): PresentRule {
  return { rule: 'present', column: requireName('present()', column), severity: severityOf(options) };
}

/**
 * No two rows have the same values in all of these columns. The first of equal rows keeps the rule, later ones break it; rows that lack
 * one of the values are not judged, as in SQL. Takes time linear in the rows and 8 to 16 bytes a row.
 *
 * @throws {FeatureError} INVALID_DEFINITION when no column is named, one twice, or more than {@link MAX_KEY_COLUMNS}
 * @example unique(['TRANSACTION_ID']);
 */
export function unique(columns: readonly string[], options: RuleOptions = {}): UniqueRule {
  const where = `unique([${columns.map((column) => JSON.stringify(column)).join(', ')}])`;
  if (columns.length === 0) throw invalid(where, 'names no column', 'name those that tell rows apart');
  if (columns.length > MAX_KEY_COLUMNS)
    throw invalid('unique', `names ${columns.length} columns`, `name at most ${MAX_KEY_COLUMNS}`);
  for (const column of columns) requireName(where, column);
  if (new Set(columns).size !== columns.length) throw invalid(where, 'names a column twice', 'name each once');
  return { rule: 'unique', columns: [...columns], severity: severityOf(options) };
}

/**
 * Rows are in order of a time column: none is earlier than the latest of the rows above it. So the rows that keep the rule are in order,
 * but a single time far in the future makes all later rows break it; an `inRange` on the column shows which.
 *
 * @param options `per`: a category column, such as the card, so that order only holds among the rows of one card
 * @example monotonicTime('TX_DATETIME');
 */
export function monotonicTime(column: string, options: RuleOptions & { readonly per?: string } = {}): MonotonicTimeRule {
  const where = `monotonicTime(${JSON.stringify(column)})`;
  const { per } = options;
  const perColumn = per === undefined ? {} : { per: requireName(where, per) };
  return { rule: 'monotonicTime', column: requireName(where, column), ...perColumn, severity: severityOf(options) };
}

/**
 * Two columns of a row compare: numbers and times by all comparisons, categories and flags by `=` and `!=`. Rows that lack one of the two
 * values are not judged.
 *
 * @throws {FeatureError} INVALID_DEFINITION for a column compared with itself and for an unknown comparison
 * @example compareFields('TX_DATETIME', '<=', 'RECEIVED_AT');
 */
export function compareFields(
  column: string,
  comparison: Comparison,
  other: string,
  options: RuleOptions = {},
): CompareFieldsRule {
  const where = `compareFields(${JSON.stringify(column)})`;
  if (!COMPARISONS.includes(comparison))
    throw invalid(where, `compares by ${String(comparison)}`, `use one of ${COMPARISONS.join(' ')}`);
  if (column === other) throw invalid(where, 'compares a column with itself', 'name another column');
  const names = { column: requireName(where, column), comparison, other: requireName(where, other) };
  return { rule: 'compareFields', ...names, severity: severityOf(options) };
}

/** What {@link compareFields} knows. */
export const COMPARISONS: readonly Comparison[] = ['<', '<=', '=', '!=', '>=', '>'];

/** Limits in whole numbers of at least 0. */
export function requireCounts(where: string, limits: Limits): Limits {
  const checked = requireLimits(where, limits);
  for (const [name, limit] of Object.entries(checked) as [string, number][]) {
    if (!(Number.isSafeInteger(limit) && limit >= 0))
      throw invalid(where, `has the ${name} ${limit}`, 'give a whole number of at least 0');
  }
  return checked;
}

/** Limits of which at least one is given, finite, and the minimum not above the maximum. */
export function requireLimits(where: string, { minimum, maximum }: Limits): Limits {
  if (minimum === undefined && maximum === undefined) throw invalid(where, 'has no limit', 'give it a minimum or a maximum');
  if (minimum !== undefined) requireFinite(where, 'minimum', minimum);
  if (maximum !== undefined) requireFinite(where, 'maximum', maximum);
  if (minimum !== undefined && maximum !== undefined && minimum > maximum)
    throw invalid(where, `has the minimum ${minimum} above its maximum ${maximum}`, 'swap them');
  return { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
}

/** A number that is neither infinite nor NaN. */
export function requireFinite(where: string, name: string, value: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalid(where, `has the ${name} ${String(value)}`, 'give a finite number, or leave it out');
}

/** A name that a column can have. */
export function requireName(where: string, column: string): string {
  if (typeof column === 'string' && column !== '') return column;
  throw invalid(where, `names the column ${JSON.stringify(column)}`, 'name one of the table');
}

/** The severity, `error` unless told. */
export function severityOf({ severity = 'error' }: RuleOptions): 'error' | 'warning' {
  if (severity === 'error' || severity === 'warning') return severity;
  throw invalid('rule', `has the severity ${JSON.stringify(severity)}`, 'use error or warning');
}

/** A rule that can't mean anything. */
export function invalid(where: string, what: string, fix: string): FeatureError {
  return new FeatureError('INVALID_DEFINITION', `${where} ${what}; ${fix}`);
}
