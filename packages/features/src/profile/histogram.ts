/** Histograms with bins of equal width. */
import type { Histogram } from './table-profile.js';

/** Bins of a histogram. */
const HISTOGRAM_BINS = 36;

/**
 * Counts values in bins of equal width from low to high; NaN and infinite values in none. Null when the range is empty or so wide or narrow
 * that its bins are no numbers.
 */
export function equalWidthHistogram(values: Float64Array, low: number, high: number): Histogram | null {
  const width = (high - low) / HISTOGRAM_BINS;
  if (!(width > 0 && Number.isFinite(high - low))) return null;
  const counts = new Float64Array(HISTOGRAM_BINS);
  let below = 0;
  let above = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) continue;
    if (value < low) below++;
    else if (value > high) above++;
    else counts[Math.min(HISTOGRAM_BINS - 1, Math.floor((value - low) / width))]!++;
  }
  return { low, high, counts: Array.from(counts), below, above };
}
