import type { Random } from '@fraudops/core';
import { AliasTable } from './alias-table.js';
import { MERCHANT_CATEGORIES } from './merchant-categories.js';
import { rowsByCode, type RowsByCode } from './rows-by-code.js';
import type { Towns } from './towns.js';

const CATEGORIES = MERCHANT_CATEGORIES.length;

/** Merchants by number: what they sell and where; online is a town of its own. */
export class MerchantPlaces {
  /** Position in MERCHANT_CATEGORIES. */
  readonly categories: Int32Array;
  /** In degrees; NaN for online merchants. */
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
  readonly #online: number;
  readonly #towns: Int32Array;
  /** The merchants that are there from the start, by town and within a town by category. */
  readonly #byTownAndCategory: RowsByCode;

  /** @param later merchants that come later; they are online, and only the caller pays there */
  constructor(merchants: number, later: number, towns: Towns, random: Random) {
    const shares = new AliasTable(MERCHANT_CATEGORIES.map(({ share }) => share));
    this.#online = towns.online;
    this.categories = new Int32Array(merchants + later);
    this.#towns = new Int32Array(merchants + later).fill(towns.online);
    for (let merchant = 0; merchant < merchants; merchant++) {
      const category = shares.draw(random);
      this.categories[merchant] = category;
      const isOnline = random.next() < MERCHANT_CATEGORIES[category]!.onlineShare;
      if (!isOnline) this.#towns[merchant] = random.integer(towns.count);
    }
    const places = towns.placesIn(this.#towns.subarray(0, merchants), random);
    this.latitudes = withMissing(places.latitudes, later);
    this.longitudes = withMissing(places.longitudes, later);
    const onlineShares = new AliasTable(MERCHANT_CATEGORIES.map(({ share, onlineShare }) => share * onlineShare));
    const laterCategories = random.fork('later');
    for (let i = 0; i < later; i++) this.categories[merchants + i] = onlineShares.draw(laterCategories);
    const codes = Int32Array.from({ length: merchants }, (_, i) => this.#towns[i]! * CATEGORIES + this.categories[i]!);
    this.#byTownAndCategory = rowsByCode(codes, (towns.count + 1) * CATEGORIES);
  }

  isOnline(merchant: number): boolean {
    return this.#towns[merchant] === this.#online;
  }

  /** A merchant of this category in this town; if there is none, any of the town; if there is none either, any at all. */
  draw(category: number, town: number, random: Random): number {
    const { offsets, rows } = this.#byTownAndCategory;
    const bucket = town * CATEGORIES + category;
    const count = offsets[bucket + 1]! - offsets[bucket]!;
    if (count === 0) return this.drawInTown(town, random);
    return rows[offsets[bucket]! + Math.floor(random.next() * count)]!;
  }

  /** A merchant in this town; if there is none, any at all. */
  drawInTown(town: number, random: Random): number {
    const { offsets, rows } = this.#byTownAndCategory;
    const from = offsets[town * CATEGORIES]!;
    const count = offsets[(town + 1) * CATEGORIES]! - from;
    return count === 0 ? random.integer(rows.length) : rows[from + random.integer(count)]!;
  }
}

function withMissing(values: Float64Array, count: number): Float64Array {
  const all = new Float64Array(values.length + count).fill(Number.NaN);
  all.set(values);
  return all;
}
