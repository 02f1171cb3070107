import { isUtf8 } from 'node:buffer';

/**
 * Gives each distinct byte string the next code, in order of first appearance, and makes a JavaScript string of it only that once.
 *
 * A hash table with open addressing (FNV-1a, linear probing, at most half full) over an arena that holds the bytes seen. Equal bytes
 * mean equal strings because only valid UTF-8 is taken, so the dictionary's entries are distinct, as a category column demands.
 */
export class ByteDictionary {
  /** The strings so far, by code. */
  readonly dictionary: string[] = [];
  #slots = new Int32Array(2048).fill(EMPTY);
  #hashes = new Int32Array(1024);
  /** Where each code's bytes end in the arena; they begin where the code before ends. */
  #ends = new Float64Array(1024);
  #arena = new Uint8Array(16_384);

  /** The code of bytes [start, end); a new string gets the next free one. {@link NOT_UTF8} when they are no UTF-8. */
  encode(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let code = this.#slots[slot]!; code !== EMPTY; code = this.#slots[slot]!) {
      if (this.#hashes[code] === hash && this.#holds(code, bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    return this.#add(hash, slot, bytes, start, end);
  }

  #holds(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = code === 0 ? 0 : this.#ends[code - 1]!;
    if (this.#ends[code]! - from !== end - start) return false;
    for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== this.#arena[j]) return false;
    return true;
  }

  #add(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const added = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    if (!isUtf8(added)) return NOT_UTF8;
    const code = this.dictionary.length;
    const from = code === 0 ? 0 : this.#ends[code - 1]!;
    this.#makeRoom(code, from + added.length);
    this.dictionary.push(added.toString('utf8'));
    this.#arena.set(added, from);
    this.#ends[code] = from + added.length;
    this.#hashes[code] = hash;
    this.#slots[slot] = code;
    if (this.dictionary.length * 2 > this.#slots.length) this.#rehash();
    return code;
  }

  #makeRoom(code: number, arenaLength: number): void {
    if (code === this.#hashes.length) {
      const hashes = new Int32Array(code * 2);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
      const ends = new Float64Array(code * 2);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    if (arenaLength > this.#arena.length) {
      const arena = new Uint8Array(Math.max(this.#arena.length * 2, arenaLength));
      arena.set(this.#arena);
      this.#arena = arena;
    }
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    const mask = this.#slots.length - 1;
    for (let code = 0; code < this.dictionary.length; code++) {
      const hash = this.#hashes[code]!;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

/** Returned in place of a code for bytes that are no UTF-8. */
export const NOT_UTF8 = -2;
const EMPTY = -1;
