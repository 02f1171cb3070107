import type { RowCodes } from './pair-codes.js';
import { BLOCK_ROWS, type WindowBounds } from './window-bounds.js';

/** How many rows of each key stand in the window, where rows without a key (-1) aren't counted. */
export class WindowTally {
  /** By row of the last block: how many rows in its window have the key it asks for; NaN when it asks for none (-1). */
  readonly values = new Float64Array(BLOCK_ROWS);
  readonly #keys: Int32Array;
  readonly #asked: Int32Array;
  readonly #tally: Int32Array;
  #first = 0;
  #last = 0;

  /** @param keys what rows are counted by @param asked which key each row asks for; default its own */
  constructor({ codes, codeCount }: RowCodes, asked = codes) {
    this.#keys = codes;
    this.#asked = asked;
    this.#tally = new Int32Array(codeCount);
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number, { from, to }: WindowBounds): void {
    const keys = this.#keys;
    const asked = this.#asked;
    const tally = this.#tally;
    const { values } = this;
    let first = this.#first;
    let last = this.#last;
    for (let place = begin; place < end; place++) {
      const windowFrom = from[place - begin]!;
      const windowTo = to[place - begin]!;
      for (const leaving = Math.min(windowFrom, last); first < leaving; first++) if (keys[first]! >= 0) tally[keys[first]!]!--;
      if (last < windowFrom) first = last = windowFrom;
      for (; last < windowTo; last++) if (keys[last]! >= 0) tally[keys[last]!]!++;
      const key = asked[place]!;
      values[place - begin] = key < 0 ? Number.NaN : tally[key]!;
    }
    this.#first = first;
    this.#last = last;
  }
}
