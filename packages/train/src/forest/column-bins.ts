/**
 * Features as bytes, one column a feature. A feature's values are cut at up to 254 thresholds; a feature with no more distinct values than
 * bins has a bin for each. Bin b holds the values x with cuts[b - 1] < x <= cuts[b]; missing values have a bin of their own. Cuts are
 * float32 halfway between neighbouring values, so a tree sends a row the same way by its bins and by its features.
 *
 * Bins are about equal in the sum of two shares: of all genuine rows, and of all frauds. Where frauds are rare, bins of equal counts
 * would hardly tell apart the values at which frauds lie, such as the largest amounts.
 */
import { type FeatureMatrix, type Random, seededRandom } from '@fraudops/core';

/** A matrix as bins. */
export interface ColumnBins {
  readonly rowCount: number;
  /** Bins by feature: columns[feature][row]. */
  readonly columns: readonly Uint8Array[];
  /** Upper ends of each feature's bins, ascending; one fewer than bins, since the last bin has no end. */
  readonly cuts: readonly Float32Array[];
}

/** Bin of missing values, in every feature. */
export const MISSING = 255;
/** Most bins of a feature besides the one for missing values. */
export const MAX_COLUMN_BINS = 255;
/** Rows of a class from which cuts are chosen, at most. */
const SAMPLE_ROWS = 100_000;

/** @param seed draws the rows that cuts are chosen from when a class has more than 100,000 */
export function binColumns(matrix: FeatureMatrix, labels: Uint8Array, bins: number, seed: number): ColumnBins {
  const random = seededRandom(seed).fork('bins');
  const genuine = sampleClass(labels, 0, random);
  const fraud = sampleClass(labels, 1, random);
  const cuts = matrix.columns.map((column) => balancedCuts(sortedValues(column, genuine), sortedValues(column, fraud), bins));
  const finder = new BinFinder();
  const columns = matrix.columns.map((column, feature) => finder.binColumn(column, cuts[feature]!));
  return { rowCount: matrix.rowCount, columns, cuts };
}

/** Positions of the rows of a class, or of a sample of them, drawn without replacement. */
function sampleClass(labels: Uint8Array, label: number, random: Random): Uint32Array {
  let left = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) left++;
  const sample = new Uint32Array(Math.min(left, SAMPLE_ROWS));
  let taken = 0;
  for (let row = 0; taken < sample.length; row++) {
    if (labels[row] !== label) continue;
    // Each row that is left is as likely as any other to fill one of the places that are left (Fan, Muller and Rezucha 1962).
    if (left === sample.length - taken || random.integer(left) < sample.length - taken) sample[taken++] = row;
    left--;
  }
  return sample;
}

function sortedValues(column: Float32Array, rows: Uint32Array): Float32Array {
  const values = new Float32Array(rows.length);
  let present = 0;
  for (const row of rows) if (!Number.isNaN(column[row]!)) values[present++] = column[row]!;
  return values.subarray(0, present).sort();
}

/**
 * A cut follows a value once its bin holds its share of what is left, or when the next value alone would fill a bin. All frauds together
 * count as much as all genuine rows.
 *
 * @param genuine values of genuine rows, ascending, none missing
 * @param fraud values of frauds, likewise
 */
export function balancedCuts(genuine: Float32Array, fraud: Float32Array, bins: number): Float32Array {
  const { values, shares } = distinctValues(genuine, fraud);
  const cuts: number[] = [];
  let left = shares.reduce((sum, share) => sum + share, 0);
  let inBin = 0;
  for (let i = 0; i < values.length - 1 && cuts.length < bins - 1; i++) {
    inBin += shares[i]!;
    const fair = left / (bins - cuts.length);
    if (values.length > bins && inBin < fair && shares[i + 1]! < fair) continue;
    cuts.push(halfway(values[i]!, values[i + 1]!));
    left -= inBin;
    inBin = 0;
  }
  return Float32Array.from(cuts);
}

/** Distinct values, ascending, each with its share of the genuine rows plus its share of the frauds. */
function distinctValues(genuine: Float32Array, fraud: Float32Array): { values: number[]; shares: number[] } {
  const values: number[] = [];
  const shares: number[] = [];
  let g = 0;
  let f = 0;
  while (g < genuine.length || f < fraud.length) {
    const value = Math.min(genuine[g] ?? Number.POSITIVE_INFINITY, fraud[f] ?? Number.POSITIVE_INFINITY);
    let share = 0;
    for (; genuine[g] === value; g++) share += 1 / genuine.length;
    for (; fraud[f] === value; f++) share += 1 / fraud.length;
    values.push(value);
    shares.push(share);
  }
  return { values, shares };
}

/** The float32 nearest the middle that is at least `low` and below `high`. */
function halfway(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2);
  return middle >= low && middle < high ? middle : low;
}

/** Top bits of a float32 that the look-up table is indexed by: sign, exponent and seven bits of mantissa. */
const TABLE_SIZE = 2 ** 16;

/** Finds bins by a table over the top half of a float's bits, which leaves few cuts to compare with. */
class BinFinder {
  readonly #float = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#float.buffer);
  /** By the top bits: how many cuts lie below every value that has them. */
  readonly #firstBin = new Uint8Array(TABLE_SIZE);

  binColumn(column: Float32Array, cuts: Float32Array): Uint8Array {
    this.#fillTable(cuts);
    const firstBin = this.#firstBin;
    const bits = new Uint32Array(column.buffer, column.byteOffset, column.length);
    // Shared, so that threads can read them.
    const bins = new Uint8Array(new SharedArrayBuffer(column.length));
    const cutCount = cuts.length;
    for (let i = 0; i < column.length; i++) {
      const value = column[i]!;
      let bin = firstBin[bits[i]! >>> 16]!;
      while (bin < cutCount && value > cuts[bin]!) bin++;
      bins[i] = Number.isNaN(value) ? MISSING : bin;
    }
    return bins;
  }

  #fillTable(cuts: Float32Array): void {
    const half = TABLE_SIZE / 2;
    // Floats of one sign are in the order of their bits, negative ones backwards; 0x7f80 and 0xff80 begin the infinities and NaN.
    let bin = 0;
    for (let top = 0xff80; top >= half; top--) bin = this.#fill(top, ((top << 16) | 0xffff) >>> 0, cuts, bin);
    for (let top = 0; top <= 0x7f80; top++) bin = this.#fill(top, (top << 16) >>> 0, cuts, bin);
    this.#firstBin.fill(0, 0x7f81, half);
    this.#firstBin.fill(0, 0xff81);
  }

  #fill(top: number, leastBits: number, cuts: Float32Array, from: number): number {
    let bin = from;
    this.#bits[0] = leastBits;
    const least = this.#float[0]!;
    while (bin < cuts.length && cuts[bin]! < least) bin++;
    this.#firstBin[top] = bin;
    return bin;
  }
}
