/**
 * What a table looks like, in few numbers: plain data that JSON holds, so that a profile can be kept beside the data and drawn later.
 *
 * Bounded, whatever the table: 500 columns, 36 bins, 50 top values a column, correlations of 30 columns, 1,000 periods, 200 warnings.
 */

/** See `profileTable`. */
export interface TableProfile {
  readonly formatVersion: 1;
  readonly rowCount: number;
  readonly columns: readonly ColumnProfile[];
  /** Correlations of numbers and flags; null when there are fewer than two such columns. */
  readonly correlations: CorrelationMatrix | null;
  /** Associations of categories and flags; null when there are fewer than two such columns. */
  readonly associations: AssociationMatrix | null;
  /** Rows that equal an earlier one in all columns; null when they were not looked for. */
  readonly duplicates: DuplicateRows | null;
  /** Null without a label and a time. */
  readonly labelRate: LabelRateOverTime | null;
  readonly warnings: readonly ProfileWarning[];
}

/** A column of any kind. */
export type ColumnProfile = NumberProfile | CategoryProfile | TimeProfile | FlagProfile;

interface CountedColumn {
  readonly name: string;
  /** Rows without a value. */
  readonly missing: number;
  /** Distinct values; missing is none. */
  readonly distinct: number;
}

/** A number column. Infinite values are counted and otherwise left out; figures are null where there are too few values. */
export interface NumberProfile extends CountedColumn {
  readonly kind: 'number';
  readonly infinite: number;
  readonly zeros: number;
  readonly negatives: number;
  readonly mean: number | null;
  /** By n - 1. */
  readonly standardDeviation: number | null;
  /** Third standardised moment, m3 / m2^1.5; 0 for symmetric values. */
  readonly skewness: number | null;
  /** Exact, ascending from the minimum (0) to the maximum (1); none without values. */
  readonly quantiles: readonly QuantileValue[];
  /** Null without values, or when the top values are all there are. */
  readonly histogram: Histogram | null;
  readonly topValues: readonly ValueCount<number>[];
}

/** A category column. */
export interface CategoryProfile extends CountedColumn {
  readonly kind: 'category';
  /** The most frequent values, cut to 200 characters. */
  readonly topValues: readonly ValueCount<string>[];
  /** Fewest and most characters of a value; null without values. */
  readonly shortest: number | null;
  readonly longest: number | null;
}

/** A time column; times in epoch milliseconds, hours and weekdays in UTC. */
export interface TimeProfile extends CountedColumn {
  readonly kind: 'time';
  readonly earliestMs: number | null;
  readonly latestMs: number | null;
  /** Whether no time is before the one above it. */
  readonly isSorted: boolean;
  /** Rows over time; null below two distinct times. */
  readonly histogram: Histogram | null;
  /** Rows by hour of the day, 24 of them. */
  readonly hours: readonly number[];
  /** Rows by day of the week, Monday first. */
  readonly weekdays: readonly number[];
}

/** A flag column. */
export interface FlagProfile extends CountedColumn {
  readonly kind: 'flag';
  readonly yes: number;
  readonly no: number;
}

/** A quantile of a column. */
export interface QuantileValue {
  /** From 0 to 1. */
  readonly quantile: number;
  readonly value: number;
}

/** How often a value comes up. */
export interface ValueCount<Value> {
  readonly value: Value;
  readonly count: number;
}

/** Counts in bins of equal width; a bin holds its lower edge, the last one both. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** Values below `low` and above `high`. */
  readonly below: number;
  readonly above: number;
}

/** How correlations are measured. */
export type CorrelationMethod = 'pearson' | 'spearman';

/** Correlations of columns in pairs, over the rows in which both have a finite value. */
export interface CorrelationMatrix {
  readonly method: CorrelationMethod;
  readonly columns: readonly string[];
  /** `values[i][j]` from -1 to 1; null when one of the two is constant over their rows. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Columns that were left out: beyond the limit, or constant. */
  readonly leftOut: readonly string[];
}

/** Cramér's V of columns in pairs: 0 for independent values, 1 when one tells the other. */
export interface AssociationMatrix {
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
  /** Columns that were left out: beyond the limit, constant, or of too many values. */
  readonly leftOut: readonly string[];
}

/** See {@link TableProfile.duplicates}. */
export interface DuplicateRows {
  /** Rows that equal an earlier one. */
  readonly count: number;
  /** The first of them, each with the first row that it equals. */
  readonly examples: readonly { readonly row: number; readonly firstRow: number }[];
}

/** The share of yes among known labels, period by period. */
export interface LabelRateOverTime {
  readonly label: string;
  readonly time: string;
  readonly period: 'day' | 'week';
  /** Periods with rows, ascending; the latest ones when there are more than 1,000. */
  readonly periods: readonly LabelPeriod[];
  /** Earlier periods that are left out. */
  readonly omitted: number;
  /** Rows with a known label, and those of them that are yes, in the whole table. */
  readonly known: number;
  readonly yes: number;
}

/** A day or a week, from Monday on, UTC. */
export interface LabelPeriod {
  readonly startMs: number;
  readonly rows: number;
  readonly known: number;
  readonly yes: number;
}

/** What is worth a look. */
export interface ProfileWarning {
  readonly code: ProfileWarningCode;
  /** Columns that it concerns; none when it is the whole table. */
  readonly columns: readonly string[];
  /** In words, after the columns' names: `has one value only`. */
  readonly text: string;
}

/**
 * Codes of {@link ProfileWarning}.
 *
 * | code | when |
 * |---|---|
 * | EMPTY | no value at all |
 * | CONSTANT | one value only |
 * | MOSTLY_MISSING | more than half of the values missing |
 * | INFINITE | some values are infinite |
 * | HIGH_CARDINALITY | a category with a value for at most two rows each |
 * | SKEWED | skewness beyond 10, unless mostly zero |
 * | MOSTLY_ZERO | more than 90 % zeros, of more than two distinct values |
 * | NOT_SORTED | a time whose rows are not in order |
 * | RARE_LABEL | fewer than 100 rows are fraud |
 * | CORRELATED | two columns whose correlation is at least .98 either way |
 * | DUPLICATE_ROWS | rows that equal an earlier one |
 */
export type ProfileWarningCode =
  | 'EMPTY'
  | 'CONSTANT'
  | 'MOSTLY_MISSING'
  | 'INFINITE'
  | 'HIGH_CARDINALITY'
  | 'SKEWED'
  | 'MOSTLY_ZERO'
  | 'NOT_SORTED'
  | 'RARE_LABEL'
  | 'CORRELATED'
  | 'DUPLICATE_ROWS';
