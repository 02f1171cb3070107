import type { RowCodes } from './pair-codes.js';
import { BLOCK_ROWS, type WindowBounds } from './window-bounds.js';

/** When labels become known, and when they are asked for. */
export interface LabelTimes {
  /** Arrival by place; it never goes back within a run. */
  readonly arrivals: Float64Array;
  /** Moment by place at which the row's label became known. */
  readonly knownAt: Float64Array;
  /** Windows with a delay of at least this never meet a fraud whose label isn't known yet. */
  readonly latestMs: number;
}

/** The frauds among these places, in the order in which they become known. */
export function fraudsAsKnown(frauds: Float64Array, knownAt: Float64Array, begin: number, end: number): Int32Array {
  const places: number[] = [];
  for (let place = begin; place < end; place++) if (frauds[place] === 1) places.push(place);
  return Int32Array.from(places).sort((a, b) => knownAt[a]! - knownAt[b]! || a - b);
}

/**
 * Frauds in the window whose label is known when the row arrives, by entity. A fraud counts from when it is both known and in the
 * window.
 */
export class KnownFrauds {
  /** By row of the last block: the frauds known in its window; NaN without an entity. */
  readonly values = new Float64Array(BLOCK_ROWS);
  readonly #codes: Int32Array;
  readonly #frauds: Float64Array;
  readonly #labels: LabelTimes;
  readonly #runs: Int32Array;
  readonly #tally: Int32Array;
  /** By place: 1 for a fraud that is known. */
  readonly #known: Uint8Array;
  #run = -1;
  /** The run's frauds as they become known, and how many of them are. */
  #awaited: Int32Array = new Int32Array(0);
  #learned = 0;
  #first = 0;
  #last = 0;

  /** @param frauds 1 by place for a fraud @param runs place where each run begins, and where the last one ends */
  constructor({ codes, codeCount }: RowCodes, frauds: Float64Array, labels: LabelTimes, runs: Int32Array) {
    this.#codes = codes;
    this.#frauds = frauds;
    this.#labels = labels;
    this.#runs = runs;
    this.#tally = new Int32Array(codeCount);
    this.#known = new Uint8Array(codes.length);
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number, { from, to }: WindowBounds): void {
    const codes = this.#codes;
    const known = this.#known;
    const tally = this.#tally;
    for (let place = begin; place < end; place++) {
      const windowFrom = from[place - begin]!;
      const windowTo = to[place - begin]!;
      this.#learn(place);
      const leaving = Math.min(windowFrom, this.#last);
      for (; this.#first < leaving; this.#first++) if (known[this.#first] === 1) tally[codes[this.#first]!]!--;
      if (this.#last < windowFrom) this.#first = this.#last = windowFrom;
      for (; this.#last < windowTo; this.#last++) if (known[this.#last] === 1) tally[codes[this.#last]!]!++;
      this.values[place - begin] = codes[place]! < 0 ? Number.NaN : tally[codes[place]!]!;
    }
  }

  /** Takes in the labels that are known when this row arrives. */
  #learn(place: number): void {
    const { arrivals, knownAt } = this.#labels;
    while (this.#run < 0 || this.#runs[this.#run + 1]! <= place) {
      this.#run++;
      this.#awaited = fraudsAsKnown(this.#frauds, knownAt, this.#runs[this.#run]!, this.#runs[this.#run + 1]!);
      this.#learned = 0;
    }
    const now = arrivals[place]!;
    const awaited = this.#awaited;
    for (; this.#learned < awaited.length && knownAt[awaited[this.#learned]!]! <= now; this.#learned++) {
      const fraud = awaited[this.#learned]!;
      if (this.#codes[fraud]! < 0) continue;
      this.#known[fraud] = 1;
      // One that isn't in the window yet is counted when it enters.
      if (fraud >= this.#first && fraud < this.#last) this.#tally[this.#codes[fraud]!]!++;
    }
  }
}
