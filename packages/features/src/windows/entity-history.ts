/**
 * The history of one entity, opened: its transactions in order of time, each with the running totals of all before it. What a window
 * holds is then a difference of two totals, found by bisection, so reading changes nothing and late transactions need no special case.
 *
 * A late transaction moves those on its shorter side by one place, and adds to the totals behind it or, which makes the same differences,
 * subtracts from those before it.
 */
import { FeatureError } from '../feature-error.js';
import { HistoryBlock, bitsOf, fitsNarrow, fitsWide } from './history-block.js';
import type { HistoryLayout } from './history-layout.js';
import type { HistorySlab } from './history-slab.js';

/**
 * What one transaction is to one entity. Numbers that change with every transaction are in arrays, since JavaScript allocates memory for
 * most numbers that are passed to a function or returned by one.
 */
export interface EntityEvent {
  /** Its event time in epoch milliseconds, one number. */
  readonly at: Float64Array;
  /** What it adds to each running total. */
  readonly parts: Float64Array;
  /** The values kept of it, NaN when missing. */
  readonly values: Float64Array;
  /** Hash of its id, 0 to 2^32 - 1. */
  idHash: number;
}

/** Stands for no id. */
export const NO_ID = 0xffff_ffff;

const TWO_32 = 2 ** 32;

export class EntityHistory {
  readonly #layout: HistoryLayout;
  readonly #block: HistoryBlock;
  /** The moment that an insert or a label looks for. */
  readonly #moment = new Float64Array(1);

  constructor(layout: HistoryLayout, slab: HistorySlab) {
    this.#layout = layout;
    this.#block = new HistoryBlock(layout, slab);
  }

  /** Number of places, of which each is a transaction or a tile. */
  get size(): number {
    return this.#block.size;
  }

  /** Gives an owner an empty history and opens it. */
  create(owner: number): void {
    this.#block.create(owner);
  }

  /** Opens an owner's history; another one that was open is closed. */
  open(owner: number): void {
    this.#block.open(owner);
  }

