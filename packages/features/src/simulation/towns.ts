import type { Random } from '@fraudops/core';

/** So many merchants make a town, so that each category has some in it. */
const MERCHANTS_PER_TOWN = 500;
const MAX_TOWNS = 400;
/** Towns lie anywhere in this part of the globe, in degrees. */
const LATITUDES = [36, 60] as const;
const LONGITUDES = [-9, 30] as const;
/** Standard deviation of places around the middle of their town, in degrees: about 5 km. */
const TOWN_SPREAD = 0.05;

/** Towns by number, and places in them. Online is one more town, without a place. */
export class Towns {
  /** How many towns there are, online not counted. */
  readonly count: number;
  readonly #latitudes: Float64Array;
  readonly #longitudes: Float64Array;

  constructor(merchants: number, random: Random) {
    this.count = Math.min(MAX_TOWNS, Math.max(2, Math.ceil(merchants / MERCHANTS_PER_TOWN)));
    this.#latitudes = Float64Array.from({ length: this.count }, () => random.between(...LATITUDES));
    this.#longitudes = Float64Array.from({ length: this.count }, () => random.between(...LONGITUDES));
  }

  /** The number that stands for online. */
  get online(): number {
    return this.count;
  }

  /** Places in any towns. */
  settle(count: number, random: Random): { towns: Int32Array; latitudes: Float64Array; longitudes: Float64Array } {
    const towns = Int32Array.from({ length: count }, () => random.integer(this.count));
    return { towns, ...this.placesIn(towns, random) };
  }

  /** A place in each of these towns, in degrees rounded to 0.0001 (about 10 m); NaN online. */
  placesIn(towns: Int32Array, random: Random): { latitudes: Float64Array; longitudes: Float64Array } {
    const around = (middle: number) => Math.round((middle + random.normal(0, TOWN_SPREAD)) * 10_000) / 10_000;
    const latitudes = Float64Array.from(towns, (town) => around(this.#latitudes[town] ?? Number.NaN));
    const longitudes = Float64Array.from(towns, (town) => around(this.#longitudes[town] ?? Number.NaN));
    return { latitudes, longitudes };
  }
}
