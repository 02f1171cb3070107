/** Profile of a number column: moments, exact quantiles, histogram and most frequent values, from one sorted copy. */
import { meanOf, standardDeviationOf } from '../validation/judge-table-rule.js';
import { equalWidthHistogram } from './histogram.js';
import { finiteValues, sortedQuantile } from './order-statistics.js';
import type { Histogram, NumberProfile, ValueCount } from './table-profile.js';

/** Quantiles of a profile: the ends, the tails, the quartiles. */
const PROFILE_QUANTILES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

/** Profile of the values, NaN being missing. */
export function profileNumber(name: string, values: Float64Array, mostValues: number): NumberProfile {
  const sorted = finiteValues(values).sort();
  let missing = 0;
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row]!)) missing++;
  const negatives = lowerBound(sorted, 0);
  const zeros = lowerBound(sorted, Number.MIN_VALUE) - negatives;
  const { distinct, topValues } = countRuns(sorted, mostValues);
  const isComplete = distinct <= topValues.length;
  return {
    kind: 'number',
    name,
    missing,
    distinct,
    infinite: values.length - missing - sorted.length,
    zeros,
    negatives,
    mean: finiteOrNull(meanOf(sorted)),
    standardDeviation: finiteOrNull(standardDeviationOf(sorted)),
    skewness: finiteOrNull(skewnessOf(sorted)),
    quantiles:
      sorted.length === 0 ? [] : PROFILE_QUANTILES.map((quantile) => ({ quantile, value: sortedQuantile(sorted, quantile) + 0 })),
    histogram: isComplete ? null : histogramOf(sorted),
    topValues,
  };
}

const finiteOrNull = (value: number) => (Number.isFinite(value) ? value : null);

/** Third standardised moment, m3 / m2^1.5 of the moments by n; NaN for constants. */
function skewnessOf(values: Float64Array): number {
  if (values[0] === values.at(-1)) return Number.NaN;
  const mean = meanOf(values);
  const n = values.length;
  let [sum, squares, cubes] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const difference = values[i]! - mean;
    sum += difference;
    squares += difference * difference;
    cubes += difference * difference * difference;
  }
  // The mean is rounded to float64, so the moments are moved by what the differences say is left of it.
  const rest = sum / n;
  const m2 = squares / n - rest * rest;
  const m3 = cubes / n - (3 * rest * squares) / n + 2 * rest ** 3;
  return m3 / m2 ** 1.5;
}

/** How many of the ascending values are below the limit. */
function lowerBound(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Distinct values, and the most frequent of them, the smaller first among equally frequent ones. */
function countRuns(sorted: Float64Array, most: number): { distinct: number; topValues: ValueCount<number>[] } {
  let distinct = 0;
  let least = 0;
  const topValues: ValueCount<number>[] = [];
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const value = sorted[start]!;
    while (end < sorted.length && sorted[end] === value) end++;
    distinct++;
    const count = end - start;
    if (topValues.length === most && count <= least) continue;
    if (topValues.length === most) topValues.pop();
    const place = topValues.findIndex((other) => other.count < count);
    topValues.splice(place < 0 ? topValues.length : place, 0, { value: value + 0, count });
    least = topValues.at(-1)!.count;
  }
  return { distinct, topValues };
}

/** Over all values, or without the outer half percent on either side when that would make it more than three times as narrow. */
function histogramOf(sorted: Float64Array): Histogram | null {
  const full = [sorted[0]!, sorted.at(-1)!] as const;
  const inner = [sortedQuantile(sorted, 0.005), sortedQuantile(sorted, 0.995)] as const;
  const isLongTailed = inner[1] > inner[0] && full[1] - full[0] > 3 * (inner[1] - inner[0]);
  const [low, high] = isLongTailed ? inner : full;
  return equalWidthHistogram(sorted, low, high);
}