  /** How many of the transactions are at or before a moment, one number; they are the oldest ones. */
  countUntil(moment: Float64Array): number {
    const epochMs = moment[0]!;
    const { latestMs, size, page, timesAt, start } = this.#block;
    // Most questions are about now, behind all that is remembered.
    const ageMs = latestMs - epochMs;
    if (ageMs <= 0) return size;
    if (this.#layout.hasWideTimes) return this.#countUntilWide(moment);
    if (ageMs >= TWO_32) return 0;
    const { i32 } = page;
    const at = timesAt + start;
    const latest = latestMs | 0;
    const age = ageMs >>> 0;
    // Most others are about the oldest ones.
    if ((latest - i32[at]!) >>> 0 < age) return 0;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((latest - i32[at + middle]!) >>> 0 >= age) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #countUntilWide(moment: Float64Array): number {
    const epochMs = moment[0]!;
    const { size, page, timesAt, start } = this.#block;
    const { f64 } = page;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (f64[timesAt + start + middle]! <= epochMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Epoch milliseconds of the transaction or tile at a position. */
  timeAt(position: number): number {
    const { latestMs, page, timesAt, start } = this.#block;
    const at = timesAt + start + position;
    if (this.#layout.hasWideTimes) return page.f64[at]!;
    return latestMs - (((latestMs | 0) - page.i32[at]!) >>> 0);
  }

  /** What the transactions from one position to before another add to a running total. */
  total(slot: number, from: number, to: number): number {
    const { page, isWide } = this.#block;
    const at = this.#block.totalsAt(slot);
    if (this.#layout.isSmall[slot]) return (page.u16[at + to]! - page.u16[at + from]!) & 0xffff;
    if (isWide) return page.f64[at + to]! - page.f64[at + from]!;
    return (page.i32[at + to]! - page.i32[at + from]!) | 0;
  }

  /** A value kept at a position. */
  value(slot: number, position: number): number {
    const { page, valuesAt, capacity, start } = this.#block;
    return page.f64[valuesAt + slot * capacity + start + position]!;
  }

  /** Hash of the id of the transaction at a position. */
  idAt(position: number): number {
    const { page, idsAt, start } = this.#block;
    return page.i32[idsAt + start + position]! >>> 0;
  }

  /**
   * Adds a transaction behind all at or before its time, and forgets those that are too old: before its time for what is kept, or too
   * many. One that is itself too old is not added. Returns how many were forgotten because there were too many.
   *
   * @throws {FeatureError} INVALID_VALUE when the amounts of a tile get too large to be added up; {@link requireRoomFor} tells before
   */
  insert(event: EntityEvent, keepAtMost: number): number {
    const { keptMs, tileMs } = this.#layout;
    const block = this.#block;
    const epochMs = event.at[0]!;
    const atMs = tileMs === 0 ? epochMs : Math.floor(epochMs / tileMs) * tileMs;
    if (block.latestMs - atMs >= keptMs) return 0;
    if (atMs > block.latestMs) {
      this.#moment[0] = atMs - keptMs;
      this.#forgetFirst(this.countUntil(this.#moment));
      block.latestMs = atMs;
    }
    if (tileMs > 0 && this.#addToTile(atMs, event)) return 0;
    this.#moment[0] = atMs;
    const surplus = Math.max(0, block.size + 1 - keepAtMost);
    // The oldest one goes, which may be the one that just came.
    if (surplus > 0 && this.countUntil(this.#moment) === 0) return surplus;
    this.#forgetFirst(surplus);
    this.#makeRoomFor(event.parts);
    this.#insertAt(this.countUntil(this.#moment), event);
    block.save();
    return surplus;
  }

  /** Refuses a transaction whose tile could not be added up any more. @throws {FeatureError} INVALID_VALUE */
  requireRoomFor(event: EntityEvent): void {
    const { tileMs } = this.#layout;
    const position = tileMs === 0 ? -1 : this.#tileAt(Math.floor(event.at[0]! / tileMs) * tileMs);
    if (position >= 0) this.#bitsInTile(position, event.parts);
  }

  /**
   * Makes the part that a transaction has in a running total be so much. The transaction is the one of this time and id, in all its
   * copies. With the id {@link NO_ID} it is the last one of this time whose part is still 0, and a part of 0 changes nothing, since it
   * could be another one's. Returns false when there is none of this time and id.
   */
  learn(slot: number, epochMs: number, idHash: number, part: number): boolean {
    const isAny = idHash === NO_ID;
    let found = false;
    this.#moment[0] = epochMs;
    for (let position = this.countUntil(this.#moment) - 1; position >= 0 && this.timeAt(position) === epochMs; position--) {
      if (!isAny && this.idAt(position) !== idHash) continue;
      found = true;
      const before = this.total(slot, position, position + 1);
      if (isAny && part === 0) break;
      if (before !== part) this.#addBehind(slot, position, part - before);
      if (isAny && before !== part) break;
    }
    return found;
  }

  #forgetFirst(count: number): void {
    this.#block.start += count;
    this.#block.size -= count;
  }

  /** Position of the tile that begins at this time, or -1. */
  #tileAt(tileMs: number): number {
    this.#moment[0] = tileMs;
    const position = this.countUntil(this.#moment) - 1;
    return position >= 0 && this.timeAt(position) === tileMs ? position : -1;
  }

  /** Adds to the tile of this time, when there is one. */
  #addToTile(tileMs: number, { parts, values }: EntityEvent): boolean {
    const position = this.#tileAt(tileMs);
    if (position < 0) return false;
    const block = this.#block;
    const bits = this.#bitsInTile(position, parts);
    if (block.isWide || fitsNarrow(bits, block.capacity)) block.bits = bits;
    else block.widen(bits);
    for (let slot = 0; slot < parts.length; slot++) this.#addBehind(slot, position, parts[slot]!);
    const { f64 } = block.page;
    for (let slot = 0; slot < values.length; slot++) {
      const at = block.valuesAt + slot * block.capacity + block.start + position;
      const kept = f64[at]!;
      const value = values[slot]!;
      const replaces = this.#layout.keepsLeast[slot] ? value < kept : value > kept;
      if (replaces || Number.isNaN(kept)) f64[at] = value;
    }
    block.save();
    return true;
  }

  /** Bits of the largest part, with these added to a tile. */
  #bitsInTile(position: number, parts: Float64Array): number {
    let { bits } = this.#block;
    for (let slot = 0; slot < parts.length; slot++) {
      if (this.#layout.isSmall[slot]) continue;
      bits = Math.max(bits, bitsOf(parts[slot]! + this.total(slot, position, position + 1)));
    }
    // Blocks grow by an eighth, and the next one must hold this as well.
    if (fitsWide(bits, this.#block.capacity + (this.#block.capacity >> 3) + 2)) return bits;
    throw new FeatureError(
      'INVALID_VALUE',
      'event: the amounts of its tile are too large to be added up exactly; declare a coarser multipleOf, or a shorter resolution',
    );
  }

  /** Makes the block fit for one more place, and for these parts. */
  #makeRoomFor(parts: Float64Array): void {
    const block = this.#block;
    const incoming = this.#bitsOfParts(parts);
    const bits = Math.max(block.bits, incoming);
    if (block.start + block.size === block.capacity) block.makeRoom(Math.max(this.#largestBits(), incoming));
    else if (block.isWide || fitsNarrow(bits, block.capacity)) block.bits = bits;
    else block.widen(bits);
  }

  #bitsOfParts(parts: Float64Array): number {
    let bits = 0;
    for (let slot = 0; slot < parts.length; slot++) {
      if (!this.#layout.isSmall[slot]) bits = Math.max(bits, bitsOf(parts[slot]!));
    }
    return bits;
  }

  /** Bits of the largest part that is remembered. */
  #largestBits(): number {
    let largest = 0;
    for (let slot = 0; slot < this.#layout.isSmall.length; slot++) {
      if (this.#layout.isSmall[slot]) continue;
      for (let i = 0; i < this.#block.size; i++) largest = Math.max(largest, Math.abs(this.total(slot, i, i + 1)));
    }
    return bitsOf(largest);
  }

  #insertAt(position: number, { at, parts, values, idHash }: EntityEvent): void {
    const block = this.#block;
    const { isSmall, hasIds, hasWideTimes, tileMs } = this.#layout;
    const atMs = tileMs === 0 ? at[0]! : Math.floor(at[0]! / tileMs) * tileMs;
    const isEarly = position < block.size / 2;
    if (isEarly && block.start === 0) this.#center();
    const goesFirst = isEarly && block.start > 0;
    if (goesFirst) this.#moveDown(position);
    else if (position < block.size) this.#moveUp(position);
    block.size++;
    for (let slot = 0; slot < isSmall.length; slot++) {
      if (goesFirst) this.#subtractBefore(slot, position, parts[slot]!);
      else {
        const totals = block.totals(slot);
        const end = block.totalsAt(slot) + block.size;
        if (position === block.size - 1) totals[end] = totals[end - 1]!;
        this.#addBehind(slot, position, parts[slot]!);
      }
    }
    const { f64, i32 } = block.page;
    const place = block.start + position;
    if (hasWideTimes) f64[block.timesAt + place] = atMs;
    else i32[block.timesAt + place] = atMs | 0;
    for (let slot = 0; slot < values.length; slot++) f64[block.valuesAt + slot * block.capacity + place] = values[slot]!;
    if (hasIds) i32[block.idsAt + place] = idHash | 0;
  }

  /** Adds to all totals behind a position; narrow ones wrap around. */
  #addBehind(slot: number, position: number, part: number): void {
    const { page, isWide, size } = this.#block;
    const at = this.#block.totalsAt(slot);
    if (this.#layout.isSmall[slot]) addTo(page.u16, at + position + 1, at + size, part);
    else if (isWide) addTo(page.f64, at + position + 1, at + size, part);
    else addTo(page.i32, at + position + 1, at + size, part);
  }

  #subtractBefore(slot: number, position: number, part: number): void {
    const at = this.#block.totalsAt(slot);
    addTo(this.#block.totals(slot), at, at + position, -part);
  }

  /** Gives half of the free places to the front, for early ones that keep coming. */
  #center(): void {
    const block = this.#block;
    const by = (block.capacity - block.size) >> 1;
    block.eachColumn((numbers, at, isTotal) => numbers.copyWithin(at + by, at, at + block.size + (isTotal ? 1 : 0)));
    block.start = by;
  }

  /** Moves the transactions before a position one place down, and their totals, with that before the position, which stays as well. */
  #moveDown(position: number): void {
    const { start } = this.#block;
    this.#block.eachColumn((numbers, at, isTotal) =>
      numbers.copyWithin(at + start - 1, at + start, at + start + position + (isTotal ? 1 : 0)),
    );
    this.#block.start--;
  }

  /** Moves the transactions from a position on one place up, and the totals with that before the position, which stays as well. */
  #moveUp(position: number): void {
    const { start, size } = this.#block;
    this.#block.eachColumn((numbers, at, isTotal) =>
      numbers.copyWithin(at + start + position + 1, at + start + position, at + start + size + (isTotal ? 1 : 0)),
    );
  }
}

function addTo(numbers: Float64Array | Int32Array | Uint16Array, from: number, to: number, part: number): void {
  for (let i = from; i <= to; i++) numbers[i]! += part;
}
