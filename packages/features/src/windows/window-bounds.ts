/**
 * Which rows a window holds, for one row after the other.
 *
 * Rows stand in places; within a run of places event times never go back (a table in order of time is one run). The window of a row is
 * then a range of places, and both its ends only move forward. What stands in a window is worked out in blocks of rows small enough for
 * the processor's cache: first the bounds of a block, then what each tracker finds in them, then the features.
 */

/** Most rows of a block. */
export const BLOCK_ROWS = 2048;

/** Where a window lies, in the time that the places have. */
export interface WindowSpan {
  readonly windowMs: number;
  readonly delayMs: number;
  /** Whether a window without delay holds the row itself. */
  readonly own: boolean;
}

/** Bounds of the windows of a block's rows: the row at place `begin + i` sees the places `from[i]` to `to[i] - 1`. */
export class WindowBounds {
  readonly from = new Int32Array(BLOCK_ROWS);
  readonly to = new Int32Array(BLOCK_ROWS);
  readonly #times: Float64Array;
  readonly #runs: Int32Array;
  readonly #span: WindowSpan;
  #run = -1;
  #first = 0;
  #last = 0;

  /** @param runs place where each run begins, and where the last one ends */
  constructor(times: Float64Array, runs: Int32Array, span: WindowSpan) {
    this.#times = times;
    this.#runs = runs;
    this.#span = span;
  }

  /** Finds the bounds of the rows at these places, which lie behind those of the call before. */
  find(begin: number, end: number): void {
    for (let next = begin; next < end; ) {
      while (this.#run < 0 || this.#runs[this.#run + 1]! <= next) {
        this.#run++;
        this.#first = this.#runs[this.#run]!;
        this.#last = this.#first;
      }
      const runEnd = Math.min(end, this.#runs[this.#run + 1]!);
      if (this.#span.delayMs === 0) this.#endNow(next, runEnd, begin);
      else this.#endEarlier(next, runEnd, begin);
      next = runEnd;
    }
  }

  /** Without delay the window ends at the row: later rows of the same moment haven't arrived yet. */
  #endNow(next: number, end: number, begin: number): void {
    const { windowMs, own } = this.#span;
    const times = this.#times;
    const behind = own ? 1 : 0;
    const { from, to } = this;
    let first = this.#first;
    for (let place = next; place < end; place++) {
      const afterMs = times[place]! - windowMs;
      while (times[first]! <= afterMs) first++;
      from[place - begin] = first;
      to[place - begin] = place + behind;
    }
    this.#first = first;
  }

  #endEarlier(next: number, end: number, begin: number): void {
    const { windowMs, delayMs } = this.#span;
    const times = this.#times;
    const { from, to } = this;
    let first = this.#first;
    let last = this.#last;
    for (let place = next; place < end; place++) {
      const untilMs = times[place]! - delayMs;
      const afterMs = untilMs - windowMs;
      // The row itself is behind both ends, so they stop before it.
      while (times[last]! <= untilMs) last++;
      while (times[first]! <= afterMs) first++;
      from[place - begin] = first;
      to[place - begin] = last;
    }
    this.#first = first;
    this.#last = last;
  }
}
