import { FeatureError } from '../feature-error.js';
import { BLOCK_ROWS, type WindowSpan } from './window-bounds.js';
import { type SweptRows, WindowSweep } from './window-sweep.js';

/** What is added up: what each place adds, and what to call it in messages. */
export interface Summand {
  readonly parts: Float64Array;
  readonly field: string;
}

/**
 * Count and sum of the rows of its entity in a row's window. They gain what enters and lose what leaves, in whole numbers, so they are
 * exact and don't depend on what stood in the window before. A window with several sums goes over the rows once for each: that is faster
 * than all at once, since then the sums of fewer entities fit into the processor's cache.
 */
export class WindowTotals extends WindowSweep {
  /** By row of the last block: the count; NaN without an entity. */
  readonly counts = new Float64Array(BLOCK_ROWS);
  /** By row of the last block: the sum; NaN without an entity. */
  readonly sums = new Float64Array(BLOCK_ROWS);
  readonly #summand: Summand;
  /** For each entity count and sum: they are changed together, so they stand together. */
  readonly #totals: Float64Array;

  constructor(rows: SweptRows, span: WindowSpan, summand: Summand) {
    super(rows, span);
    this.#summand = summand;
    this.#totals = new Float64Array(2 * rows.entities.codeCount);
  }

  /** @throws {FeatureError} INVALID_VALUE when a sum passes 2^53 */
  protected override sweep(begin: number, end: number, blockBegin: number): void {
    const entersAtOnce = this.span.delayMs === 0 && this.span.own;
    // The first row that this is asked for may be in the midst of a run, with rows in its window that haven't entered.
    const next = entersAtOnce && this.last === begin ? begin : Math.min(end, begin + 1);
    this.#sweepEarlier(begin, entersAtOnce ? next : end, blockBegin);
    if (entersAtOnce) this.#sweepNow(next, end, blockBegin);
  }

  /** The window of most features, without delay and with the row itself: each row enters when it comes, which saves time. */
  #sweepNow(begin: number, end: number, blockBegin: number): void {
    const { windowMs } = this.span;
    const { times } = this.rows;
    const { codes } = this.rows.entities;
    const { parts } = this.#summand;
    const totals = this.#totals;
    const { counts, sums } = this;
    let { first } = this;
    for (let place = begin; place < end; place++) {
      const afterMs = times[place]! - windowMs;
      for (; times[first]! <= afterMs; first++) {
        const slot = 2 * codes[first]!;
        if (slot < 0) continue;
        const sum = totals[slot + 1]! - parts[first]!;
        if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) this.#refuse(first);
        totals[slot]!--;
        totals[slot + 1] = sum;
      }
      const slot = 2 * codes[place]!;
      if (slot < 0) {
        counts[place - blockBegin] = sums[place - blockBegin] = Number.NaN;
        continue;
      }
      const sum = totals[slot + 1]! + parts[place]!;
      if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) this.#refuse(place);
      counts[place - blockBegin] = ++totals[slot]!;
      sums[place - blockBegin] = totals[slot + 1] = sum;
    }
    this.first = first;
    this.last = end;
  }

  #sweepEarlier(begin: number, end: number, blockBegin: number): void {
    const { windowMs, delayMs, own } = this.span;
    const { times } = this.rows;
    const { codes } = this.rows.entities;
    const { parts } = this.#summand;
    const totals = this.#totals;
    const { counts, sums } = this;
    let { first, last } = this;
    for (let place = begin; place < end; place++) {
      const untilMs = times[place]! - delayMs;
      const afterMs = untilMs - windowMs;
      for (; first < last && times[first]! <= afterMs; first++) {
        const slot = 2 * codes[first]!;
        if (slot < 0) continue;
        const sum = totals[slot + 1]! - parts[first]!;
        if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) this.#refuse(first);
        totals[slot]!--;
        totals[slot + 1] = sum;
      }
      // What would enter and leave at once doesn't enter.
      if (first === last) {
        while (times[last]! <= afterMs) last++;
        first = last;
      }
      // Without delay the window ends at the row: later rows of the same moment haven't arrived yet.
      for (; delayMs > 0 ? times[last]! <= untilMs : own ? last <= place : last < place; last++) {
        const slot = 2 * codes[last]!;
        if (slot < 0) continue;
        const sum = totals[slot + 1]! + parts[last]!;
        if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) this.#refuse(last);
        totals[slot]!++;
        totals[slot + 1] = sum;
      }
      const slot = 2 * codes[place]!;
      counts[place - blockBegin] = slot < 0 ? Number.NaN : totals[slot]!;
      sums[place - blockBegin] = slot < 0 ? Number.NaN : totals[slot + 1]!;
    }
    this.first = first;
    this.last = last;
  }

  #refuse(place: number): never {
    const { rows } = this.rows;
    throw sumTooLarge(this.#summand.field, rows ? rows[place]! : place);
  }
}

/** Takes more than 65,536 transactions of the largest amount in one window, and for `std`, which adds up squares, more than 131,072. */
export function sumTooLarge(field: string, row: number): FeatureError {
  const message = `compute: the values of column ${field} in a window with row ${row} add up to more than 2^53 of its smallest units, or their squares for std(); declare a coarser multipleOf, or a shorter window`;
  return new FeatureError('INVALID_VALUE', message, { column: field, row });
}
