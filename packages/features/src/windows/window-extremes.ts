import type { RowCodes } from './pair-codes.js';
import { BLOCK_ROWS, type WindowBounds } from './window-bounds.js';

/**
 * Least or greatest value in the window, by entity, in constant time a row on average. Of each entity the rows are kept whose value no
 * later row beats (a monotonic queue): a row that enters drops those at the back that it beats, and the front is the answer.
 */
export class WindowExtremes {
  /** By row of the last block: the extreme of its window, NaN when no row in it has a value. */
  readonly values = new Float64Array(BLOCK_ROWS);
  readonly #codes: Int32Array;
  readonly #candidates: Float64Array;
  readonly #sign: 1 | -1;
  /** Places that are kept; an entity's stand from its `#heads` to before its `#tails`, and never need more room than it has rows. */
  readonly #queue: Int32Array;
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  #last = 0;

  /** @param candidates value by place, NaN when missing */
  constructor(extreme: 'min' | 'max', { codes, codeCount }: RowCodes, candidates: Float64Array) {
    this.#codes = codes;
    this.#candidates = candidates;
    this.#sign = extreme === 'max' ? 1 : -1;
    this.#heads = new Int32Array(codeCount);
    this.#queue = new Int32Array(codes.length);
    for (let place = 0; place < codes.length; place++) if (codes[place]! + 1 < codeCount) this.#heads[codes[place]! + 1]!++;
    // Rows without an entity were counted for the first one.
    if (codeCount > 0) this.#heads[0] = 0;
    for (let code = 1; code < codeCount; code++) this.#heads[code]! += this.#heads[code - 1]!;
    this.#tails = this.#heads.slice();
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number, { from, to }: WindowBounds): void {
    const codes = this.#codes;
    const candidates = this.#candidates;
    const queue = this.#queue;
    const heads = this.#heads;
    const tails = this.#tails;
    const { values } = this;
    let last = this.#last;
    for (let place = begin; place < end; place++) {
      const windowFrom = from[place - begin]!;
      if (last < windowFrom) last = windowFrom;
      for (const windowTo = to[place - begin]!; last < windowTo; last++) this.#enter(last);
      const code = codes[place]!;
      if (code < 0) {
        values[place - begin] = Number.NaN;
        continue;
      }
      let head = heads[code]!;
      const tail = tails[code]!;
      while (head < tail && queue[head]! < windowFrom) head++;
      heads[code] = head;
      // Adding 0 makes the negative zero, which compares as equal, the positive one.
      values[place - begin] = head < tail ? candidates[queue[head]!]! + 0 : Number.NaN;
    }
    this.#last = last;
  }

  #enter(place: number): void {
    const code = this.#codes[place]!;
    const value = this.#candidates[place]! * this.#sign;
    if (code < 0 || Number.isNaN(value)) return;
    const candidates = this.#candidates;
    const queue = this.#queue;
    const head = this.#heads[code]!;
    let tail = this.#tails[code]!;
    while (tail > head && candidates[queue[tail - 1]!]! * this.#sign <= value) tail--;
    queue[tail] = place;
    this.#tails[code] = tail + 1;
  }
}
