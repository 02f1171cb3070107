/**
 * How columns of float32 values become bins, in plain TypeScript: what runs where WebAssembly is not to be had, and the oracle of the kernel
 * that is compiled from `kernels/boosting/fill-bins.ts`. Both leave the same bytes in memory. Places are addresses in bytes.
 *
 * Values are sorted by their bits, eleven at a time, least significant first (radix sort). Bins are found by cells: the upper half of a
 * float32's bits (sign, exponent, seven digits) picks a cell; a table says in which bin the cell's smallest value lies, and from there it
 * is seldom more than a step to the bin of the value.
 */
import type { FillBinsKernel } from './fill-bins-wasm.js';

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const PASSES = 3;
/** Bytes that sorting needs for counting digits. */
export const DIGITS_BYTES = 4 * DIGITS * PASSES;
/** Cells, a byte each. */
export const CELLS = 65_536;
/** Exponent bits all set: infinite or missing, and infinite values were refused. */
const NOT_A_NUMBER = 0x7f80;

/** The functions over a memory. */
export function plainBinning(buffer: SharedArrayBuffer): FillBinsKernel {
  return new PlainBinning(buffer);
}

class PlainBinning implements FillBinsKernel {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #float32: Float32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#float32 = new Float32Array(buffer);
  }

  /**
   * Keys of the values that aren't missing: whole numbers that ascend as the values do. Writes one word beyond the last key at most.
   * @returns how many there are
   */
  sortKeys(values: number, count: number, keys: number): number {
    const words = this.#words;
    let to = keys >>> 2;
    for (let at = values >>> 2; at < (values >>> 2) + count; at++) {
      const bits = words[at]!;
      // Bits of a positive float ascend with its value; those of a negative one descend, and are turned around.
      words[to] = bits >>> 31 === 1 ? ~bits : bits | 0x8000_0000;
      if (!Number.isNaN(this.#float32[at])) to++;
    }
    return to - (keys >>> 2);
  }

  /** Sorts the keys, which become values again. @returns where they are: at `keys`, or at `other` */
  sortByKeys(keys: number, other: number, count: number, digits: number): number {
    const words = this.#words;
    const counts = words.subarray(digits >>> 2, (digits >>> 2) + DIGITS * PASSES).fill(0);
    for (let at = keys >>> 2; at < (keys >>> 2) + count; at++) {
      for (let pass = 0; pass < PASSES; pass++) counts[placeOf(words[at]!, pass)]!++;
    }
    let from = keys >>> 2;
    let to = other >>> 2;
    for (let pass = 0; pass < PASSES; pass++) {
      // All have the same digit, so they are in order.
      if (count === 0 || counts[placeOf(words[from]!, pass)] === count) continue;
      let place = to;
      for (let digit = pass * DIGITS; digit < (pass + 1) * DIGITS; digit++) {
        const size = counts[digit]!;
        counts[digit] = 4 * place;
        place += size;
      }
      for (let at = from; at < from + count; at++) {
        const digit = placeOf(words[at]!, pass);
        words[counts[digit]! >>> 2] = words[at]!;
        counts[digit]! += 4;
      }
      [from, to] = [to, from];
    }
    for (let at = from; at < from + count; at++) {
      const key = words[at]!;
      words[at] = key >>> 31 === 1 ? key & 0x7fff_ffff : ~key;
    }
    return 4 * from;
  }

  /**
   * The bin of each cell's smallest value, missingBin for those of no number.
   *
   * @param bounds 257 float32: the cuts ascending, then infinity
   */
  fillCells(cells: number, bounds: number, missingBin: number): void {
    this.#bytes.fill(missingBin, cells, cells + CELLS);
    let bin = 0;
    const setCell = (cell: number, smallest: number) => {
      bin = this.#firstBin(smallest, bounds, bin);
      this.#bytes[cells + cell] = bin;
    };
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (let cell = 0x8000 + NOT_A_NUMBER - 1; cell >= 0x8000; cell--) {
      // Of negative values the smallest has the largest bits.
      bits[0] = (cell << 16) | 0xffff;
      setCell(cell, value[0]!);
    }
    for (let cell = 0; cell < NOT_A_NUMBER; cell++) {
      bits[0] = cell << 16;
      setCell(cell, value[0]!);
    }
  }

  /** Writes the bin of each value: how many cuts lie below it, or that of missing ones for NaN. */
  binValues(values: number, count: number, cells: number, bounds: number, bins: number): void {
    for (let i = 0; i < count; i++) {
      const at = (values >>> 2) + i;
      const cell = this.#words[at]! >>> 16;
      this.#bytes[bins + i] = this.#firstBin(this.#float32[at]!, bounds, this.#bytes[cells + cell]!);
    }
  }

  /** The first bin from `bin` on that holds the value; for NaN that bin itself. */
  #firstBin(value: number, bounds: number, bin: number): number {
    let found = bin;
    while (value > this.#float32[(bounds >>> 2) + found]!) found++;
    return found;
  }

  /**
   * Writes the bins of a column into rows, rowStride bytes apart, or, if it `adds`, adds them times `step` to what is there.
   */
  turn(rows: number, rowStride: number, column: number, count: number, step: number, adds: number): void {
    const bytes = this.#bytes;
    for (let i = 0; i < count; i++) {
      const at = rows + i * rowStride;
      bytes[at] = (adds === 0 ? 0 : bytes[at]!) + (adds === 0 ? 1 : step) * bytes[column + i]!;
    }
  }
}

/** Where the key's digit is counted. */
function placeOf(key: number, pass: number): number {
  return pass * DIGITS + ((key >>> (pass * DIGIT_BITS)) & (DIGITS - 1));
}
