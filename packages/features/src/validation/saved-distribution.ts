/**
 * A column's distribution as a few shares that can be saved, and the population stability index of a later column against it.
 *
 * Numbers are remembered by bins between quantiles, numbers of few distinct values and categories by value. Missing and infinite values
 * don't take part: how many may be missing is a rule of its own.
 */
import { type Column, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { reasons } from '../parse-saved.js';
import { finiteValues, sortedQuantile } from '../profile/order-statistics.js';

/** What {@link saveDistribution} gives. */
export type SavedDistribution = BinnedDistribution | ValueDistribution;

/** Shares of numbers in bins. */
export interface BinnedDistribution {
  readonly shape: 'bins';
  /** Ascending inner edges; bin i holds values above edge i - 1 and at most edge i, the first and the last bin are open. */
  readonly edges: readonly number[];
  /** Share of the sample in each bin, one more than there are edges. */
  readonly shares: readonly number[];
}

/** Shares of single values. */
export interface ValueDistribution {
  readonly shape: 'values';
  /** Distinct; all strings, all numbers or all flags. The most frequent first. */
  readonly values: readonly (string | number | boolean)[];
  /** Share of the sample that has each value. What is left to 1 is the share of all other values together. */
  readonly shares: readonly number[];
}

/** Options of {@link saveDistribution}. */
export interface SaveDistributionOptions {
  /** Bins for numbers, 2 to 100. Default 10, between deciles. Equal quantiles share an edge, so there may be fewer. */
  readonly bins?: number;
  /** Most values remembered by name, 1 to 1,000, the most frequent first. Default 50. */
  readonly maxValues?: number;
}

/**
 * Remembers how a number, category or flag column is distributed. A number column with no more distinct values than bins is remembered
 * by value.
 *
 * @throws {FeatureError} WRONG_KIND for a time column, INVALID_VALUE when the column has no values, INVALID_OPTION
 * @example
 * const saved = saveDistribution(lastMonth, 'TX_AMOUNT');
 * validateTable(today, [expectSimilar('TX_AMOUNT', saved)]);
 */
export function saveDistribution(sample: Table, column: string, options: SaveDistributionOptions = {}): SavedDistribution {
  const { bins = 10, maxValues = 50 } = options;
  requireWhole('bins', bins, 2, 100);
  requireWhole('maxValues', maxValues, 1, MAX_SAVED_VALUES);
  const held = sample.column(column);
  if (held.kind === 'time') {
    const message = `saveDistribution: column ${column} is a time, which moves on by itself; save a number, category or flag`;
    throw new FeatureError('WRONG_KIND', message, { column });
  }
  const sorted = held.kind === 'number' ? finiteValues(held.values).sort() : undefined;
  const counts = sorted ? fewNumbers(sorted, bins) : countValues(held);
  const total = sorted?.length ?? counts!.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) {
    const message = `saveDistribution: column ${column} has no values; take a sample in which it has some`;
    throw new FeatureError('INVALID_VALUE', message, { column });
  }
  if (!counts) return binnedDistribution(sorted!, bins);
  const kept = counts.toSorted((a, b) => b[1] - a[1]).slice(0, maxValues);
  return { shape: 'values', values: kept.map(([value]) => value), shares: kept.map(([, count]) => count / total) };
}

type Value = string | number | boolean;
const MAX_SAVED_VALUES = 1000;

/** Count by value of ascending numbers, or undefined when there are more than so many distinct ones. */
function fewNumbers(sorted: Float64Array, most: number): [Value, number][] | undefined {
  const counts: [Value, number][] = [];
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    if (counts.length === most) return undefined;
    // + 0 turns -0 into 0.
    const value = sorted[start]! + 0;
    while (end < sorted.length && sorted[end] === value) end++;
    counts.push([value, end - start]);
  }
  return counts;
}

function binnedDistribution(sorted: Float64Array, bins: number): BinnedDistribution {
  const deciles = Array.from({ length: bins - 1 }, (_, i) => sortedQuantile(sorted, (i + 1) / bins) + 0);
  const edges = [...new Set(deciles)];
  const counts = countInBins(sorted, edges);
  return { shape: 'bins', edges, shares: Array.from(counts, (count) => count / sorted.length) };
}

/** How many values lie in each bin; NaN and infinities in none. */
function countInBins(values: Float64Array, edges: readonly number[]): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  const limits = Float64Array.from(edges);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value - value !== 0) continue;
    let low = 0;
    let high = limits.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= limits[middle]!) high = middle;
      else low = middle + 1;
    }
    counts[low]!++;
  }
  return counts;
}

function countValues(column: Column): [Value, number][] {
  if (column.kind === 'flag') {
    const counts = new Float64Array(256);
    for (let row = 0; row < column.values.length; row++) counts[column.values[row]!]!++;
    return ([false, true] as const).flatMap((flag, i) => (counts[i]! > 0 ? [[flag, counts[i]!] as [Value, number]] : []));
  }
  if (column.kind !== 'category') return [];
  const counts = new Float64Array(column.dictionary.length);
  for (let row = 0; row < column.codes.length; row++) {
    const code = column.codes[row]!;
    if (code !== MISSING_CODE) counts[code]!++;
  }
  return column.dictionary.flatMap((value, code) => (counts[code]! > 0 ? [[value, counts[code]!] as [Value, number]] : []));
}

