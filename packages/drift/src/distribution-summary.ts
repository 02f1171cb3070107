/**
 * A column's two distributions in the few numbers that a chart needs, so that a report can be drawn without the data: bars for
 * categories and for numbers of few distinct values, else a histogram and a cumulative curve. Bounded: 36 bins, 121 points, 12 bars.
 */
import type { AlignedCount } from './category-counts.js';
import type { EmpiricalDistribution } from './empirical-distribution.js';

/** Equal-width bins of a histogram. */
export const HISTOGRAM_BINS = 36;
/** Points of a cumulative curve. */
export const CURVE_POINTS = 121;
/** Most bars shown by name; the rest are added up. */
export const MAX_BARS = 12;

/** What a chart of a column shows. */
export type DistributionSummary = HistogramSummary | BarsSummary;

/** Shares of both sides by bin and the cumulative curves, over a range that leaves at most .5 % of either side beyond each end. */
export interface HistogramSummary {
  readonly shape: 'histogram';
  /** Bin edges, one more than there are bins. */
  readonly edges: readonly number[];
  /** Share of the reference's values in each bin, out of all of them. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
  /** Shares below the first edge and above the last. */
  readonly referenceBeyond: readonly [below: number, above: number];
  readonly currentBeyond: readonly [below: number, above: number];
  /** Share of values at most `at[i]`. */
  readonly curve: { readonly at: readonly number[]; readonly reference: readonly number[]; readonly current: readonly number[] };
  readonly largestGap: LargestGap;
}

/** Where the two distribution functions are farthest apart: the Kolmogorov-Smirnov distance. */
export interface LargestGap {
  readonly at: number;
  /** Whether the shares count values equal to `at`. */
  readonly inclusive: boolean;
  readonly referenceShare: number;
  readonly currentShare: number;
}

/** Shares of both sides by value. */
export interface BarsSummary {
  readonly shape: 'bars';
  readonly bars: readonly ShareBar[];
  /** Values that have no bar of their own, added up; null when there are none. */
  readonly rest: { readonly values: number | null; readonly reference: number; readonly current: number } | null;
  /** For numbers only. */
  readonly largestGap: LargestGap | null;
}

/** One value's share on each side. */
export interface ShareBar {
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

/** Summary of a number column. */
export function summariseNumbers(
  reference: EmpiricalDistribution,
  current: EmpiricalDistribution,
  largestGap: LargestGap,
): DistributionSummary {
  const distinct = fewDistinctValues(reference, current);
  if (distinct) {
    const bars = distinct.map((value) => ({
      label: String(value),
      reference: shareAt(reference, value),
      current: shareAt(current, value),
    }));
    return { shape: 'bars', bars, rest: null, largestGap };
  }
  const edges = binEdges(reference, current, largestGap.at);
  const low = edges[0]!;
  const high = edges.at(-1)!;
  const at = Array.from({ length: CURVE_POINTS }, (_, i) => low + (high - low) * (i / (CURVE_POINTS - 1)));
  const curveOf = (side: EmpiricalDistribution) => at.map((x) => side.countAtMost(x) / side.count);
  const beyondOf = (side: EmpiricalDistribution) =>
    [side.countBelow(low) / side.count, 1 - side.countAtMost(high) / side.count] as const;
  return {
    shape: 'histogram',
    edges,
    reference: binShares(reference, edges),
    current: binShares(current, edges),
    referenceBeyond: beyondOf(reference),
    currentBeyond: beyondOf(current),
    curve: { at, reference: curveOf(reference), current: curveOf(current) },
    largestGap,
  };
}

/** Summary of a category or flag column: the values of the largest share on either side, and the rest added up. */
export function summariseCategories(aligned: readonly AlignedCount[]): BarsSummary {
  const referenceTotal = aligned.reduce((sum, cell) => sum + cell.reference, 0);
  const currentTotal = aligned.reduce((sum, cell) => sum + cell.current, 0);
  const shares = aligned.map((cell) => ({
    label: cell.name,
    reference: cell.reference / referenceTotal,
    current: cell.current / currentTotal,
  }));
  const named = shares.filter((bar): bar is ShareBar => bar.label !== null);
  const bars = named.toSorted((a, b) => largerShare(b) - largerShare(a)).slice(0, MAX_BARS);
  const shownBars = new Set<unknown>(bars);
  const rest = shares.filter((bar) => !shownBars.has(bar));
  if (rest.length === 0) return { shape: 'bars', bars, rest: null, largestGap: null };
  const restOf = (side: 'reference' | 'current') => rest.reduce((sum, bar) => sum + bar[side], 0);
  // A reference that lists its rarest values only as other doesn't know how many they are.
  const values = rest.some((bar) => bar.label === null) ? null : rest.length;
  return { shape: 'bars', bars, rest: { values, reference: restOf('reference'), current: restOf('current') }, largestGap: null };
}

const largerShare = (bar: ShareBar) => Math.max(bar.reference, bar.current);

function fewDistinctValues(reference: EmpiricalDistribution, current: EmpiricalDistribution): number[] | undefined {
  const ofReference = reference.distinctValues(MAX_BARS);
  const ofCurrent = current.distinctValues(MAX_BARS);
  if (!ofReference || !ofCurrent) return undefined;
  const distinct = [...new Set([...ofReference, ...ofCurrent])].sort((a, b) => a - b);
  return distinct.length <= MAX_BARS ? distinct : undefined;
}

function shareAt(side: EmpiricalDistribution, value: number): number {
  return (side.countAtMost(value) - side.countBelow(value)) / side.count;
}

function binEdges(reference: EmpiricalDistribution, current: EmpiricalDistribution, include: number): number[] {
  const low = Math.max(Math.min(reference.quantile(0.005), current.quantile(0.005), include), -FARTHEST);
  const high = Math.min(Math.max(reference.quantile(0.995), current.quantile(0.995), include), FARTHEST);
  if (isWhole(reference) && isWhole(current)) {
    // Whole numbers in bins of unequal numbers of them would draw a comb that isn't in the data.
    const width = Math.ceil((high - low + 1) / HISTOGRAM_BINS);
    const bins = Math.ceil((high - low + 1) / width);
    return Array.from({ length: bins + 1 }, (_, i) => low - 0.5 + i * width);
  }
  // A column with one value and a few outliers can have a range of no width; half a unit on each side makes it drawable.
  const [from, to] = low < high ? [low, high] : [low - 0.5, high + 0.5];
  return Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) =>
    i === HISTOGRAM_BINS ? to : from + ((to - from) / HISTOGRAM_BINS) * i,
  );
}

/** Where charts end: twice this is still a number. */
const FARTHEST = Number.MAX_VALUE / 2;

function isWhole(side: EmpiricalDistribution): boolean {
  for (let percent = 0; percent <= 100; percent++) if (!Number.isSafeInteger(side.quantile(percent / 100))) return false;
  return true;
}

function binShares(side: EmpiricalDistribution, edges: readonly number[]): number[] {
  const last = edges.length - 2;
  return edges.slice(0, -1).map((edge, i) => {
    const upTo = i === last ? side.countAtMost(edges[i + 1]!) : side.countBelow(edges[i + 1]!);
    return (upTo - side.countBelow(edge)) / side.count;
  });
}
