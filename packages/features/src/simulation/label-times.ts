import type { Random } from '@fraudops/core';
import type { LabelDelay } from './simulation-settings.js';

/** When the labels of payments become known. */
export class LabelTimes {
  readonly #delay: Required<LabelDelay>;
  readonly #random: Random;

  constructor(delay: Required<LabelDelay>, random: Random) {
    this.#delay = delay;
    this.#random = random;
  }

  /** One moment for each time, in epoch milliseconds; batches come one after the other. */
  after(times: Float64Array): Float64Array {
    const { meanMs, distribution } = this.#delay;
    if (distribution === 'fixed') return times.map((time) => time + meanMs);
    return times.map((time) => time + Math.round(this.#random.exponential(meanMs) / 1000) * 1000);
  }
}
