/** Rules that a sample keeps, as a proposal for data that are to look like it. */
import type { Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { type ColumnFacts, columnFacts } from './column-facts.js';
import { isCounted } from './counted-numbers.js';
import { expectLabelRate, expectSimilar, maxMissingShare } from './expectations.js';
import { limitAbove, limitBelow } from './outward-limit.js';
import { compareFields, inRange, monotonicTime, multipleOf, oneOf, present, unique } from './rule-builders.js';
import { saveDistribution } from './saved-distribution.js';
import type { TableRule } from './table-rule.js';

/** Options of {@link inferRules}. */
export interface InferRulesOptions {
  /** How far ranges reach beyond the sample's, as a share of its span, 0 to 100. Default .5. */
  readonly slack?: number;
}

/**
 * Proposes rules from a sample that is known to be good. They are a start to be read and changed, not a truth: a sample shows what came up,
 * never what may come up. The sample itself passes them.
 *
 * They are blunt. They notice a column that is gone, empty, renamed, of another unit or scale, repeated rows, codes never seen before. They do
 * not notice a few per cent of wrong values inside the range, a mean that moves a little, or a change within one category or one entity; and
 * `oneOf` and `compareFields` break when something new and right comes up. State what you know yourself with the builders.
 *
 * What follows from the shape of a column is of severity `error`, what only says how it was distributed is a `warning`:
 *
 * | rule | proposed for | severity |
 * |---|---|---|
 * | `present` | columns that lack no value | error |
 * | `maxMissingShare` | columns that lack less than half of their values: twice the sample's share | error |
 * | `unique` | whole numbers or strings that are all different | error |
 * | `oneOf` | at most 20 strings, each seen 20 times on average | error |
 * | `multipleOf` | counted numbers: whole ones and those of two decimals, or by name, see {@link inferTransactions} | error |
 * | `monotonicTime` | times in order | error |
 * | `compareFields` | two times of which one is never after the other | warning |
 * | `inRange` | counted numbers that are never below 0: from 0 to the largest; others: the sample's range; widened by `slack` | warning |
 * | `expectLabelRate` | flags: a third to three times the sample's share | warning |
 * | `expectSimilar` | numbers that are no ids, and categories of at most 50 values: population stability index at most .25 | warning |
 *
 * Limits are rounded outward to what a person reads: 15512.775 of a span of 10,000 becomes 15600.
 *
 * @param sample at least 20 rows
 * @throws {FeatureError} INVALID_VALUE for a smaller sample, INVALID_OPTION
 * @example
 * const rules = inferRules(lastMonth);
 * await writeFile('rules.json', JSON.stringify(rulesToJson(rules), null, 2));
 */
export function inferRules(sample: Table, options: InferRulesOptions = {}): readonly TableRule[] {
  const { slack = 0.5 } = options;
  if (!(slack >= 0 && slack <= 100))
    throw new FeatureError('INVALID_OPTION', `inferRules: slack is ${slack}, expected 0 to 100; change it`, { slack });
  requireSample('inferRules', sample.rowCount);
  const facts = sample.columnNames.map((name) => columnFacts(name, sample.column(name)));
  return [...facts.flatMap((column) => rulesOf(sample, column, slack)), ...orderedTimes(facts)];
}

/** Fewest rows from which anything is inferred. */
const MIN_SAMPLE_ROWS = 20;

/** Refuses a sample that shows nothing. */
export function requireSample(where: string, rowCount: number): void {
  if (rowCount >= MIN_SAMPLE_ROWS) return;
  const message = `${where}: the sample has ${rowCount} rows, expected at least ${MIN_SAMPLE_ROWS}; take a larger one`;
  throw new FeatureError('INVALID_VALUE', message, { rowCount });
}

function rulesOf(sample: Table, facts: ColumnFacts, slack: number): TableRule[] {
  const { name, column, missing, rowCount } = facts;
  const rules: TableRule[] = missing === 0 ? [present(name)] : missingRules(name, missing / rowCount);
  if (facts.present === 0) return rules;
  if (facts.isKey) rules.push(unique([name]));
  if (facts.smallSet) rules.push(oneOf(name, facts.smallSet));
  if (column.kind === 'number') rules.push(...numberRules(facts, slack));
  if (column.kind === 'time' && facts.isSorted && facts.present > 1) rules.push(monotonicTime(name));
  if (column.kind === 'flag') rules.push(...rateRules(name, column.values));
  const isNumber = column.kind === 'number' && !Number.isNaN(facts.minimum);
  if (!facts.isKey && (isNumber || (column.kind === 'category' && facts.distinct <= MAX_DESCRIBED)))
    rules.push(expectSimilar(name, saveDistribution(sample, name), {}, { severity: 'warning' }));
  return rules;
}

/** Above so many values the share of a single one says little. */
const MAX_DESCRIBED = 50;

/** A share that may be doubled and stay below 1; at most 100 % may be missing of any column. */
function missingRules(name: string, share: number): TableRule[] {
  const most = limitAbove(2 * share, 2 * share);
  return most < 1 ? [maxMissingShare(name, most)] : [];
}

function numberRules(facts: ColumnFacts, slack: number): TableRule[] {
  const { name, minimum, maximum, resolution, isKey } = facts;
  if (Number.isNaN(minimum)) return [];
  const counted = isCounted(facts);
  const rules: TableRule[] = resolution === undefined || !counted ? [] : [multipleOf(name, resolution)];
  const span = maximum - minimum;
  // Halved first: the span of -1e308 to 1e308 is no number.
  const margin = (maximum / 2 - minimum / 2) * (2 * slack);
  const low = counted && minimum >= 0 ? 0 : limitBelow(minimum - margin, span);
  // An id grows without end.
  const high = isKey ? Infinity : limitAbove(maximum + margin, span);
  const limits = { ...(low > -Infinity && { minimum: low }), ...(high < Infinity && { maximum: high }) };
  return Object.keys(limits).length === 0 ? rules : [...rules, inRange(name, limits, { severity: 'warning' })];
}

function rateRules(name: string, values: Uint8Array): TableRule[] {
  const counts = [0, 0];
  for (let row = 0; row < values.length; row++) if (values[row]! <= 1) counts[values[row]!]!++;
  const rate = counts[1]! / (counts[0]! + counts[1]!);
  if (!(rate > 0)) return [];
  const most = limitAbove(rate * 3, rate);
  const limits = { minimum: limitBelow(rate / 3, rate / 3), ...(most < 1 && { maximum: most }) };
  return [expectLabelRate(name, limits, { severity: 'warning' })];
}

/** Most time columns that are compared with each other. */
const MAX_COMPARED_TIMES = 8;

function orderedTimes(facts: readonly ColumnFacts[]): TableRule[] {
  const times = facts.filter(({ column, present: there }) => column.kind === 'time' && there > 0).slice(0, MAX_COMPARED_TIMES);
  return times.flatMap((early) =>
    times
      .filter((late) => late !== early && isNeverAfter(early, late))
      .map((late) => compareFields(early.name, '<=', late.name, { severity: 'warning' })),
  );
}

function isNeverAfter(early: ColumnFacts, late: ColumnFacts): boolean {
  const before = early.column.kind === 'time' ? early.column.values : new Float64Array();
  const after = late.column.kind === 'time' ? late.column.values : new Float64Array();
  let seen = false;
  for (let row = 0; row < before.length; row++) {
    if (before[row]! > after[row]!) return false;
    if (before[row]! < after[row]!) seen = true;
  }
  return seen;
}
