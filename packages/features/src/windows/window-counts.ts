import { BLOCK_ROWS, type WindowSpan } from './window-bounds.js';
import { type SweptRows, WindowSweep } from './window-sweep.js';

/** How many rows of its entity stand in a row's window. */
export class WindowCounts extends WindowSweep {
  /** By row of the last block: the count; NaN without an entity. */
  readonly counts = new Float64Array(BLOCK_ROWS);
  readonly #countOf: Int32Array;

  constructor(rows: SweptRows, span: WindowSpan) {
    super(rows, span);
    this.#countOf = new Int32Array(rows.entities.codeCount);
  }

  protected override sweep(begin: number, end: number, blockBegin: number): void {
    const { windowMs, delayMs, own } = this.span;
    const { times } = this.rows;
    const { codes } = this.rows.entities;
    const countOf = this.#countOf;
    const { counts } = this;
    let { first, last } = this;
    for (let place = begin; place < end; place++) {
      const untilMs = times[place]! - delayMs;
      const afterMs = untilMs - windowMs;
      // Without delay the window ends at the row: later rows of the same moment haven't arrived yet.
      for (; delayMs > 0 ? times[last]! <= untilMs : own ? last <= place : last < place; last++)
        if (codes[last]! >= 0) countOf[codes[last]!]!++;
      for (; times[first]! <= afterMs; first++) if (codes[first]! >= 0) countOf[codes[first]!]!--;
      counts[place - blockBegin] = codes[place]! < 0 ? Number.NaN : countOf[codes[place]!]!;
    }
    this.first = first;
    this.last = last;
  }
}
