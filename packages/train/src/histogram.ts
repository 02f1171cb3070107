/**
 * Histograms of gradients: for each feature and bin the sums of gradient and hessian over some rows. This is where training spends its
 * time, so it stands alone.
 *
 * Layout: the sums of feature f, bin b are at (f * 256 + b) * 2 (gradient) and the place after (hessian).
 */
import type { BinnedMatrix } from './feature-bins.js';

/** Rows order[start .. end). */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Places of one feature: 256 bins, two sums each. */
export const FEATURE_STRIDE = 512;

/**
 * Sums over the rows order[start .. end).
 *
 * @param pairs gradient and hessian by row, see `Gradients`
 * @param histogram overwritten
 */
export function buildHistogram(
  bins: BinnedMatrix,
  pairs: Float64Array,
  order: Uint32Array,
  range: RowRange,
  histogram: Float64Array,
): void {
  const { featureCount, rows } = bins;
  histogram.fill(0);
  for (let k = range.start; k < range.end; k++) {
    const row = order[k]!;
    const gradient = pairs[2 * row]!;
    const hessian = pairs[2 * row + 1]!;
    const end = (row + 1) * featureCount;
    let at = row * featureCount;
    let first = 0;
    // Four features at a time: their sums don't wait for each other, which saves a quarter of the time.
    for (; at + 4 <= end; at += 4, first += 4 * FEATURE_STRIDE) {
      const place0 = first + 2 * rows[at]!;
      const place1 = first + FEATURE_STRIDE + 2 * rows[at + 1]!;
      const place2 = first + 2 * FEATURE_STRIDE + 2 * rows[at + 2]!;
      const place3 = first + 3 * FEATURE_STRIDE + 2 * rows[at + 3]!;
      histogram[place0]! += gradient;
      histogram[place0 + 1]! += hessian;
      histogram[place1]! += gradient;
      histogram[place1 + 1]! += hessian;
      histogram[place2]! += gradient;
      histogram[place2 + 1]! += hessian;
      histogram[place3]! += gradient;
      histogram[place3 + 1]! += hessian;
    }
    for (; at < end; at++, first += FEATURE_STRIDE) {
      const place = first + 2 * rows[at]!;
      histogram[place]! += gradient;
      histogram[place + 1]! += hessian;
    }
  }
}

/** Leaves `whole` minus `part` in `whole`: the histogram of the rows that `part` left out, exact since all sums are. */
export function subtractHistogram(whole: Float64Array, part: Float64Array): void {
  for (let i = 0; i < whole.length; i++) whole[i]! -= part[i]!;
}

/** Hands out histograms and takes them back, since allocating and clearing large arrays for every node would cost more than filling them. */
export class HistogramPool {
  readonly #size: number;
  readonly #free: Float64Array[] = [];
  #lent = 0;

  constructor(featureCount: number) {
    this.#size = featureCount * FEATURE_STRIDE;
  }

  /** Whether lending has reached the bound, at 256 MB or four histograms; nodes then give theirs back and build it again later. */
  get full(): boolean {
    return this.#lent >= Math.max(4, Math.floor(MAX_POOL_BYTES / (this.#size * 8)));
  }

  /** A histogram of undefined content. */
  take(): Float64Array {
    this.#lent++;
    return this.#free.pop() ?? new Float64Array(this.#size);
  }

  give(histogram: Float64Array): void {
    this.#lent--;
    this.#free.push(histogram);
  }
}

const MAX_POOL_BYTES = 256 * 1024 * 1024;
