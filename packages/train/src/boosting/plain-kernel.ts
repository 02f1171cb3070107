/**
 * The inner loops of boosting in plain TypeScript: what runs where WebAssembly is not to be had, and the oracle of the kernel that is
 * compiled from `kernels/boosting/grow-trees.ts`. Both do the same arithmetic in the same order and leave the same bytes in memory, so
 * the model does not depend on which one ran.
 *
 * Memory is one shared buffer; places in it are addresses in bytes, laid out by `TrainingMemory`. A pair is eight bytes: the hessian
 * first, the gradient after it, both float32 while they are derivatives and both int32 once they are quantised. As one 64-bit integer a
 * pair adds up in one instruction: hessians are never negative and their sums stay below 2^31, so nothing is carried into gradients.
 */
import type { GrowTreesKernel } from './grow-trees-wasm.js';

/** Sums of derivatives are bounded in steps of 1/2^24, rounded up: whole numbers, whose sum doesn't depend on their order. */
export const SUM_STEPS = 2 ** 24;
/** Bytes of the sums of a column: 256 pairs, and as much as keeps columns apart in the processor's cache. */
export const COLUMN_BYTES = 2112;
/** Bytes of what the kernel knows of a feature. */
export const FEATURE_BYTES = 32;

/** The kernel over a memory. */
export function plainKernel(buffer: SharedArrayBuffer): GrowTreesKernel {
  return new PlainKernel(buffer);
}

