/** Builders of the rules that a table keeps or breaks as a whole: shares, counts, figures of a distribution. */
import { requireSavedDistribution, type SavedDistribution } from './saved-distribution.js';
import { invalid, requireCounts, requireFinite, requireLimits, requireName, severityOf } from './rule-builders.js';
import type {
  FigureRule,
  Limits,
  MaxMissingShareRule,
  QuantileRule,
  RowCountRule,
  RuleOptions,
  ShareRule,
  SimilarRule,
} from './table-rule.js';

/**
 * At most this share of all rows lacks the value. A table without rows keeps the rule.
 *
 * @param share from 0 to 1
 * @throws {FeatureError} INVALID_DEFINITION when the share isn't
 * @example maxMissingShare('MCC', 0.01);
 */
export function maxMissingShare(column: string, share: number, options: RuleOptions = {}): MaxMissingShareRule {
  const where = `maxMissingShare(${JSON.stringify(column)})`;
  return {
    rule: 'maxMissingShare',
    column: requireName(where, column),
    share: requireShare(where, share),
    severity: severityOf(options),
  };
}

/** The table has so many rows. @example expectRowCount({ minimum: 1000 }); */
export function expectRowCount(limits: Limits, options: RuleOptions = {}): RowCountRule {
  return { rule: 'rowCount', ...requireCounts('expectRowCount', limits), severity: severityOf(options) };
}

/**
 * The mean of the numbers lies between limits. Infinite numbers are left out here and below, and a column without values breaks the rule.
 *
 * @example expectMean('TX_AMOUNT', { minimum: 40, maximum: 65 });
 */
export function expectMean(column: string, limits: Limits, options: RuleOptions = {}): FigureRule {
  return figure('mean', 'expectMean', column, limits, options);
}

/** The sample standard deviation (n - 1) of the numbers lies between limits. A column of fewer than two values breaks the rule. */
export function expectStandardDeviation(column: string, limits: Limits, options: RuleOptions = {}): FigureRule {
  return figure('standardDeviation', 'expectStandardDeviation', column, limits, options);
}

/**
 * The column, of any kind, has so many distinct values.
 *
 * @example expectDistinct('TERMINAL_ID', { maximum: 20_000 });
 */
export function expectDistinct(column: string, limits: Limits, options: RuleOptions = {}): FigureRule {
  requireCounts(`expectDistinct(${JSON.stringify(column)})`, limits);
  return figure('distinct', 'expectDistinct', column, limits, options);
}

function figure(rule: FigureRule['rule'], builder: string, column: string, limits: Limits, options: RuleOptions): FigureRule {
  const where = `${builder}(${JSON.stringify(column)})`;
  return { rule, column: requireName(where, column), ...requireLimits(where, limits), severity: severityOf(options) };
}

/**
 * An exact quantile of the numbers lies between limits; between two values it is interpolated linearly, as numpy does.
 *
 * @param quantile from 0 to 1: .5 is the median
 * @example expectQuantile('TX_AMOUNT', 0.99, { maximum: 500 });
 */
export function expectQuantile(column: string, quantile: number, limits: Limits, options: RuleOptions = {}): QuantileRule {
  const where = `expectQuantile(${JSON.stringify(column)})`;
  if (!(quantile >= 0 && quantile <= 1)) throw invalid(where, `has the quantile ${quantile}`, 'give one from 0 to 1');
  const named = { column: requireName(where, column), quantile };
  return { rule: 'quantile', ...named, ...requireLimits(where, limits), severity: severityOf(options) };
}

/**
 * A value's share among the values that are there lies between limits, which are from 0 to 1. A column without values breaks the rule.
 *
 * @example expectShare('CHANNEL', 'online', { minimum: 0.2, maximum: 0.4 });
 */
export function expectShare(
  column: string,
  value: string | number | boolean,
  limits: Limits,
  options: RuleOptions = {},
): ShareRule {
  const where = `expectShare(${JSON.stringify(column)})`;
  if (typeof value === 'number') requireFinite(where, 'value', value);
  const checked = requireLimits(where, limits);
  for (const limit of Object.values(checked) as number[]) requireShare(where, limit);
  return { rule: 'share', column: requireName(where, column), value, ...checked, severity: severityOf(options) };
}

/**
 * The share of frauds among the rows whose label is known lies between limits: {@link expectShare} of true.
 *
 * @example expectLabelRate('TX_FRAUD', { minimum: 0.002, maximum: 0.02 });
 */
export function expectLabelRate(column: string, limits: Limits, options: RuleOptions = {}): ShareRule {
  return expectShare(column, true, limits, options);
}

/**
 * The column is distributed as in a sample: their population stability index is at most the given one. See `populationStability` for the
 * formula, and `saveDistribution` for the sample. A column without values breaks the rule.
 *
 * @param expected what `saveDistribution(sample, column)` gave
 * @param limits `maximumPsi`: default .25, from which on credit scoring calls a shift large; .1 calls it moderate (Siddiqi 2006)
 * @example expectSimilar('TX_AMOUNT', saveDistribution(lastMonth, 'TX_AMOUNT'), { maximumPsi: 0.1 });
 */
export function expectSimilar(
  column: string,
  expected: SavedDistribution,
  limits: { readonly maximumPsi?: number } = {},
  options: RuleOptions = {},
): SimilarRule {
  const where = `expectSimilar(${JSON.stringify(column)})`;
  const { maximumPsi = 0.25 } = limits;
  if (!(requireFinite(where, 'maximumPsi', maximumPsi) > 0))
    throw invalid(where, `has the maximumPsi ${maximumPsi}`, 'give one above 0, such as 0.25');
  requireSavedDistribution(where, expected);
  return { rule: 'similar', column: requireName(where, column), expected, maximumPsi, severity: severityOf(options) };
}

function requireShare(where: string, share: number): number {
  if (share >= 0 && share <= 1) return share;
  throw invalid(where, `has the share ${share}`, 'give one from 0 to 1; 1 % is 0.01');
}