/**
 * Population stability index of a column against a saved distribution,
 *
 *   PSI = sum over bins of (a - e) ln(a / e),
 *
 * with e the share in the sample and a the share now (Siddiqi 2006, "Credit Risk Scorecards", chapter 8; it is the symmetric divergence of
 * Kullback and Leibler 1951). A share below .0001 counts as .0001, so that empty bins stay finite. Below .1 is read as stable, above .25
 * as a large shift. Values that were not saved by name are one bin together.
 *
 * @returns at least 0; NaN when the column has no values
 * @throws {FeatureError} WRONG_KIND when the column can't hold the saved values
 */
export function populationStability(expected: SavedDistribution, column: Column): number {
  if (!savedKinds(expected).includes(column.kind)) {
    const message = `populationStability: the column is a ${column.kind}, the saved distribution is of a ${savedKinds(expected).join(' or ')}; compare the same column`;
    throw new FeatureError('WRONG_KIND', message, { kind: column.kind });
  }
  const counts =
    expected.shape === 'bins'
      ? countInBins((column as { values: Float64Array }).values, expected.edges)
      : countSaved(expected, column);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return Number.NaN;
  const shares = expected.shape === 'bins' ? expected.shares : [...expected.shares, restShare(expected)];
  let index = 0;
  for (const [i, share] of shares.entries()) {
    const before = Math.max(share, SMALLEST_SHARE);
    const now = Math.max(counts[i]! / total, SMALLEST_SHARE);
    index += (now - before) * Math.log(now / before);
  }
  return index;
}

const SMALLEST_SHARE = 1e-4;

/** Kinds of column that a saved distribution can be compared with. */
export function savedKinds(expected: SavedDistribution): readonly Column['kind'][] {
  if (expected.shape === 'bins') return ['number'];
  const type = typeof expected.values[0];
  return [type === 'number' ? 'number' : type === 'boolean' ? 'flag' : 'category'];
}

function restShare({ shares }: ValueDistribution): number {
  return Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0));
}

/** How many rows have each saved value, and at last how many have another. */
function countSaved({ values }: ValueDistribution, column: Column): Float64Array {
  const counts = new Float64Array(values.length + 1);
  const places = new Map(values.map((value, place) => [value, place]));
  if (column.kind === 'category') {
    const placeOfCode = Int32Array.from(column.dictionary, (value) => places.get(value) ?? values.length);
    for (let row = 0; row < column.codes.length; row++) {
      const code = column.codes[row]!;
      if (code !== MISSING_CODE) counts[placeOfCode[code]!]!++;
    }
  } else {
    for (let row = 0; row < column.values.length; row++) {
      const value = column.values[row]!;
      if (value - value !== 0 || (column.kind === 'flag' && value === MISSING_FLAG)) continue;
      counts[places.get(column.kind === 'flag' ? value === 1 : value) ?? values.length]!++;
    }
  }
  return counts;
}

const share = z.number().min(0).max(1);
/** The form in which distributions are saved. */
export const savedDistributionSchema = z.discriminatedUnion('shape', [
  z.strictObject({ shape: z.literal('bins'), edges: z.array(z.number()).min(1).max(99), shares: z.array(share).min(2).max(100) }),
  z.strictObject({
    shape: z.literal('values'),
    values: z.union([z.array(z.string()), z.array(z.number()), z.array(z.boolean())]),
    shares: z.array(share).min(1).max(MAX_SAVED_VALUES),
  }),
]);

/** Refuses what {@link saveDistribution} can't have given. @throws {FeatureError} INVALID_DEFINITION */
export function requireSavedDistribution(where: string, expected: SavedDistribution): void {
  const parsed = savedDistributionSchema.safeParse(expected);
  const problem = parsed.success ? wrongNumbers(parsed.data) : reasons(parsed.error);
  if (problem === undefined) return;
  throw new FeatureError('INVALID_DEFINITION', `${where}: the saved distribution ${problem}; make it with saveDistribution()`);
}

function wrongNumbers(expected: SavedDistribution): string | undefined {
  const { shares } = expected;
  const names = expected.shape === 'bins' ? expected.edges : expected.values;
  const due = expected.shape === 'bins' ? names.length + 1 : names.length;
  if (shares.length !== due) return `has ${shares.length} shares, expected ${due}`;
  if (new Set<Value>(names).size !== names.length) return 'names a value twice';
  if (expected.shape === 'bins' && expected.edges.some((edge, i) => i > 0 && edge <= expected.edges[i - 1]!))
    return 'has edges that do not ascend';
  const sum = shares.reduce((total, part) => total + part, 0);
  if (sum > 1 + 1e-9 || (expected.shape === 'bins' && sum < 1 - 1e-9)) return `has shares that add up to ${sum}`;
  return undefined;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new FeatureError(
    'INVALID_OPTION',
    `saveDistribution: ${name} is ${value}, expected a whole number from ${least} to ${most}; change it`,
  );
}
