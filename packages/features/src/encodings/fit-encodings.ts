/**
 * Fits encodings of categories over history, in steps of time: see {@link EncodingSteps}.
 *
 * **Moments.** The rows, in order of arrival, are cut into `folds` parts with equally many rows. The encoding is made at the arrival of the
 * first row of every part but the first, and once more 1 ms after the last arrival. Moments that fall together, or on the first arrival, are
 * one or none, so very few distinct times give fewer of them.
 *
 * **What is known at a moment.** Rows that arrived before it and, where labels matter, whose label was known by then: at the time that
 * `label.knownAt` names, or `label.delayMs` after the event. So no row sees its own label, nor one that wasn't known when it arrived.
 *
 * **How many categories.** At each moment the `maxCategories` most frequent of the rows known by then have a value of their own; the others
 * count as unseen.
 */
import { type Column, type ColumnKind, type Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { type CategoryTally, categoryTallies } from './category-tally.js';
import { type EncodingSteps, MAX_ENCODING_STEPS, MAX_ENCODING_VALUES } from './encoding-steps.js';

/** Options of {@link fitFrequencyEncoding}. */
export interface FitEncodingOptions {
  /** The category field that is encoded. */
  readonly field: string;
  /** Into how many parts the rows are cut. Default 5; 1 to 100. */
  readonly folds?: number;
  /** Most categories with a value of their own at one moment. Default 10,000; at most 100,000. */
  readonly maxCategories?: number;
}

/** Options of {@link fitTargetEncoding}. */
export interface FitTargetEncodingOptions extends FitEncodingOptions {
  /** How many rows the overall fraud rate weighs against those of the category. Default 20; at least 0. */
  readonly smoothing?: number;
}

/**
 * Smoothed fraud rate of a category, (frauds + smoothing * prior) / (n + smoothing) with the fraud rate of all known rows as prior
 * (Micci-Barreca 2001, with a constant weight), over rows known before a moment as ordered target statistics do row by row (Prokhorenkova
 * et al. 2018, CatBoost). An unseen category gets the prior. Rows without a label are left out; where no label is known yet there is no value.
 *
 * @param table transactions in order of arrival, with their labels
 * @throws {FeatureError} UNKNOWN_FIELD, WRONG_KIND or INVALID_OPTION; MISSING_COLUMN, MISSING_VALUE or NOT_SORTED, naming column and row;
 *   TOO_LARGE when there would be more than 5,000,000 values
 * @example
 * const steps = fitTargetEncoding(history, payments, { field: 'shop', smoothing: 50 });
 * encodingLookup(steps).column(history.category('shop'), history.time('at'));
 */
export function fitTargetEncoding(
  table: Table,
  transactions: TransactionsDefinition,
  options: FitTargetEncodingOptions,
): EncodingSteps {
  const where = 'fitTargetEncoding';
  const { smoothing = 20 } = options;
  if (!(Number.isFinite(smoothing) && smoothing >= 0)) {
    throw new FeatureError('INVALID_OPTION', `${where}: smoothing is ${smoothing}, expected a number of at least 0`);
  }
  const { label } = transactions;
  if (!label) throw new FeatureError('INVALID_OPTION', `${where}: the transactions have no label; give defineTransactions one`);
  const frauds = columnOf(where, table, label.field, 'flag').values;
  const knownMs = labelKnowledgeTimes(where, table, transactions);
  return fitSteps(where, table, transactions, options, {
    frauds,
    knownMs: (row) => (frauds[row]! > 1 ? Infinity : knownMs[row]!),
    valuesOf: (tally) => {
      if (tally.rows === 0) return { values: [], otherwise: null };
      const prior = tally.frauds / tally.rows;
      const values = Array.from(tally.codes, (_, i) => (tally.fraudsOf[i]! + smoothing * prior) / (tally.rowsOf[i]! + smoothing));
      return { values, otherwise: prior };
    },
  });
}

/**
 * Share of a category among the rows so far, those without a category included. An unseen category gets 0.
 *
 * @param table transactions in order of arrival; labels aren't looked at
 * @throws {FeatureError} as {@link fitTargetEncoding}
 * @example fitFrequencyEncoding(history, payments, { field: 'country', folds: 10 });
 */
export function fitFrequencyEncoding(
  table: Table,
  transactions: TransactionsDefinition,
  options: FitEncodingOptions,
): EncodingSteps {
  return fitSteps('fitFrequencyEncoding', table, transactions, options, {
    frauds: undefined,
    knownMs: () => -Infinity,
    valuesOf: (tally) => ({ values: Array.from(tally.rowsOf, (rows) => rows / tally.rows), otherwise: 0 }),
  });
}

/** What distinguishes one encoding from another. */
interface EncodingRule {
  /** The label of each row, where labels matter. */
  readonly frauds: Uint8Array | undefined;
  /** From when on what matters of a row is known, besides its arrival. */
  readonly knownMs: (row: number) => number;
  /** Values of a tally's codes, and of unseen categories. */
  readonly valuesOf: (tally: CategoryTally) => { readonly values: readonly number[]; readonly otherwise: number | null };
}

function fitSteps(
  where: string,
  table: Table,
  transactions: TransactionsDefinition,
  { field, folds = 5, maxCategories = 10_000 }: FitEncodingOptions,
  rule: EncodingRule,
): EncodingSteps {
  requireLimit(where, 'folds', folds, MAX_ENCODING_STEPS);
  requireLimit(where, 'maxCategories', maxCategories, 100_000);
  requireField(where, field, transactions);
  const category = columnOf(where, table, field, 'category');
  const arrivals = arrivalTimes(where, table, transactions);
  const fromMs = momentsOf(arrivals, folds);
  const countedFrom = new Int32Array(arrivals.length);
  for (let row = 0; row < arrivals.length; row++) {
    const arrivalMs = arrivals[row]!;
    const knownMs = rule.knownMs(row);
    countedFrom[row] = fromMs.findIndex((ms) => arrivalMs < ms && knownMs <= ms);
  }
  const counted = { category, countedFrom, ...(rule.frauds && { frauds: rule.frauds }) };
  const tallies = categoryTallies(counted, fromMs.length, maxCategories);
  const places = placesOf(where, tallies);
  const tables = tallies.map((tally) => {
    const { values, otherwise } = rule.valuesOf(tally);
    const known: (number | null)[] = Array.from({ length: places.size }, () => null);
    for (const [i, value] of values.entries()) known[places.get(tally.codes[i]!)!] = value;
    return { values: known, otherwise };
  });
  return {
    fromMs,
    categories: Array.from(places.keys(), (code) => category.dictionary[code]!),
    values: tables.map(({ values }) => values),
    otherwise: tables.map(({ otherwise }) => otherwise),
  };
}

/** See the module's comment. */
function momentsOf(arrivals: Float64Array, folds: number): number[] {
  const borders = Array.from({ length: folds - 1 }, (_, i) => arrivals[Math.floor(((i + 1) * arrivals.length) / folds)]!);
  const moments = [...borders, arrivals.at(-1)! + 1];
  return moments.filter((ms, i) => ms > (moments[i - 1] ?? arrivals[0]!));
}

/** The place of each code that any tally knows, in order of the tallies. */
function placesOf(where: string, tallies: readonly CategoryTally[]): Map<number, number> {
  const places = new Map<number, number>();
  for (const { codes } of tallies) for (const code of codes) if (!places.has(code)) places.set(code, places.size);
  const values = places.size * tallies.length;
  if (values <= MAX_ENCODING_VALUES) return places;
  const message = `${where}: ${places.size} categories at ${tallies.length} moments are ${values} values, at most ${MAX_ENCODING_VALUES} are allowed; use fewer folds or a smaller maxCategories`;
  throw new FeatureError('TOO_LARGE', message, { values });
}

/** When each row arrived. */
function arrivalTimes(where: string, table: Table, { time, arrival = time }: TransactionsDefinition): Float64Array {
  const times = requiredTimes(where, table, arrival);
  if (times.length === 0) throw new FeatureError('INVALID_VALUE', `${where}: the table has no rows; give the rows to fit on`);
  for (let row = 1; row < times.length; row++) {
    if (times[row]! >= times[row - 1]!) continue;
    const message = `${where}: row ${row} of column ${arrival} is earlier than the row before; sort first with table.sortByTime('${arrival}')`;
    throw new FeatureError('NOT_SORTED', message, { column: arrival, row });
  }
  return times;
}

/** When the label of each row is known, whether it has one or not. */
function labelKnowledgeTimes(where: string, table: Table, { time, label }: TransactionsDefinition): Float64Array {
  const { delayMs, knownAt } = label!;
  const afterDelay = requiredTimes(where, table, time).map((epochMs) => epochMs + delayMs);
  if (knownAt === undefined) return afterDelay;
  return columnOf(where, table, knownAt, 'time').values.map((epochMs, row) =>
    Number.isNaN(epochMs) ? afterDelay[row]! : epochMs,
  );
}

function requiredTimes(where: string, table: Table, name: string): Float64Array {
  const { values } = columnOf(where, table, name, 'time');
  const row = values.findIndex((epochMs) => Number.isNaN(epochMs));
  if (row < 0) return values;
  const message = `${where}: column ${name} is missing at row ${row}, expected a time; put such rows aside with validateTransactions`;
  throw new FeatureError('MISSING_VALUE', message, { column: name, row });
}

function columnOf<Kind extends ColumnKind>(
  where: string,
  table: Table,
  name: string,
  kind: Kind,
): Extract<Column, { kind: Kind }> {
  if (!table.has(name)) {
    const message = `${where}: the table lacks the column ${name}; it has ${table.columnNames.join(', ')}`;
    throw new FeatureError('MISSING_COLUMN', message, { column: name });
  }
  const column = table.column(name);
  if (column.kind === kind) return column as Extract<Column, { kind: Kind }>;
  throw new FeatureError('WRONG_KIND', `${where}: column ${name} is a ${column.kind}, expected a ${kind}`, { column: name });
}

function requireField(where: string, name: string, { fields }: TransactionsDefinition): void {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) {
    const message = `${where}: the field ${name} is none of the transactions'; they have ${Object.keys(fields).join(', ')}`;
    throw new FeatureError('UNKNOWN_FIELD', message, { field: name });
  }
  if (field.kind === 'category') return;
  throw new FeatureError('WRONG_KIND', `${where}: field ${name} is a ${field.kind}, expected a category`, { field: name });
}

function requireLimit(where: string, name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new FeatureError('INVALID_OPTION', `${where}: ${name} is ${value}, expected a whole number from 1 to ${most}`, {
    name,
    value,
  });
}
