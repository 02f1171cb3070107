/**
 * What the rows of one entity that have arrived hold within any range of their ranks in event time, for the features of a window that
 * aren't added up: extremes, categories, and the first and the last row.
 *
 * With n rows of the entity, a row takes steps in log n to arrive and to be asked about, and in the square root of n where different
 * categories are counted (see {@link RangeDistinct}).
 */
import type { CategoryCodes } from './category-codes.js';
import type { EntityRows } from './entity-rows.js';
import type { WindowPlan, WindowRead } from './feature-plan.js';
import { PlaceSet } from './place-set.js';
import { RangeDistinct } from './range-distinct.js';
import { RangeExtremes } from './range-extremes.js';
import { RangeMatches } from './range-matches.js';
import { RanksByCategory } from './ranks-by-category.js';

const OF_ENDS: ReadonlySet<WindowRead['aggregate']> = new Set(['first', 'last', 'timeSinceLast', 'speed']);

/** See the module's comment. */
export class ArrivedValues {
  readonly #rows: EntityRows;
  readonly #ends: PlaceSet | undefined;
  readonly #least = new Map<number, RangeExtremes>();
  readonly #greatest = new Map<number, RangeExtremes>();
  readonly #orders = new Map<number, RanksByCategory>();
  readonly #distinct = new Map<number, RangeDistinct>();
  readonly #matches = new Map<number, RangeMatches>();
  /** Code of the category that a share asks for by its hash, -1 when no row has it. */
  readonly #wanted = new Map<WindowRead, number>();

  /** @param mostRanks most ranks that {@link clear} is asked for */
  constructor(rows: EntityRows, { reads }: WindowPlan, mostRanks: number) {
    this.#rows = rows;
    this.#ends = reads.some(({ aggregate }) => OF_ENDS.has(aggregate)) ? new PlaceSet(mostRanks) : undefined;
    for (const read of reads) {
      const { aggregate, valueSlot: slot, categoryHash } = read;
      if (aggregate === 'min') this.#least.set(slot, new RangeExtremes('min', mostRanks));
      if (aggregate === 'max') this.#greatest.set(slot, new RangeExtremes('max', mostRanks));
      if (aggregate !== 'distinct' && aggregate !== 'share') continue;
      const order = this.#orders.get(slot) ?? new RanksByCategory(mostRanks);
      this.#orders.set(slot, order);
      if (aggregate === 'distinct') this.#distinct.set(slot, new RangeDistinct(order, mostRanks));
      else {
        this.#matches.set(slot, new RangeMatches(order, mostRanks));
        if (!Number.isNaN(categoryHash)) this.#wanted.set(read, this.#categories(slot).hashes.indexOf(categoryHash));
      }
    }
  }

  /** Begins anew with the rows of an entity, none of which has arrived. @param places by rank */
  clear(places: Int32Array): void {
    this.#ends?.clear(places.length);
    for (const extremes of [...this.#least.values(), ...this.#greatest.values()]) extremes.clear(places.length);
    for (const [slot, order] of this.#orders) order.clear(this.#categories(slot).codes, places);
    for (const distinct of this.#distinct.values()) distinct.clear();
    for (const matches of this.#matches.values()) matches.clear();
  }

  /** Takes in the row at a place. */
  arrive(rank: number, place: number): void {
    this.#ends?.add(rank);
    for (const [slot, extremes] of this.#least) extremes.add(rank, this.#numbers(slot)[place]!);
    for (const [slot, extremes] of this.#greatest) extremes.add(rank, this.#numbers(slot)[place]!);
    for (const distinct of this.#distinct.values()) distinct.add(rank);
    for (const matches of this.#matches.values()) matches.add(rank);
  }

  /** Rank of the first row that has arrived from rank `from` to `to - 1`, `NOWHERE` when none has. */
  first(from: number, to: number): number {
    return this.#ends!.first(from, to);
  }

  /** Rank of the last row that has arrived from rank `from` to `to - 1`, `NOWHERE` when none has. */
  last(from: number, to: number): number {
    return this.#ends!.last(from, to);
  }

  /** Least or greatest value, NaN when no row has one. */
  extreme({ aggregate, valueSlot }: WindowRead, from: number, to: number): number {
    return (aggregate === 'min' ? this.#least : this.#greatest).get(valueSlot)!.extreme(from, to);
  }

  /** How many different categories the rows have. */
  distinct({ valueSlot }: WindowRead, from: number, to: number): number {
    return this.#distinct.get(valueSlot)!.count(from, to);
  }

  /**
   * How many rows have the category that a share asks for; NaN when it asks for that of a row that has none.
   *
   * @param place of the row at hand
   */
  matching(read: WindowRead, place: number, from: number, to: number): number {
    const fixed = this.#wanted.get(read);
    const wanted = fixed ?? this.#categories(read.valueSlot).codes[place]!;
    if (wanted < 0) return fixed === undefined ? Number.NaN : 0;
    return this.#matches.get(read.valueSlot)!.count(wanted, from, to);
  }

  #numbers(slot: number): Float64Array {
    const column = this.#rows.values[slot]!;
    if (column.kind !== 'number') throw new RangeError(`value ${slot} of the plan is no number`);
    return column.numbers;
  }

  #categories(slot: number): CategoryCodes {
    const column = this.#rows.values[slot]!;
    if (column.kind !== 'category') throw new RangeError(`value ${slot} of the plan is no category`);
    return column.categories;
  }
}
