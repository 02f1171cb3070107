/** One way to ask a sorted sample and a sketch the same questions, as the charts do. */
import { type QuantileSketch, countAtMost, countBelow } from './quantile-sketch.js';

/** How many of a column's values lie where. */
export interface EmpiricalDistribution {
  /** Number of values. */
  readonly count: number;
  /** How many are below x; estimated between two points of a sketch. */
  countBelow(x: number): number;
  /** How many are at most x; estimated between two points of a sketch. */
  countAtMost(x: number): number;
  /** A value with about the share q of all values at or below it. */
  quantile(q: number): number;
  /** All distinct values ascending, or undefined when there are more than `limit`. */
  distinctValues(limit: number): readonly number[] | undefined;
}

/** @param sorted ascending, not empty */
export function distributionOfSample(sorted: Float64Array): EmpiricalDistribution {
  return {
    count: sorted.length,
    countBelow: (x) => countBelow(sorted, x),
    countAtMost: (x) => countAtMost(sorted, x),
    quantile: (q) => sorted[Math.round(q * (sorted.length - 1))]!,
    distinctValues(limit) {
      const values: number[] = [];
      for (let i = 0; i < sorted.length; i = countAtMost(sorted, sorted[i]!)) {
        if (values.length === limit) return undefined;
        values.push(sorted[i]!);
      }
      return values;
    },
  };
}

/** @param sketch of at least one value; between its points the count is interpolated along a straight line */
export function distributionOfSketch(sketch: QuantileSketch): EmpiricalDistribution {
  const { values, below, atMost } = sketch;
  const count = atMost.at(-1)!;
  const isComplete = below.every((rows, k) => rows === (k === 0 ? 0 : atMost[k - 1]));
  const between = (next: number, x: number) => {
    if (next === 0) return 0;
    if (next === values.length) return count;
    const share = (x - values[next - 1]!) / (values[next]! - values[next - 1]!);
    return atMost[next - 1]! + share * (below[next]! - atMost[next - 1]!);
  };
  return {
    count,
    countBelow(x) {
      const next = countBelow(values, x);
      return values[next] === x ? below[next]! : between(next, x);
    },
    countAtMost(x) {
      const next = countBelow(values, x);
      return values[next] === x ? atMost[next]! : between(next, x);
    },
    quantile: (q) => values[Math.min(countBelow(atMost, q * count), values.length - 1)]!,
    distinctValues: (limit) => (isComplete && values.length <= limit ? values : undefined),
  };
}
