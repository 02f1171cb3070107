/**
 * Numbers by key: an open hash table with linear probing over one array of 12 bytes a place. It takes about half of the memory of a `Map`
 * and looking up allocates nothing.
 *
 * Beside its number, a place has 8 bytes that tell the key: a short one itself, or two hashes of a longer one. So a look-up goes to one
 * place of memory for a short key, and a longer one is compared only where it very likely is.
 *
 * Keys come from outside, so their hashes depend on a seed that nobody knows; keys made to collide would otherwise make every look-up
 * slow. The seed changes no result.
 */
import { randomInt } from 'node:crypto';

/** Number of an empty place. */
const EMPTY = -1;

/** Words of a place: the number, and two that tell the key. */
const WORDS = 3;

/** Share of places that may be taken. */
const MOST_TAKEN = 0.75;

/** Most characters of a short key; they have one byte each. */
const SHORT = 7;

/** Stands for the length of a longer one. */
const LONG = 0xff;

export class KeyNumbers {
  #words = emptyPlaces(64);
  /** Key of each number; undefined for numbers without one. */
  readonly #keys: (string | undefined)[] = [];
  readonly #seed = randomInt(2 ** 32) | 0;
  #size = 0;
  /** The words that tell the key that was read last, and where it stands if nothing is in its way. */
  #low = 0;
  #high = 0;
  #own = 0;

  /** Number of a key, or -1. */
  get(key: string): number {
    this.#readKey(key);
    return this.#numberOfRead(key);
  }

  /** Reads the place of a key, so that it is at hand when {@link get} comes soon. Returns what was read, which means nothing. */
  approach(key: string): number {
    this.#readKey(key);
    return this.#words[this.#own]!;
  }

  /** Number of the key that was last approached. */
  getApproached(key: string): number {
    return this.#numberOfRead(key);
  }

  #numberOfRead(key: string): number {
    const at = this.#findRead(key);
    return at < 0 ? -1 : this.#words[at]!;
  }

  /** Gives a key that has none a number that no key has. */
  set(key: string, number: number): void {
    if ((this.#size + 1) * WORDS > this.#words.length * MOST_TAKEN) this.#grow();
    this.#keys[number] = key;
    this.#size++;
    this.#readKey(key);
    this.#put(number, this.#low, this.#high);
  }

  /** Takes its number from a key. */
  delete(key: string): void {
    const words = this.#words;
    const { length } = words;
    this.#readKey(key);
    let hole = this.#findRead(key);
    this.#keys[words[hole]!] = undefined;
    this.#size--;
    // Those behind move up, unless that would put them before their own place (Knuth 6.4, algorithm R).
    for (let at = this.#next(hole); words[at] !== EMPTY; at = this.#next(at)) {
      const own = this.#placeOf(words[at + 1]!, words[at + 2]!);
      if ((at - own + length) % length < (at - hole + length) % length) continue;
      words.copyWithin(hole, at, at + WORDS);
      hole = at;
    }
    words[hole] = EMPTY;
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
    this.#words.fill(EMPTY);
    this.#keys.length = 0;
    this.#size = 0;
  }

  /** Where the key that was read stands, or -1. */
  #findRead(key: string): number {
    const low = this.#low;
    const high = this.#high;
    const words = this.#words;
    const isLong = high >>> 24 === LONG;
    for (let at = this.#own; ; at = this.#next(at)) {
      const number = words[at]!;
      if (number === EMPTY) return -1;
      if (words[at + 1] === low && words[at + 2] === high && (!isLong || this.#keys[number] === key)) return at;
    }
  }

  #put(number: number, low: number, high: number): void {
    const words = this.#words;
    let at = this.#placeOf(low, high);
    while (words[at] !== EMPTY) at = this.#next(at);
    words[at] = number;
    words[at + 1] = low;
    words[at + 2] = high;
  }

  #next(at: number): number {
    return at + WORDS === this.#words.length ? 0 : at + WORDS;
  }

  #grow(): void {
    const before = this.#words;
    this.#words = emptyPlaces(Math.ceil((before.length / WORDS) * 1.5));
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at] !== EMPTY) this.#put(before[at]!, before[at + 1]!, before[at + 2]!);
    }
  }

  /** Turns a key into two words: its length and characters, or hashes where they don't fit. */
  #readKey(key: string): void {
    const { length } = key;
    let low = 0;
    let high = 0;
    let units = 0;
    for (let i = 0; i < length && i < SHORT; i++) {
      const unit = key.charCodeAt(i);
      units |= unit;
      if (i < 4) low |= unit << (8 * i);
      else high |= unit << (8 * (i - 4));
    }
    this.#low = low;
    this.#high = high | (length << 24);
    if (length > SHORT || units > 0xff) this.#hashKey(key);
    this.#own = this.#placeOf(this.#low, this.#high);
  }

  /** MurmurHash3 over the UTF-16 code units, and 24 bits of another hash. */
  #hashKey(key: string): void {
    let low = this.#seed;
    let high = this.#seed;
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i);
      low = mixed(low, unit);
      high = Math.imul(high ^ unit, 0x85eb_ca6b);
      high ^= high >>> 13;
    }
    this.#low = low ^ key.length;
    this.#high = (high >>> 8) | (LONG << 24);
  }

  /** Where a key stands if nothing is in its way: MurmurHash3 over its words. */
  #placeOf(low: number, high: number): number {
    let hash = mixed(mixed(this.#seed, low), high);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
    // The high bits of hash * length choose a place without a division.
    return Math.floor(((hash >>> 0) * (this.#words.length / WORDS)) / 0x1_0000_0000) * WORDS;
  }
}

function emptyPlaces(count: number): Int32Array {
  return new Int32Array(count * WORDS).fill(EMPTY);
}

/** A step of MurmurHash3. */
function mixed(hash: number, word: number): number {
  const product = Math.imul(word, 0xcc9e_2d51);
  const next = hash ^ Math.imul((product << 15) | (product >>> 17), 0x1b87_3593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe654_6b64) | 0;
}
