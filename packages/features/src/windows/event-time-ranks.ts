/** The rows of one group of places in order of event time, those of one moment as they stand: each row has a rank in it. */
export class EventTimeRanks {
  /** Place by rank. */
  readonly places: Int32Array;
  readonly #begin: number;
  readonly #times: Float64Array;
  readonly #ranks: Int32Array;

  /** @param times by place @param begin the group's first place @param end the one after its last */
  constructor(times: Float64Array, begin: number, end: number) {
    this.places = Int32Array.from({ length: end - begin }, (_, i) => begin + i).sort((a, b) => times[a]! - times[b]! || a - b);
    this.#begin = begin;
    this.#times = Float64Array.from(this.places, (place) => times[place]!);
    this.#ranks = new Int32Array(end - begin);
    for (let rank = 0; rank < this.places.length; rank++) this.#ranks[this.places[rank]! - begin] = rank;
  }

  /** Rank of the row at a place. */
  rankOf(place: number): number {
    return this.#ranks[place - this.#begin]!;
  }

  /** How many of the event times are at or before a moment. */
  countUntil(epochMs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! <= epochMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
