/**
 * Rules that a table must keep, as data: they are made by builders such as `inRange`, travel as JSON, and are judged by `validateTable`.
 *
 * A row rule names the rows that break it. With severity `error` those rows are quarantined; with `warning` they are only counted. A
 * table rule judges a figure of the whole table, such as a mean. With severity `error` the table doesn't pass; no row is to blame.
 *
 * Missing values break `present` and `maxMissingShare` and nothing else: every other rule looks at the values that are there.
 */
import type { SavedDistribution } from './saved-distribution.js';

/** `error`: rows are quarantined, or the table doesn't pass. `warning`: it is only reported. */
export type RuleSeverity = 'error' | 'warning';

/** Options that every rule builder takes. */
export interface RuleOptions {
  /** Default `error`. */
  readonly severity?: RuleSeverity;
}

/** A rule of any kind. */
export type TableRule = RowRule | WholeTableRule;

/** A rule that single rows keep or break. */
export type RowRule =
  | InRangeRule
  | MultipleOfRule
  | OneOfRule
  | MatchesRule
  | TextLengthRule
  | PresentRule
  | UniqueRule
  | MonotonicTimeRule
  | CompareFieldsRule;

/** A rule that the table keeps or breaks as a whole. */
export type WholeTableRule = MaxMissingShareRule | RowCountRule | FigureRule | QuantileRule | ShareRule | SimilarRule;

/** Limits of a figure, both allowed themselves. At least one is given. */
export interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Limits of a value; times in epoch milliseconds. At least one is given. */
export interface ValueLimits extends Limits {
  /** Values are above this. */
  readonly exclusiveMinimum?: number;
  /** Values are below this. */
  readonly exclusiveMaximum?: number;
}

interface Severe {
  readonly severity: RuleSeverity;
}

/** Made by `inRange`. */
export interface InRangeRule extends ValueLimits, Severe {
  readonly rule: 'inRange';
  /** A number or time column. */
  readonly column: string;
}

/** Made by `multipleOf`. */
export interface MultipleOfRule extends Severe {
  readonly rule: 'multipleOf';
  /** A number column. */
  readonly column: string;
  readonly step: number;
}

/** Made by `oneOf`. */
export interface OneOfRule extends Severe {
  readonly rule: 'oneOf';
  /** A category column, or a number column when the values are numbers. */
  readonly column: string;
  readonly values: readonly string[] | readonly number[];
}

/** Made by `matches`. */
export interface MatchesRule extends Severe {
  readonly rule: 'matches';
  /** A category column. */
  readonly column: string;
  /** Source of the regular expression. */
  readonly pattern: string;
  readonly flags: string;
}

/** Made by `textLength`. */
export interface TextLengthRule extends Limits, Severe {
  readonly rule: 'textLength';
  /** A category column. */
  readonly column: string;
}

/** Made by `present`. */
export interface PresentRule extends Severe {
  readonly rule: 'present';
  readonly column: string;
}

/** Made by `unique`. */
export interface UniqueRule extends Severe {
  readonly rule: 'unique';
  readonly columns: readonly string[];
}

/** Made by `monotonicTime`. */
export interface MonotonicTimeRule extends Severe {
  readonly rule: 'monotonicTime';
  /** A time column. */
  readonly column: string;
  /** A category column: the order holds among rows of one of its values. */
  readonly per?: string;
}

/** How {@link CompareFieldsRule} compares. */
export type Comparison = '<' | '<=' | '=' | '!=' | '>=' | '>';

/** Made by `compareFields`. */
export interface CompareFieldsRule extends Severe {
  readonly rule: 'compareFields';
  readonly column: string;
  readonly comparison: Comparison;
  /** A column of the same kind. */
  readonly other: string;
}

/** Made by `maxMissingShare`. */
export interface MaxMissingShareRule extends Severe {
  readonly rule: 'maxMissingShare';
  readonly column: string;
  /** From 0 to 1. */
  readonly share: number;
}

/** Made by `expectRowCount`. */
export interface RowCountRule extends Limits, Severe {
  readonly rule: 'rowCount';
}

/** Made by `expectMean`, `expectStandardDeviation` and `expectDistinct`. */
export interface FigureRule extends Limits, Severe {
  readonly rule: 'mean' | 'standardDeviation' | 'distinct';
  /** A number column; for `distinct` one of any kind. */
  readonly column: string;
}

/** Made by `expectQuantile`. */
export interface QuantileRule extends Limits, Severe {
  readonly rule: 'quantile';
  /** A number column. */
  readonly column: string;
  /** From 0 to 1: .5 is the median. */
  readonly quantile: number;
}

/** Made by `expectShare` and `expectLabelRate`. */
export interface ShareRule extends Limits, Severe {
  readonly rule: 'share';
  /** A category column for a string, a number column for a number, a flag column for true or false. */
  readonly column: string;
  readonly value: string | number | boolean;
}

/** Made by `expectSimilar`. */
export interface SimilarRule extends Severe {
  readonly rule: 'similar';
  readonly column: string;
  /** What the column looked like in the sample. */
  readonly expected: SavedDistribution;
  /** Largest population stability index. */
  readonly maximumPsi: number;
}

/** Most rules of one call, values of one `oneOf`, and columns of one `unique`. */
export const MAX_RULES = 1000;
/** See {@link MAX_RULES}. */
export const MAX_RULE_VALUES = 100_000;
/** See {@link MAX_RULES}. */
export const MAX_KEY_COLUMNS = 100;
