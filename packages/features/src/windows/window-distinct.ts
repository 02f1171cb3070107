import type { RowCodes } from './pair-codes.js';
import { BLOCK_ROWS, type WindowBounds } from './window-bounds.js';

/** How many different categories an entity's rows in the window have: those of which the window holds at least one row. */
export class WindowDistinct {
  /** By row of the last block: the number of different categories in its window; NaN without an entity. */
  readonly values = new Float64Array(BLOCK_ROWS);
  readonly #codes: Int32Array;
  readonly #pairs: Int32Array;
  readonly #rowsOfPair: Int32Array;
  readonly #distinct: Int32Array;
  #first = 0;
  #last = 0;

  /** @param pairs rows by entity and category */
  constructor({ codes, codeCount }: RowCodes, pairs: RowCodes) {
    this.#codes = codes;
    this.#pairs = pairs.codes;
    this.#rowsOfPair = new Int32Array(pairs.codeCount);
    this.#distinct = new Int32Array(codeCount);
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number, { from, to }: WindowBounds): void {
    const codes = this.#codes;
    const pairs = this.#pairs;
    const rowsOfPair = this.#rowsOfPair;
    const distinct = this.#distinct;
    let first = this.#first;
    let last = this.#last;
    for (let place = begin; place < end; place++) {
      const windowFrom = from[place - begin]!;
      const windowTo = to[place - begin]!;
      for (const leaving = Math.min(windowFrom, last); first < leaving; first++) {
        const pair = pairs[first]!;
        if (pair >= 0 && --rowsOfPair[pair]! === 0) distinct[codes[first]!]!--;
      }
      if (last < windowFrom) first = last = windowFrom;
      for (; last < windowTo; last++) {
        const pair = pairs[last]!;
        if (pair >= 0 && ++rowsOfPair[pair]! === 1) distinct[codes[last]!]!++;
      }
      this.values[place - begin] = codes[place]! < 0 ? Number.NaN : distinct[codes[place]!]!;
    }
    this.#first = first;
    this.#last = last;
  }
}
