import type { Random } from '@fraudops/core';
import { isActive, type MerchantMixChange, type ScheduledChange } from './scheduled-changes.js';

/** The merchants that one change brings in. */
interface Arrival {
  readonly change: MerchantMixChange;
  /** Code of the first. */
  readonly first: number;
  readonly count: number;
  readonly share: number;
}

/** The merchants that changes bring in, and whether a payment goes to one of them. */
export class NewMerchants {
  /** How many there will be over the whole history; their codes follow those of the others. */
  readonly count: number;
  readonly #arrivals: readonly Arrival[];
  readonly #random: Random;
  #present: readonly Arrival[] = [];

  /** @param first code of the first new merchant */
  constructor(changes: readonly ScheduledChange[], first: number, random: Random) {
    let next = first;
    this.#arrivals = changes.flatMap((change) => {
      if (change.type !== 'merchantMix' || change.newMerchants === undefined) return [];
      const arrival = { change, first: next, ...change.newMerchants };
      next += arrival.count;
      return [arrival];
    });
    this.count = next - first;
    this.#random = random;
  }

  beginDay(day: number): void {
    this.#present = this.#arrivals.filter(({ change }) => isActive(change, day));
  }

  /** The code of a new merchant to which this payment goes, or -1. Takes no number from the generator while there are none. */
  draw(): number {
    for (const { first, count, share } of this.#present) {
      if (this.#random.next() < share) return first + this.#random.integer(count);
    }
    return -1;
  }
}
