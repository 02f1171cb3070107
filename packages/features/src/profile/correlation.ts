/**
 * Correlations of columns in pairs, over the rows in which both have a finite value.
 *
 * Pearson's r = sum (x - mx)(y - my) / sqrt(sum (x - mx)^2 sum (y - my)^2). Spearman's is Pearson's r of the ranks, equal values sharing the mean
 * of their ranks (Spearman 1904); ranks are taken among the pair's own rows, as pandas does.
 */
import { type Column, MISSING_FLAG, type Table } from '@fraudops/core';
import { finiteValues } from './order-statistics.js';
import type { CorrelationMatrix, CorrelationMethod } from './table-profile.js';

/** Correlations of a table's first number and flag columns that aren't constant; null when they are fewer than two. */
export function correlationMatrix(table: Table, method: CorrelationMethod, most: number): CorrelationMatrix | null {
  const numeric = table.columnNames.flatMap((name) => {
    const column = table.column(name);
    return column.kind === 'number' || column.kind === 'flag' ? [{ name, column }] : [];
  });
  const columns: { name: string; values: Float64Array }[] = [];
  const leftOut: string[] = [];
  for (const { name, column } of numeric) {
    const values = columns.length < most ? toNumbers(column) : undefined;
    if (values === undefined || isConstant(values)) leftOut.push(name);
    else columns.push({ name, values });
  }
  if (columns.length < 2) return null;
  // Ranks among the pair's own rows are those among all rows when both columns have all their values.
  const ranked = columns.map(({ values }) => (method === 'spearman' && isComplete(values) ? ranks(values) : undefined));
  const values = columns.map(() => new Array<number | null>(columns.length).fill(1));
  for (let i = 0; i < columns.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [columns[i]!.values, columns[j]!.values];
      const [aRanks, bRanks] = [ranked[i], ranked[j]];
      const ofRanks = () => (aRanks && bRanks ? pearson(aRanks, bRanks) : spearman(a, b));
      const correlation = method === 'pearson' ? pearson(a, b) : ofRanks();
      values[i]![j] = values[j]![i] = Number.isNaN(correlation) ? null : correlation;
    }
  }
  return { method, columns: columns.map(({ name }) => name), values, leftOut };
}

function toNumbers(column: Exclude<Column, { kind: 'category' }>): Float64Array {
  if (column.kind !== 'flag') return column.values;
  return Float64Array.from(column.values, (flag) => (flag === MISSING_FLAG ? Number.NaN : flag));
}

function isComplete(values: Float64Array): boolean {
  return values.every((value) => value - value === 0);
}

function isConstant(values: Float64Array): boolean {
  let first = Number.NaN;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value - value !== 0 || value === first) continue;
    if (!Number.isNaN(first)) return false;
    first = value;
  }
  return true;
}

/**
 * Pearson's correlation over the rows in which both values are finite; NaN when one of them is constant there.
 *
 * @example pearson(Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 6)); // 1
 */
function pearson(x: Float64Array, y: Float64Array): number {
  // Subtracting values of the middle first keeps the sums small, so that one pass is accurate.
  const [xMiddle, yMiddle] = pairMeans(x, y);
  let rows = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  for (let row = 0; row < x.length; row++) {
    const a = x[row]! - xMiddle;
    const b = y[row]! - yMiddle;
    const product = a * b;
    if (product - product !== 0) continue;
    rows++;
    sumX += a;
    sumY += b;
    sumXX += a * a;
    sumYY += b * b;
    sumXY += product;
  }
  const spreadX = sumXX - (sumX * sumX) / rows;
  const spreadY = sumYY - (sumY * sumY) / rows;
  // What is left of a constant is rounding.
  if (!(spreadX > sumXX * 1e-14 && spreadY > sumYY * 1e-14)) return Number.NaN;
  const correlation = (sumXY - (sumX * sumY) / rows) / (Math.sqrt(spreadX) * Math.sqrt(spreadY));
  return Math.max(-1, Math.min(1, correlation));
}

/** Means over the rows in which both are finite. */
function pairMeans(x: Float64Array, y: Float64Array): readonly [number, number] {
  let rows = 0;
  let sumX = 0;
  let sumY = 0;
  for (let row = 0; row < x.length; row++) {
    const a = x[row]!;
    const b = y[row]!;
    if (a - a !== 0 || b - b !== 0) continue;
    rows++;
    sumX += a;
    sumY += b;
  }
  return [sumX / rows, sumY / rows];
}

/** Spearman's rank correlation over the rows in which both values are finite; NaN when one of them is constant there. */
function spearman(x: Float64Array, y: Float64Array): number {
  const inBoth = new Uint32Array(x.length);
  let rows = 0;
  for (let row = 0; row < x.length; row++) {
    if (Number.isFinite(x[row]!) && Number.isFinite(y[row]!)) inBoth[rows++] = row;
  }
  const ranksOf = (values: Float64Array) => ranks(Float64Array.from(inBoth.subarray(0, rows), (row) => values[row]!));
  return pearson(ranksOf(x), ranksOf(y));
}

/** Rank of each value from 1 on; equal values share the mean of their ranks. */
function ranks(values: Float64Array): Float64Array {
  const sorted = finiteValues(values).sort();
  // One entry a distinct value, so that a search visits few of them when values repeat.
  const distinct = new Float64Array(sorted.length);
  const rankOf = new Float64Array(sorted.length);
  let count = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    distinct[count] = sorted[start]!;
    rankOf[count++] = (start + 1 + end) / 2;
  }
  return values.map((value) => {
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (distinct[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return rankOf[low]!;
  });
}
