/** From what trackers found in the windows of a block's rows to a feature's values. Rows without an entity get NaN. */
import type { WindowRead } from './feature-plan.js';
import { meanValue, riskValue, secondsBetween, shareValue, speedValue, stdValue, sumValue } from './feature-value.js';
import { NOWHERE } from './window-ends.js';

/** Writes the values of the rows at the places `begin` to `end - 1`, the first of them to `values[0]`. */
export type BlockReader = (values: Float64Array, begin: number, end: number) => void;

/** What was found is the feature. */
export function copyOf(found: Float64Array): BlockReader {
  return (values, begin, end) => values.set(found.subarray(0, end - begin));
}

/** A feature of counts and sums. */
export function totalsReader(
  { aggregate, units, totalSlot, countSlot, squareSlot }: WindowRead,
  { counts: rowCounts, sums }: { counts: Float64Array; sums: readonly (Float64Array | undefined)[] },
): BlockReader {
  const counts = sums[countSlot] ?? rowCounts;
  if (aggregate === 'count') return copyOf(counts);
  const totals = sums[totalSlot]!;
  if (aggregate === 'sum' && units.numerator === units.denominator) return copyOf(totals);
  switch (aggregate) {
    case 'sum':
      return (values, begin, end) => {
        for (let i = 0; i < end - begin; i++) values[i] = sumValue(totals[i]!, units);
      };
    case 'mean':
      return (values, begin, end) => {
        for (let i = 0; i < end - begin; i++) values[i] = meanValue(counts[i]!, totals[i]!, units);
      };
    case 'risk':
      return (values, begin, end) => {
        for (let i = 0; i < end - begin; i++) values[i] = riskValue(counts[i]!, totals[i]!);
      };
    default: {
      const [high, cross, low] = [sums[squareSlot]!, sums[squareSlot + 1]!, sums[squareSlot + 2]!];
      return (values, begin, end) => {
        for (let i = 0; i < end - begin; i++) {
          const count = Number.isNaN(counts[i]!) ? 0 : counts[i]!;
          values[i] = stdValue(count, totals[i]!, high[i]!, cross[i]!, low[i]!, units);
        }
      };
    }
  }
}

/** Share of the rows that match. */
export function shareReader(counts: Float64Array, matching: Float64Array): BlockReader {
  return (values, begin, end) => {
    for (let i = 0; i < end - begin; i++) values[i] = shareValue(counts[i]!, matching[i]!);
  };
}

/** The number at the place that was found. */
export function placeReader(places: Int32Array, numbers: Float64Array): BlockReader {
  return (values, begin, end) => {
    for (let i = 0; i < end - begin; i++) values[i] = places[i] === NOWHERE ? Number.NaN : numbers[places[i]!]!;
  };
}

/** Seconds since the row at the place that was found. */
export function sinceReader(places: Int32Array, times: Float64Array): BlockReader {
  return (values, begin, end) => {
    for (let i = 0; i < end - begin; i++)
      values[i] = places[i] === NOWHERE ? Number.NaN : secondsBetween(times[places[i]!]!, times[begin + i]!);
  };
}

/** Speed from where the row at the place that was found took place. */
export function speedReader(
  places: Int32Array,
  times: Float64Array,
  latitudes: Float64Array,
  longitudes: Float64Array,
): BlockReader {
  return (values, begin, end) => {
    for (let i = 0; i < end - begin; i++) {
      const from = places[i]!;
      const to = begin + i;
      values[i] =
        from === NOWHERE
          ? Number.NaN
          : speedValue(times[from]!, latitudes[from]!, longitudes[from]!, times[to]!, latitudes[to]!, longitudes[to]!);
    }
  };
}
