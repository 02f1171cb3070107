/**
 * Features as small integers, so that a histogram finds the best split. Each feature's values are cut into at most 255 bins of about
 * equal counts; bin b holds cuts[b - 1] < x <= cuts[b], and missing values have a bin of their own.
 *
 * Cuts are float32 like the values: `bin(x) <= b` and `x <= cuts[b]` are the same question for every x, so a trained tree sends each
 * row the same way when it scores.
 */
import { type FeatureMatrix, seededRandom } from '@fraudops/core';

/** A matrix as bins, by row for building histograms and by column for parting rows. */
export interface BinnedMatrix {
  readonly rowCount: number;
  readonly featureCount: number;
  /** Upper ends of the bins of each feature, ascending; one fewer than bins, since the last has no end. */
  readonly cuts: readonly Float32Array[];
  /** Bins by feature: columns[feature][row]. */
  readonly columns: readonly Uint8Array[];
  /** Bins row after row: rows[row * featureCount + feature]. */
  readonly rows: Uint8Array;
}

/** Bin of missing values, in every feature. */
export const MISSING_BIN = 255;
/** Most bins of a feature, besides the one for missing values. */
export const MAX_BINS = 255;

/** Cuts come from this many rows at most, drawn by the seed; more would not move them enough to matter. */
const SAMPLED_ROWS = 200_000;

/** Bins of every value; see the module's comment. */
export function binFeatures(matrix: FeatureMatrix, maxBins: number, seed: number): BinnedMatrix {
  const { rowCount } = matrix;
  const featureCount = matrix.columns.length;
  const sample = sampleRows(rowCount, seed);
  const rows = new Uint8Array(rowCount * featureCount);
  const cuts: Float32Array[] = [];
  const columns = matrix.columns.map((column, feature) => {
    const featureCuts = chooseCuts(sortedSample(column, sample), maxBins);
    cuts.push(featureCuts);
    const bins = new Uint8Array(rowCount);
    for (let i = 0; i < rowCount; i++) {
      const bin = binOf(column[i]!, featureCuts);
      bins[i] = bin;
      rows[i * featureCount + feature] = bin;
    }
    return bins;
  });
  return { rowCount, featureCount, cuts, columns, rows };
}

/** The bin of a value: how many cuts lie below it. */
export function binOf(value: number, cuts: Float32Array): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Cuts between neighbouring distinct values: between all of them when there are at most maxBins, else so that bins hold about the same
 * number of values. A value too frequent for its share has a bin to itself, and the others divide what is left.
 *
 * @param sorted values ascending, none missing
 */
export function chooseCuts(sorted: Float32Array, maxBins: number): Float32Array {
  const { values, counts } = distinct(sorted);
  const cuts: number[] = [];
  const oneBinEach = values.length <= maxBins;
  let valuesLeft = sorted.length;
  let binsLeft = maxBins;
  let inBin = 0;
  for (let i = 0; i < values.length - 1 && binsLeft > 1; i++) {
    inBin += counts[i]!;
    const share = valuesLeft / binsLeft;
    if (oneBinEach || inBin >= share || counts[i + 1]! >= share) {
      cuts.push(between(values[i]!, values[i + 1]!));
      valuesLeft -= inBin;
      binsLeft--;
      inBin = 0;
    }
  }
  return Float32Array.from(cuts);
}

/** A float32 with low <= it < high: the one nearest the middle, or low where none lies between. */
function between(low: number, high: number): number {
  const middle = Math.fround((low + high) / 2);
  return middle < high ? middle : low;
}

function distinct(sorted: Float32Array): { values: number[]; counts: number[] } {
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (value === values.at(-1)) {
      counts[counts.length - 1]!++;
    } else {
      values.push(value);
      counts.push(1);
    }
  }
  return { values, counts };
}

/** Positions of the rows that cuts are chosen from; undefined means all. */
function sampleRows(rowCount: number, seed: number): Uint32Array | undefined {
  if (rowCount <= SAMPLED_ROWS) return undefined;
  const random = seededRandom(seed);
  return Uint32Array.from({ length: SAMPLED_ROWS }, () => random.integer(rowCount));
}

function sortedSample(column: Float32Array, sample: Uint32Array | undefined): Float32Array {
  const size = sample?.length ?? column.length;
  const values = new Float32Array(size);
  let present = 0;
  for (let i = 0; i < size; i++) {
    const value = column[sample ? sample[i]! : i]!;
    if (!Number.isNaN(value)) values[present++] = value;
  }
  return values.subarray(0, present).sort();
}
