/** What a sample shows about one column: the facts from which rules and definitions are inferred. */
import { type Column, columnLength } from '@fraudops/core';
import { canBeSummed, minorUnits } from '../definitions/minor-units.js';
import { countMissing } from './equal-rows.js';
import { countDistinct } from './judge-table-rule.js';

/** See {@link columnFacts}. */
export interface ColumnFacts {
  readonly name: string;
  readonly column: Column;
  readonly rowCount: number;
  readonly missing: number;
  /** Values that are there. */
  readonly present: number;
  readonly distinct: number;
  /** Smallest and largest finite number or time; NaN without any, and for other kinds. */
  readonly minimum: number;
  readonly maximum: number;
  /** number: whether some are infinite. */
  readonly hasInfinite: boolean;
  /** number: whether all are whole and safe integers. */
  readonly isWhole: boolean;
  /** number: the largest power of ten from 1 to 10^-6 that all are multiples of; undefined when there is none. */
  readonly resolution: number | undefined;
  /** number, time: whether no value is below the one before it. */
  readonly isSorted: boolean;
  /** category: the distinct values in code unit order, when there are few and each comes up often; else undefined. */
  readonly smallSet: readonly string[] | undefined;
  /** Whether rows are told apart by it: whole numbers or strings, all there and all different. */
  readonly isKey: boolean;
}

/** Most values of a set that is taken for complete. */
export const MAX_SMALL_SET = 20;
/** A set is taken for complete when the sample holds so many values for each distinct one. */
const ROWS_PER_VALUE = 20;

/** Looks at a column once or twice; memory as in `countDistinct`. */
export function columnFacts(name: string, column: Column): ColumnFacts {
  const rowCount = columnLength(column);
  const missing = countMissing(column);
  const distinct = countDistinct(column);
  const numbers = column.kind === 'number' || column.kind === 'time' ? numberFacts(column.values) : NO_NUMBERS;
  const present = rowCount - missing;
  const isCountable = column.kind === 'category' || (column.kind === 'number' && numbers.isWhole);
  return {
    name,
    column,
    rowCount,
    missing,
    present,
    distinct,
    ...numbers,
    smallSet: column.kind === 'category' && distinct > 0 ? smallSet(column, distinct, present) : undefined,
    isKey: isCountable && missing === 0 && rowCount > 1 && distinct === rowCount,
  };
}

const NO_NUMBERS = {
  minimum: Number.NaN,
  maximum: Number.NaN,
  hasInfinite: false,
  isWhole: false,
  resolution: undefined,
  isSorted: false,
} as const;

function numberFacts(values: Float64Array) {
  let minimum = Infinity;
  let maximum = -Infinity;
  let hasInfinite = false;
  let isWhole = true;
  let isSorted = true;
  let latest = -Infinity;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    if (value < latest) isSorted = false;
    latest = value;
    if (!Number.isSafeInteger(value)) isWhole = false;
    if (value - value !== 0) hasInfinite = true;
    else {
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
  }
  if (minimum > maximum) return { ...NO_NUMBERS, hasInfinite };
  return { minimum, maximum, hasInfinite, isWhole, resolution: hasInfinite ? undefined : resolutionOf(values), isSorted };
}

const SCALES = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

function resolutionOf(values: Float64Array): number | undefined {
  let place = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    // Dividing whole numbers rounds once, so it gives back the very number that was written.
    while (place < SCALES.length && Math.round(value * SCALES[place]!) / SCALES[place]! !== value && !Number.isNaN(value))
      place++;
    if (place === SCALES.length) return undefined;
  }
  const resolution = 1 / SCALES[place]!;
  const units = minorUnits(resolution)!;
  return values.every((value) => canBeSummed(value, units)) ? resolution : undefined;
}

function smallSet(
  column: Extract<Column, { kind: 'category' }>,
  distinct: number,
  present: number,
): readonly string[] | undefined {
  if (distinct > MAX_SMALL_SET || present < distinct * ROWS_PER_VALUE) return undefined;
  const used = new Set(column.codes);
  return column.dictionary.filter((_, code) => used.has(code)).toSorted();
}
