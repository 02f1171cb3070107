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
   * Adds the pairs of the rows index[start .. end), of rows start to end themselves where index is 0, to the sums of their bins.
   *
   * @param bins row-major, rowStride bytes a row
   * @param places where in the histogram the sums of each feature begin; placeCount of them, a multiple of four
   * @param block the other kernel's room for blockRows rows and their pairs
   */
  addHistogram(
    histogram: number,
    bins: number,
    rowStride: number,
    derivatives: number,
    index: number,
    start: number,
    end: number,
    places: number,
    placeCount: number,
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
      const from = bins + row * rowStride;
      for (let feature = 0; feature < placeCount; feature++) {
        const at = ((histogram + ints[(places >>> 2) + feature]!) >>> 2) + 2 * bytes[from + feature]!;
        ints[at]! += hessian;
        ints[at + 1]! += gradient;
      }
    }
  }

  /** Counts the same rows by bin: a uint32 where the histogram has a pair, so at half of each place. */
  addCounts(
    counts: number,
    bins: number,
    rowStride: number,
    index: number,
    start: number,
    end: number,
    places: number,
    featureCount: number,
  ): void {
    const ints = this.#ints;
    for (let i = start; i < end; i++) {
      const row = index === 0 ? i : ints[(index >>> 2) + i]!;
      const from = bins + row * rowStride;
      for (let feature = 0; feature < featureCount; feature++) {
        ints[((counts + (ints[(places >>> 2) + feature]! >>> 1)) >>> 2) + this.#bytes[from + feature]!]!++;
      }
    }
  }

  /** whole -= part, pair by pair or count by count; bytes is a multiple of 16. */
  subtract(whole: number, part: number, bytes: number): void {
    const ints = this.#ints;
    for (let i = 0; i < bytes >>> 2; i++) ints[(whole >>> 2) + i]! -= ints[(part >>> 2) + i]!;
  }

  /** Leaves part's sums in whole, and in part those that whole had besides. */
  subtractAndSwap(whole: number, part: number, bytes: number): void {
    const ints = this.#ints;
    for (let i = 0; i < bytes >>> 2; i++) {
      const left = ints[(part >>> 2) + i]!;
      ints[(part >>> 2) + i] = ints[(whole >>> 2) + i]! - left;
      ints[(whole >>> 2) + i] = left;
    }
  }

  /** sum += part. */
  add(sum: number, part: number, bytes: number): void {
    const ints = this.#ints;
    for (let i = 0; i < bytes >>> 2; i++) ints[(sum >>> 2) + i]! += ints[(part >>> 2) + i]!;
  }

  clear(from: number, bytes: number): void {
    this.#bytes.fill(0, from, from + bytes);
  }

  copy(to: number, from: number, bytes: number): void {
    this.#bytes.copyWithin(to, from, from + bytes);
  }

  /**
   * The best cut of a feature: bins 0 to b go left, together with what `leftGradient` and `leftHessian` hold already. Scores a cut by
   * GL^2 / (HL + l2) + GR^2 / (HR + l2), everything in quanta; leaves score, GL and HL at `found`.
   *
   * @param sums the feature's pairs
   * @param cuts tried are the cuts behind bins 0 to cuts - 1
   * @param leastScore a cut must exceed it, with leastHessian on both sides; of equal ones the first wins
   * @returns the bin before the cut, or -1
   */
  findCut(
    sums: number,
    cuts: number,
    leftGradient: number,
    leftHessian: number,
    gradient: number,
    hessian: number,
    l2: number,
    leastHessian: number,
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
      const hr = hessian - hl;
      const gr = gradient - gl;
      const a = hl + l2;
      const b = hr + l2;
      const product = a * b;
      // Multiplied out, since dividing is slow and the best is seldom beaten.
      const strength = gl * gl * b + gr * gr * a;
      if (strength > best * product && hl >= leastHessian && hr >= leastHessian) {
        best = strength / product;
        bestBin = bin;
        this.#float64[(found >>> 3) + 1] = gl;
        this.#float64[(found >>> 3) + 2] = hl;
      }
    }
    if (bestBin >= 0) this.#float64[found >>> 3] = best;
    return bestBin;
  }

  /**
   * Parts the rows index[start .. end) by the bins of a column: those whose bin goes left to the front, both sides in their order.
   *
   * @param goesLeft a byte for each of 256 bins, 1 or 0
   * @param moved room for end - start rows
   * @returns where in the index the right side begins
   */
  part(index: number, start: number, end: number, column: number, goesLeft: number, moved: number): number {
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
  let sum = 1 / 40320;
  sum = sum * r + 1 / 5040;
  sum = sum * r + 1 / 720;
  sum = sum * r + 1 / 120;
  sum = sum * r + 1 / 24;
  sum = sum * r + 1 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  sum = sum * r + 1;
  return sum * 2 ** k;
}
