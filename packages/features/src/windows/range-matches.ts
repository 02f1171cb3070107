import { RangeSums } from './range-sums.js';
import type { RanksByCategory } from './ranks-by-category.js';

/** How many ranks of any one category have been added within a range, in steps in the logarithm of the ranks. */
export class RangeMatches {
  readonly #order: RanksByCategory;
  /** By position in the order. */
  readonly #added: RangeSums;

  /** @param mostRanks most ranks that `order` will hold */
  constructor(order: RanksByCategory, mostRanks: number) {
    this.#order = order;
    this.#added = new RangeSums(1, mostRanks);
  }

  /** Begins anew with the ranks that the order holds now, none of them added. */
  clear(): void {
    this.#added.clear(this.#order.size);
  }

  add(rank: number): void {
    this.#added.add(this.#order.positions[rank]!, 0, 1);
  }

  /** Added ranks of a category from `from` to `to - 1`. */
  count(code: number, from: number, to: number): number {
    this.#added.sum(this.#order.positionFrom(code, from), this.#order.positionFrom(code, to));
    return this.#added.sums[0]!;
  }
}
