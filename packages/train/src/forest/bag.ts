/**
 * The rows that one tree learns from. With bootstrapping as many rows are drawn as have weight, among those and with replacement (Breiman
 * 1996), so a row comes by several times or, in about 37 % of cases, not at all.
 *
 * A drawn row is one number: row * 32 + how often it was drawn. Frauds and genuine rows stand apart, so that counting them needs no look
 * at labels.
 */
import type { Random } from '@fraudops/core';

/** Bits of an entry that hold how often the row was drawn. */
export const TIMES_BITS = 5;
/** Most times that a row counts as drawn; more has a chance below 1e-33. */
export const MAX_TIMES = 2 ** TIMES_BITS - 1;

/** The rows of a tree; see the module's comment. Refilled for each tree. */
export class Bag {
  /** Entries of genuine rows and of frauds; the first genuineCount and fraudCount are in use, rows ascending. */
  readonly genuine: Int32Array;
  readonly fraud: Int32Array;
  genuineCount = 0;
  fraudCount = 0;
  /** How often each row was drawn. */
  readonly times: Uint8Array;
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  /** Rows that have weight; undefined where all have. */
  readonly #weighted: Uint32Array | undefined;

  constructor(labels: Uint8Array, weights: Float64Array | undefined) {
    let frauds = 0;
    for (let i = 0; i < labels.length; i++) frauds += labels[i]!;
    this.#labels = labels;
    this.#weights = weights;
    if (weights?.includes(0)) this.#weighted = Uint32Array.from(weights.keys()).filter((row) => weights[row]! > 0);
    this.times = new Uint8Array(labels.length);
    this.genuine = new Int32Array(labels.length - frauds);
    this.fraud = new Int32Array(frauds);
  }

  /** @param random draws the rows; undefined takes each row once */
  fill(random: Random | undefined): void {
    const { times } = this;
    const weighted = this.#weighted;
    const drawCount = weighted ? weighted.length : times.length;
    times.fill(random ? 0 : 1);
    for (let i = 0; random && i < drawCount; i++) {
      const drawn = random.integer(drawCount);
      const row = weighted ? weighted[drawn]! : drawn;
      if (times[row]! < MAX_TIMES) times[row]!++;
    }
    this.#collect();
  }

  /** Rows of weight 0 are left out. */
  #collect(): void {
    const { times, genuine, fraud } = this;
    const labels = this.#labels;
    const weights = this.#weights;
    let genuineCount = 0;
    let fraudCount = 0;
    for (let row = 0; row < times.length; row++) {
      if (times[row] === 0 || (weights && weights[row] === 0)) continue;
      const entry = (row << TIMES_BITS) | times[row]!;
      if (labels[row] === 1) fraud[fraudCount++] = entry;
      else genuine[genuineCount++] = entry;
    }
    this.genuineCount = genuineCount;
    this.fraudCount = fraudCount;
  }
}
