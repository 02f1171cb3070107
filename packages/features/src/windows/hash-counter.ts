/** Counts different numbers: a hash table with open addressing that is used again and again, so that counting allocates nothing. */
export class HashCounter {
  /** Different numbers added since {@link begin}; NaN is none. */
  count = 0;
  #numbers = new Float64Array(64);
  /** Round in which each place was filled; places of earlier rounds are free. */
  #rounds = new Uint32Array(64);
  #round = 0;

  /** Starts anew, for at most so many numbers. */
  begin(most: number): void {
    this.count = 0;
    if (most * 2 > this.#numbers.length) {
      const size = 2 ** Math.ceil(Math.log2(most * 2));
      this.#numbers = new Float64Array(size);
      this.#rounds = new Uint32Array(size);
      this.#round = 0;
    }
    if (++this.#round === 0xffff_ffff) {
      this.#rounds.fill(0);
      this.#round = 1;
    }
  }

  add(number: number): void {
    if (number !== number) return;
    const mask = this.#numbers.length - 1;
    let place = Math.imul((number % 0x1_0000_0000) | 0, 0x9e37_79b1) >>> 7;
    for (place &= mask; this.#rounds[place] === this.#round; place = (place + 1) & mask) {
      if (this.#numbers[place] === number) return;
    }
    this.#rounds[place] = this.#round;
    this.#numbers[place] = number;
    this.count++;
  }
}