class PlainKernel implements GrowTreesKernel {
  readonly #bytes: Uint8Array;
  readonly #ints: Int32Array;
  readonly #float32: Float32Array;
  readonly #float64: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#ints = new Int32Array(buffer);
    this.#float32 = new Float32Array(buffer);
    this.#float64 = new Float64Array(buffer);
  }

  /**
   * Derivatives of the log loss by the margin, of rows start to end: gradient = weight (p - label), hessian = weight p (1 - p), with
   * p = 1 / (1 + e^-margin). Leaves bounds of their sums at `sums`, in steps of {@link SUM_STEPS}: of |gradient|, then of the hessian.
   *
   * @param weights float32, at most 1; 0: every row weighs 1
   */
  logLossDerivatives(
    derivatives: number,
    margins: number,
    labels: number,
    weights: number,
    start: number,
    end: number,
    sums: number,
  ): void {
    let gradientSteps = 0;
    let hessianSteps = 0;
    for (let row = start; row < end; row++) {
      const weight = weights === 0 ? 1 : this.#float32[(weights >>> 2) + row]!;
      const probability = 1 / (1 + exponential(-this.#float64[(margins >>> 3) + row]!));
      const gradient = weight * (probability - this.#bytes[labels + row]!);
      const hessian = weight * (probability * (1 - probability));
      gradientSteps += Math.ceil(SUM_STEPS * Math.abs(gradient));
      hessianSteps += Math.ceil(SUM_STEPS * hessian);
      this.#float32[(derivatives >>> 2) + 2 * row] = hessian;
      this.#float32[(derivatives >>> 2) + 2 * row + 1] = gradient;
    }
    this.#float64[sums >>> 3] = gradientSteps;
    this.#float64[(sums >>> 3) + 1] = hessianSteps;
  }

  /** Derivatives times the scales, rounded to whole numbers (ties to even), in their place. The scales are powers of two. */
  quantise(derivatives: number, start: number, end: number, hessianScale: number, gradientScale: number): void {
    const first = derivatives >>> 2;
    for (let at = first + 2 * start; at < first + 2 * end; at += 2) {
      this.#ints[at] = roundToInt(this.#float32[at]! * hessianScale);
      this.#ints[at + 1] = roundToInt(this.#float32[at + 1]! * gradientScale);
    }
  }

  /** index[start .. end) = first, first + 1, ... */
  fillIndex(index: number, start: number, end: number, first: number): void {
    for (let i = start; i < end; i++) this.#ints[(index >>> 2) + i] = first + i - start;
  }

  /**
   * Adds the pairs of the rows index[start .. end), of rows start to end themselves where index is 0, to the sums of their codes in each
   * column from firstColumn to endColumn, COLUMN_BYTES a column.
   *
   * @param rows codes row after row, rowStride bytes a row
   * @param block the other kernel's room for blockRows rows and their pairs
   */
  addToColumns(
    columns: number,
    rows: number,
    rowStride: number,
    derivatives: number,
    index: number,
    start: number,
    end: number,
    firstColumn: number,
    endColumn: number,
    _block: number,
    _blockRows: number,
  ): void {
    const ints = this.#ints;
    const bytes = this.#bytes;
    for (let i = start; i < end; i++) {
      const row = index === 0 ? i : ints[(index >>> 2) + i]!;
      const pair = (derivatives >>> 2) + 2 * row;
      const hessian = ints[pair]!;
      const gradient = ints[pair + 1]!;
      const from = rows + row * rowStride;
      for (let column = firstColumn; column < endColumn; column++) {
        const at = ((columns + column * COLUMN_BYTES) >>> 2) + 2 * bytes[from + column]!;
        ints[at]! += hessian;
        ints[at + 1]! += gradient;
      }
    }
  }

  /**
   * Makes histograms of features of the columns' sums, and leaves zeros in their place. A code of a column that several features share is the sum of
   * bin times step over these features: a feature's bin has the sum over all codes with that bin.
   *
   * @param features FEATURE_BYTES each; see `writeFeatures`
   * @param owned positions of the features to take, ascending, as uint32: all that share a column, or none of them
   */
  takeFromColumns(histogram: number, columns: number, features: number, owned: number, ownedCount: number): void {
    const ints = this.#ints;
    for (let i = 0; i < ownedCount; i++) {
      const entry = (features + FEATURE_BYTES * ints[(owned >>> 2) + i]!) >>> 2;
      const to = (histogram + ints[entry]!) >>> 2;
      const bins = ints[entry + 1]! + 2;
      const from = (columns + ints[entry + 2]!) >>> 2;
      const step = ints[entry + 3]!;
      const codes = ints[entry + 4]!;
      ints.fill(0, to, to + 2 * bins);
      for (let code = 0; code < codes; code++) {
        const bin = Math.floor(code / step) % bins;
        ints[to + 2 * bin]! += ints[from + 2 * code]!;
        ints[to + 2 * bin + 1]! += ints[from + 2 * code + 1]!;
      }
      if (ints[entry + 5] !== 0) ints.fill(0, from, from + 2 * codes);
    }
  }

  /** Counts the same rows by bin, with a uint32 where the histogram has a pair, so at half of each place. */
  addCounts(
    counts: number,
    columns: number,
    columnStride: number,
    index: number,
    start: number,
    end: number,
    features: number,
    owned: number,
    ownedCount: number,
  ): void {
    const ints = this.#ints;
    for (let each = 0; each < ownedCount; each++) {
      const feature = ints[(owned >>> 2) + each]!;
      const column = columns + feature * columnStride;
      const first = (counts + (ints[(features + FEATURE_BYTES * feature) >>> 2]! >>> 1)) >>> 2;
      for (let i = start; i < end; i++) {
        const row = index === 0 ? i : ints[(index >>> 2) + i]!;
        ints[first + this.#bytes[column + row]!]!++;
      }
    }
  }

  /** whole -= part, pair by pair or count by count; bytes is a multiple of 16. */
  subtract(whole: number, part: number, bytes: number): void {
    const ints = this.#ints;
    for (let i = 0; i < bytes >>> 2; i++) ints[(whole >>> 2) + i]! -= ints[(part >>> 2) + i]!;
  }

  /** sum += part. */
  add(sum: number, part: number, bytes: number): void {
    const ints = this.#ints;
    for (let i = 0; i < bytes >>> 2; i++) ints[(sum >>> 2) + i]! += ints[(part >>> 2) + i]!;
  }

  clear(from: number, bytes: number): void {
    this.#bytes.fill(0, from, from + bytes);
  }

  /**
   * The best split of a node by numbers, as a record at `record`; see `SplitRecord`. A cut scores GL^2 / (HL + l2) + GR^2 / (HR + l2),
   * everything in quanta; bins up to the cut go left. Missing values are tried on the right first, then on the left. Of equal gains the
   * first feature wins, of equal scores the first cut.
   *
   * @param searched positions of the features to search, as uint32
   * @param leastScore a cut must exceed it, with leastHessian on both sides
   * @param before the node's own score: half of what a split adds to it, times gainPerScore, is its gain
   */
  findSplit(
    histogram: number,
    features: number,
    searched: number,
    searchedCount: number,
    gradient: number,
    hessian: number,
    l2: number,
    leastHessian: number,
    leastScore: number,
    before: number,
    gainPerScore: number,
    record: number,
  ): void {
    const node = { gradient, hessian, l2, leastHessian };
    const ints = this.#ints;
    ints[(record >>> 2) + 6] = 0;
    const found = record + 96;
    let threshold = leastScore;
    let bestGain = 0;
    for (let i = 0; i < searchedCount; i++) {
      const feature = ints[(searched >>> 2) + i]!;
      const entry = (features + FEATURE_BYTES * feature) >>> 2;
      const sums = histogram + ints[entry]!;
      const count = ints[entry + 1]!;
      const missingHessian = ints[(sums >>> 2) + 2 * (count + 1)]!;
      const missingGradient = ints[(sums >>> 2) + 2 * (count + 1) + 1]!;
      const anyMissing = missingHessian !== 0 || missingGradient !== 0;
      // Behind the last bin only missing values are left.
      let bin = this.#findCut(node, sums, anyMissing ? count + 1 : count, 0, 0, threshold, found);
      let missingLeft = false;
      if (anyMissing) {
        const least = bin >= 0 ? this.#float64[found >>> 3]! : threshold;
        const other = this.#findCut(node, sums, count, missingGradient, missingHessian, least, found);
        missingLeft = other >= 0;
        if (missingLeft) bin = other;
      }
      if (bin < 0) continue;
      const score = this.#float64[found >>> 3]!;
      const gain = 0.5 * (score - before) * gainPerScore;
      if (!(gain > bestGain)) continue;
      threshold = score;
      bestGain = gain;
      const leftHessian = ints[(found >>> 2) + 2]!;
      if (!anyMissing) missingLeft = leftHessian >= hessian - leftHessian;
      this.#writeSplit(record, { gain, gradient: ints[(found >>> 2) + 3]!, hessian: leftHessian, missingLeft, bin, feature });
    }
  }

  #writeSplit(record: number, split: FoundSplit): void {
    this.#float64[record >>> 3] = split.gain;
    this.#float64[(record >>> 3) + 1] = split.gradient;
    this.#float64[(record >>> 3) + 2] = split.hessian;
    this.#ints[(record >>> 2) + 6] = 1;
    this.#ints[(record >>> 2) + 7] = Number(split.missingLeft);
    this.#float64[(record >>> 3) + 4] = 0;
    this.#ints[(record >>> 2) + 10] = split.bin;
    this.#ints[(record >>> 2) + 11] = split.feature;
  }

  /** Tries the cuts behind bins 0 to cuts - 1; leaves score and left side of the best at `found`, and returns its bin or -1. */
  #findCut(
    { gradient, hessian, l2, leastHessian }: { gradient: number; hessian: number; l2: number; leastHessian: number },
    sums: number,
    cuts: number,
    leftGradient: number,
    leftHessian: number,
    leastScore: number,
    found: number,
  ): number {
    let best = leastScore;
    let bestBin = -1;
    let gl = leftGradient;
    let hl = leftHessian;
    for (let bin = 0; bin < cuts; bin++) {
      hl += this.#ints[(sums >>> 2) + 2 * bin]!;
      gl += this.#ints[(sums >>> 2) + 2 * bin + 1]!;
      if (hl < leastHessian || hessian - hl < leastHessian) continue;
      const gr = gradient - gl;
      const a = hl + l2;
      const b = hessian - hl + l2;
      const score = (gl * gl * b + gr * gr * a) / (a * b);
      if (score > best) {
        best = score;
        bestBin = bin;
        this.#float64[found >>> 3] = score;
        this.#ints[(found >>> 2) + 2] = hl;
        this.#ints[(found >>> 2) + 3] = gl;
      }
    }
    return bestBin;
  }

  /**
   * Parts the rows index[start .. end) by the bins of a column: those whose bin goes left to the front, both sides in their order.
   *
   * @param goesLeft a byte for each of 256 bins, 1 or 0
   * @param moved room for end - start rows and three more
   * @param _orders what the other kernel looks up; see `writeOrders`
   * @returns where in the index the right side begins
   */
  part(index: number, start: number, end: number, column: number, goesLeft: number, moved: number, _orders: number): number {
    const ints = this.#ints;
    const first = index >>> 2;
    let kept = first + start;
    let other = moved >>> 2;
    for (let at = first + start; at < first + end; at++) {
      const row = ints[at]!;
      if (this.#bytes[goesLeft + this.#bytes[column + row]!] === 1) ints[kept++] = row;
      else ints[other++] = row;
    }
    ints.copyWithin(kept, moved >>> 2, other);
    return kept - first;
  }

  /** margins[row] += value for the rows index[start .. end). */
  addToMargins(margins: number, index: number, start: number, end: number, value: number): void {
    for (let i = start; i < end; i++) this.#float64[(margins >>> 3) + this.#ints[(index >>> 2) + i]!]! += value;
  }
}

/** A split with the sums of its left side. */
interface FoundSplit {
  readonly gain: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly missingLeft: boolean;
  readonly bin: number;
  readonly feature: number;
}

/** Adding and taking away rounds to a whole number, ties to even: float64 has no digits for more. */
const ROUNDER = 1.5 * 2 ** 52;
const LARGEST_INT = 2 ** 31 - 1;
/** ln 2 in two parts; products of the first with whole numbers up to 2^20 are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LARGEST_EXPONENT = 600;

function roundToInt(value: number): number {
  return Math.min(Math.fround(value) + ROUNDER - ROUNDER, LARGEST_INT);
}

/** e^x to about nine digits, by a polynomial of e^r with x = k ln 2 + r. Math.exp differs between machines. */
function exponential(x: number): number {
  const bounded = Math.max(-LARGEST_EXPONENT, Math.min(LARGEST_EXPONENT, x));
  const k = bounded * Math.LOG2E + ROUNDER - ROUNDER;
  const r = bounded - k * LN2_HIGH - k * LN2_LOW;
  // In pairs, so that processors can work on several at once; the kernel does the same.
  const r2 = r * r;
  const r4 = r2 * r2;
  const low = 1 + r + (0.5 + (1 / 6) * r) * r2;
  const high = 1 / 24 + (1 / 120) * r + (1 / 720 + (1 / 5040) * r) * r2;
  const sum = low + (high + (1 / 40320) * r4) * r4;
  return sum * 2 ** k;
}

/** Bytes of {@link writeOrders}. */
export const ORDERS_BYTES = 16 * 32;

/**
 * For the kernel that parts four rows at a time: for each set of those that go left, as four bits, the bytes of four uint32 in the order
 * that puts the left ones first, then in the order that puts the right ones first.
 */
export function writeOrders(bytes: Uint8Array, orders: number): void {
  const rows = [0, 1, 2, 3];
  for (let sides = 0; sides < 16; sides++) {
    const left = rows.filter((row) => (sides >>> row) & 1);
    const right = rows.filter((row) => !((sides >>> row) & 1));
    const order = [...left, ...right, ...right, ...left].flatMap((row) => [4 * row, 4 * row + 1, 4 * row + 2, 4 * row + 3]);
    bytes.set(order, orders + 32 * sides);
  }
}
