import type { RowCodes } from './pair-codes.js';
import type { WindowSpan } from './window-bounds.js';

/** The rows that a window goes over; see `EntityRows`. */
export interface SweptRows {
  readonly entities: RowCodes;
  readonly times: Float64Array;
  readonly runs: Int32Array;
  readonly rows: Int32Array | undefined;
}

/**
 * A window that finds its ends itself while it goes over the rows. Counts and sums do, of which most features are made: to read the ends
 * from `WindowBounds` would take them twice as long.
 */
export abstract class WindowSweep {
  protected readonly rows: SweptRows;
  protected readonly span: WindowSpan;
  /** What stands in the window: the places from `first` to `last - 1`. */
  protected first = 0;
  protected last = 0;
  #run = -1;

  constructor(rows: SweptRows, span: WindowSpan) {
    this.rows = rows;
    this.span = span;
  }

  /** Moves on to the rows at the places `begin` to `end - 1`, at most `BLOCK_ROWS`. */
  advance(begin: number, end: number): void {
    const { runs } = this.rows;
    for (let next = begin; next < end; ) {
      // Each entity has but one run, so what stands in the window of the last one is left there.
      while (this.#run < 0 || runs[this.#run + 1]! <= next) this.first = this.last = runs[++this.#run]!;
      const runEnd = Math.min(end, runs[this.#run + 1]!);
      this.sweep(next, runEnd, begin);
      next = runEnd;
    }
  }

  /** Moves on within a run; results begin with those of the row at `blockBegin`. */
  protected abstract sweep(begin: number, end: number, blockBegin: number): void;
}
