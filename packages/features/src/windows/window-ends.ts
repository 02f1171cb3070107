/** The first and the last row of an entity in the window. */
import type { RowCodes } from './pair-codes.js';
import { BLOCK_ROWS, type WindowBounds } from './window-bounds.js';

/** Where no row stands. */
export const NOWHERE = -1;

/** See the module's comment. */
export class LastInWindow {
  /** By row of the last block: place of the last row of its entity in its window, {@link NOWHERE} when there is none. */
  readonly places = new Int32Array(BLOCK_ROWS);
  readonly #codes: Int32Array;
  readonly #lastOf: Int32Array;
  #last = 0;

  constructor({ codes, codeCount }: RowCodes) {
    this.#codes = codes;
    this.#lastOf = new Int32Array(codeCount).fill(NOWHERE);
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number, { from, to }: WindowBounds): void {
    const codes = this.#codes;
    const lastOf = this.#lastOf;
    let last = this.#last;
    for (let place = begin; place < end; place++) {
      const windowFrom = from[place - begin]!;
      if (last < windowFrom) last = windowFrom;
      for (const windowTo = to[place - begin]!; last < windowTo; last++) if (codes[last]! >= 0) lastOf[codes[last]!] = last;
      const found = codes[place]! < 0 ? NOWHERE : lastOf[codes[place]!]!;
      this.places[place - begin] = found < windowFrom ? NOWHERE : found;
    }
    this.#last = last;
  }
}

/** See the module's comment. */
export class FirstInWindow {
  /** By row of the last block: place of the first row of its entity in its window, {@link NOWHERE} when there is none. */
  readonly places = new Int32Array(BLOCK_ROWS);
  readonly #codes: Int32Array;
  /** For each place, that of the entity's next row. */
  readonly #next: Int32Array;
  readonly #firstOf: Int32Array;
  readonly #lastOf: Int32Array;
  #last = 0;

  constructor({ codes, codeCount }: RowCodes) {
    this.#codes = codes;
    this.#next = new Int32Array(codes.length).fill(NOWHERE);
    this.#firstOf = new Int32Array(codeCount).fill(NOWHERE);
    this.#lastOf = new Int32Array(codeCount).fill(NOWHERE);
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number, { from, to }: WindowBounds): void {
    const codes = this.#codes;
    const next = this.#next;
    const firstOf = this.#firstOf;
    for (let place = begin; place < end; place++) {
      const windowFrom = from[place - begin]!;
      if (this.#last < windowFrom) this.#last = windowFrom;
      for (const windowTo = to[place - begin]!; this.#last < windowTo; this.#last++) this.#enter(this.#last);
      const code = codes[place]!;
      if (code < 0) {
        this.places[place - begin] = NOWHERE;
        continue;
      }
      let found = firstOf[code]!;
      while (found !== NOWHERE && found < windowFrom) found = next[found]!;
      firstOf[code] = found;
      this.places[place - begin] = found;
    }
  }

  #enter(place: number): void {
    const code = this.#codes[place]!;
    if (code < 0) return;
    const before = this.#lastOf[code]!;
    if (before !== NOWHERE) this.#next[before] = place;
    this.#lastOf[code] = place;
    if (this.#firstOf[code] === NOWHERE) this.#firstOf[code] = place;
  }
}
