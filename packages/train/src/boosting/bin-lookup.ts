/**
 * Bins for whole columns. The upper half of a float32's bits (sign, exponent, seven digits) picks a cell; a table says in which bin the
 * cell's smallest value lies, and from there it is seldom more than a step to the bin of the value.
 */

const CELLS = 65_536;
/** Exponent bits all set: infinite or missing, and infinite values were refused. */
const NOT_A_NUMBER = 0x7f80;

/** Finds bins by a table of 64 KB, filled anew for each feature. */
export class BinLookup {
  readonly #table = new Uint8Array(CELLS);
  readonly #smallest = smallestOfCells();
  readonly #bounds = new Float32Array(257);

  /** Writes the bin of each value of the column to `bins`: how many cuts lie below it, or missingBin for NaN. */
  binColumn(column: Float32Array, cuts: Float32Array, missingBin: number, bins: Uint8Array): void {
    this.#fill(cuts, missingBin);
    const table = this.#table;
    const bounds = this.#bounds;
    const bits = new Uint32Array(column.buffer, column.byteOffset, column.length);
    for (let i = 0; i < bits.length; i++) {
      let bin = table[bits[i]! >>> 16]!;
      // False for NaN.
      while (column[i]! > bounds[bin]!) bin++;
      bins[i] = bin;
    }
  }

  #fill(cuts: Float32Array, missingBin: number): void {
    this.#bounds.fill(Number.POSITIVE_INFINITY).set(cuts);
    let bin = 0;
    const setCell = (cell: number) => {
      while (this.#smallest[cell]! > this.#bounds[bin]!) bin++;
      this.#table[cell] = bin;
    };
    this.#table.fill(missingBin);
    for (let cell = 0x8000 + NOT_A_NUMBER - 1; cell >= 0x8000; cell--) setCell(cell);
    for (let cell = 0; cell < NOT_A_NUMBER; cell++) setCell(cell);
  }
}

/** The smallest value of each cell, which for negative ones is that with the largest bits. */
function smallestOfCells(): Float32Array {
  const bits = Uint32Array.from({ length: CELLS }, (_, cell) => (cell < 0x8000 ? cell << 16 : (cell << 16) | 0xffff) >>> 0);
  return new Float32Array(bits.buffer);
}
