/**
 * How many different categories the added ranks of a range have, while ranks are added in any order.
 *
 * Each added rank knows the one before it of its category, its predecessor. A range holds as many categories as ranks whose predecessor
 * is before the range. Ranks are cut into blocks of about the square root of their number, and a table counts the ranks of each block
 * by the block of their predecessor. So a range is counted by the blocks that it covers, and rank by rank only in those at its ends;
 * adding a rank changes two predecessors. Either takes steps in the square root of the ranks, and the table has as many cells as there
 * are ranks.
 */
import { PlaceSet } from './place-set.js';
import type { RanksByCategory } from './ranks-by-category.js';
import { NOWHERE } from './window-ends.js';

/** See the module's comment. */
export class RangeDistinct {
  readonly #order: RanksByCategory;
  /** Added ranks, by their positions in the order. */
  readonly #added: PlaceSet;
  /** By added rank, the one before and the one after of its category, or {@link NOWHERE}. */
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  /** By block b and block c: the ranks of c whose predecessor is in a block before b, or nowhere. */
  readonly #table: Int32Array;
  #blockSize = 1;
  #blocks = 0;

  /** @param mostRanks most ranks that `order` will hold */
  constructor(order: RanksByCategory, mostRanks: number) {
    this.#order = order;
    this.#added = new PlaceSet(mostRanks);
    this.#before = new Int32Array(mostRanks);
    this.#after = new Int32Array(mostRanks);
    this.#table = new Int32Array(Math.ceil(Math.sqrt(mostRanks)) ** 2);
  }

  /** Begins anew with the ranks that the order holds now, none of them added. */
  clear(): void {
    const { size } = this.#order;
    this.#blockSize = Math.ceil(Math.sqrt(size));
    this.#blocks = Math.ceil(size / this.#blockSize);
    this.#added.clear(size);
    // A rank that isn't added is its own predecessor, which is before no range that holds it.
    for (let rank = 0; rank < size; rank++) this.#before[rank] = rank;
    this.#after.fill(NOWHERE, 0, size);
    this.#table.fill(0, 0, this.#blocks ** 2);
  }

  /** Adds a rank; one without a category counts for none. */
  add(rank: number): void {
    const { positions, ranks, size } = this.#order;
    const code = this.#order.codeOf(rank);
    if (code < 0) return;
    const position = positions[rank]!;
    const ofCategory = (found: number) =>
      found !== NOWHERE && this.#order.codeOf(ranks[found]!) === code ? ranks[found]! : NOWHERE;
    const before = ofCategory(this.#added.last(0, position));
    const after = ofCategory(this.#added.first(position + 1, size));
    this.#added.add(position);
    this.#before[rank] = before;
    this.#after[rank] = after;
    if (before !== NOWHERE) this.#after[before] = rank;
    this.#count(rank, before, this.#blocks, 1);
    if (after === NOWHERE) return;
    this.#before[after] = rank;
    this.#count(after, before, this.#blockOf(rank) + 1, -1);
  }

  /** Different categories of the added ranks from `from` to `to - 1`. */
  count(from: number, to: number): number {
    if (from >= to) return 0;
    const [firstBlock, lastBlock] = [this.#blockOf(from), this.#blockOf(to)];
    if (firstBlock === lastBlock) return this.#countRanks(from, from, to);
    const covered = (firstBlock + 1) * this.#blockSize;
    const coveredEnd = lastBlock * this.#blockSize;
    let distinct = this.#countRanks(from, from, covered) + this.#countRanks(from, coveredEnd, to);
    for (let block = firstBlock + 1; block < lastBlock; block++) distinct += this.#table[firstBlock * this.#blocks + block]!;
    for (let before = firstBlock * this.#blockSize; before < from; before++)
      if (this.#after[before]! >= covered && this.#after[before]! < coveredEnd) distinct++;
    return distinct;
  }

  /** Ranks from `begin` to `end - 1` whose predecessor is before `from`. */
  #countRanks(from: number, begin: number, end: number): number {
    let count = 0;
    for (let rank = begin; rank < end; rank++) if (this.#before[rank]! < from) count++;
    return count;
  }

  /** Counts a rank whose predecessor is `before` once more or less in the rows of the table up to that of `endBlock - 1`. */
  #count(rank: number, before: number, endBlock: number, change: 1 | -1): void {
    const column = this.#blockOf(rank);
    for (let block = this.#blockOf(before) + 1; block < endBlock; block++) this.#table[block * this.#blocks + column]! += change;
  }

  /** The block of a rank; -1 for {@link NOWHERE}. */
  #blockOf(rank: number): number {
    return Math.floor(rank / this.#blockSize);
  }
}
