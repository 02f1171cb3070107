/**
 * Ranks in order of their category and, within one, of the ranks themselves: the ranks of a category within a range of ranks then stand
 * side by side. Ranks without a category (code -1) come first, as if that were one.
 */
export class RanksByCategory {
  /** Rank by position in the order. */
  readonly ranks: Int32Array;
  /** Position by rank. */
  readonly positions: Int32Array;
  readonly #codes: Int32Array;
  #size = 0;

  /** @param mostRanks most ranks that {@link clear} is asked for */
  constructor(mostRanks: number) {
    this.ranks = new Int32Array(mostRanks);
    this.positions = new Int32Array(mostRanks);
    this.#codes = new Int32Array(mostRanks);
  }

  /** Begins anew with the ranks of these places. @param codes category by place @param placeOfRank place by rank */
  clear(codes: Int32Array, placeOfRank: Int32Array): void {
    this.#size = placeOfRank.length;
    const ranks = this.ranks.subarray(0, this.#size);
    for (let rank = 0; rank < this.#size; rank++) {
      this.#codes[rank] = codes[placeOfRank[rank]!]!;
      ranks[rank] = rank;
    }
    ranks.sort((a, b) => this.#codes[a]! - this.#codes[b]! || a - b);
    for (let position = 0; position < this.#size; position++) this.positions[ranks[position]!] = position;
  }

  /** Number of ranks. */
  get size(): number {
    return this.#size;
  }

  /** Category of a rank, -1 without one. */
  codeOf(rank: number): number {
    return this.#codes[rank]!;
  }

  /** Position of the first rank of a category that is `rank` or more, or the one after its last. */
  positionFrom(code: number, rank: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.ranks[middle]!;
      const order = this.#codes[found]! - code || found - rank;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
