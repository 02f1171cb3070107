/**
 * Numbers by key: an open hash table with linear probing over arrays. It takes about a third of the memory of a `Map`, which for
 * millions of small histories is a tenth of all, and looking up allocates nothing.
 *
 * Keys come from outside, so their hashes depend on a seed that nobody knows; keys made to collide would otherwise make every look-up
 * slow. The seed changes no result.
 */
import { randomInt } from 'node:crypto';

const EMPTY = 0xffff_ffff;

/** Share of places that may be taken. */
const MOST_TAKEN = 0.75;

export class KeyNumbers {
  /** Number of each place, or {@link EMPTY}. */
  #places = new Uint32Array(64).fill(EMPTY);
  /** Key of each number; undefined for numbers without one. */
  readonly #keys: (string | undefined)[] = [];
  readonly #seed = randomInt(2 ** 32);
  #size = 0;

  /** Number of a key, or -1. */
  get(key: string): number {
    const places = this.#places;
    const last = places.length - 1;
    for (let place = this.#placeOf(key); ; place = place === last ? 0 : place + 1) {
      const number = places[place]!;
      if (number === EMPTY) return -1;
      if (this.#keys[number] === key) return number;
    }
  }

  /** Gives a key that has none a number that no key has. */
  set(key: string, number: number): void {
    if (this.#size + 1 > this.#places.length * MOST_TAKEN) this.#grow();
    this.#keys[number] = key;
    this.#size++;
    this.#put(key, number);
  }

  /** Takes its number from a key. */
  delete(key: string): void {
    const places = this.#places;
    const { length } = places;
    let hole = this.#placeOf(key);
    while (this.#keys[places[hole]!] !== key) hole = hole + 1 === length ? 0 : hole + 1;
    this.#keys[places[hole]!] = undefined;
    this.#size--;
    // Those behind move up, unless that would put them before their own place (Knuth 6.4, algorithm R).
    for (let place = hole + 1 === length ? 0 : hole + 1; places[place] !== EMPTY; place = place + 1 === length ? 0 : place + 1) {
      const own = this.#placeOf(this.#keys[places[place]!]!);
      if ((place - own + length) % length < (place - hole + length) % length) continue;
      places[hole] = places[place]!;
      hole = place;
    }
    places[hole] = EMPTY;
  }

  /** All keys, in the order of their numbers. */
  *keys(): IterableIterator<string> {
    for (const key of this.#keys) if (key !== undefined) yield key;
  }

  /** The key of a number. */
  key(number: number): string {
    return this.#keys[number]!;
  }

  clear(): void {
    this.#places.fill(EMPTY);
    this.#keys.length = 0;
    this.#size = 0;
  }

  #put(key: string, number: number): void {
    const places = this.#places;
    let place = this.#placeOf(key);
    while (places[place] !== EMPTY) place = place + 1 === places.length ? 0 : place + 1;
    places[place] = number;
  }

  #grow(): void {
    this.#places = new Uint32Array(Math.ceil(this.#places.length * 1.5)).fill(EMPTY);
    for (let number = 0; number < this.#keys.length; number++) {
      const key = this.#keys[number];
      if (key !== undefined) this.#put(key, number);
    }
  }

  /** Where a key stands if nothing is in its way: MurmurHash3 over its UTF-16 code units. */
  #placeOf(key: string): number {
    let hash = this.#seed;
    for (let i = 0; i < key.length; i++) {
      const mixed = Math.imul(key.charCodeAt(i), 0xcc9e_2d51);
      hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b87_3593);
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0;
    }
    hash ^= key.length;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    // The high bits of hash * length choose a place without a division.
    return Math.floor(((hash >>> 0) * this.#places.length) / 0x1_0000_0000);
  }
}
