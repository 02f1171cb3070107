/**
 * The history of one entity, opened: its transactions in order of time, each with the running totals of all before it. What a window
 * holds is then a difference of two totals. Their places are looked for where they were the last time, else by bisection, so reading
 * changes nothing but where one looks first, and late transactions need no special case.
 *
 * A late transaction moves those on its shorter side by one place, and adds to the totals behind it or, which makes the same differences,
 * subtracts from those before it.
 */
import { FeatureError } from '../feature-error.js';
import { HistoryBlock, around, bitsOf, fitsNarrow, fitsWide } from './history-block.js';
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
  /** Hash of its id, 32 bits with a sign. */
  idHash: number;
}

/** Stands for no id. */
export const NO_ID = -1;

const TWO_32 = 2 ** 32;

/** Places that are looked at one by one before bisection looks at all. */
const MOST_STEPS = 8;

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

  /** Reads what stands where windows ended the last time, so that it is at hand soon. Returns what was read, which means nothing. */
  approachEnds(): number {
    return this.#block.approachEnds();
  }

  /**
   * How many of the transactions are at or before each of some moments; they are the oldest ones. The moments are those of the layout's
   * ends of windows. These move on little from one event to the next, so each is looked for where it was the last time.
   *
   * @param positions receives the numbers
   */
  findEnds(moments: Float64Array, positions: Int32Array): void {
    const block = this.#block;
    const { latestMs, size, page, timesAt, endsAt, start, places } = block;
    const { hasWideTimes } = this.#layout;
    const { i32, u16 } = page;
    const latest = latestMs | 0;
    for (let end = 0; end < moments.length; end++) {
      // Many questions are about now, behind all that is remembered.
      const ageMs = latestMs - moments[end]!;
      if (ageMs <= 0) {
        positions[end] = size;
        continue;
      }
      const last = u16[endsAt + end]! - start;
      const guess = Math.min(size, last < 0 ? last + places : last);
      let position = guess;
      // Wide times, which few histories have, are bisected at once.
      let step = hasWideTimes || ageMs >= TWO_32 ? MOST_STEPS : 0;
      const age = ageMs >>> 0;
      for (; step < MOST_STEPS; step++) {
        if (position < size && (latest - i32[timesAt + around(start + position, places)]!) >>> 0 >= age) position++;
        else if (position > 0 && (latest - i32[timesAt + around(start + position - 1, places)]!) >>> 0 < age) position--;
        else break;
      }
      if (step === MOST_STEPS) position = this.#bisect(moments, end);
      positions[end] = position;
      if (position !== guess) u16[endsAt + end] = around(start + position, places);
    }
  }

  /** How many of the transactions are at or before a moment, one number. */
  countUntil(moment: Float64Array): number {
    if (this.#block.latestMs <= moment[0]!) return this.#block.size;
    return this.#bisect(moment, 0);
  }

  /** How many are at or before the moment at a place. */
  #bisect(moments: Float64Array, place: number): number {
    const epochMs = moments[place]!;
    const block = this.#block;
    const { latestMs, size, page, timesAt } = block;
    const { i32, f64 } = page;
    const { hasWideTimes } = this.#layout;
    const ageMs = latestMs - epochMs;
    if (!hasWideTimes && ageMs >= TWO_32) return 0;
    const latest = latestMs | 0;
    const age = ageMs >>> 0;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = timesAt + block.placeOf(middle);
      if (hasWideTimes ? f64[at]! <= epochMs : (latest - i32[at]!) >>> 0 >= age) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Epoch milliseconds of the transaction or tile at a position. */
  timeAt(position: number): number {
    const { latestMs, page, timesAt } = this.#block;
    const at = timesAt + this.#block.placeOf(position);
    if (this.#layout.hasWideTimes) return page.f64[at]!;
    return latestMs - (((latestMs | 0) - page.i32[at]!) >>> 0);
  }

  /** What the transactions from one position to before another add to a running total. */
  total(slot: number, from: number, to: number): number {
    const block = this.#block;
    const { page, isWide } = block;
    const at = block.totalsAt(slot);
    const begin = at + block.placeOf(from);
    const end = at + block.placeOf(to);
    if (this.#layout.isSmall[slot]) return (page.u16[end]! - page.u16[begin]!) & 0xffff;
    if (isWide) return page.f64[end]! - page.f64[begin]!;
    return (page.i32[end]! - page.i32[begin]!) | 0;
  }

  /** A value kept at a position. */
  value(slot: number, position: number): number {
    return this.#block.page.f64[this.#valueAt(slot, position)]!;
  }

  #valueAt(slot: number, position: number): number {
    const { valuesAt, places } = this.#block;
    return valuesAt + slot * places + this.#block.placeOf(position);
  }

  /** Hash of the id of the transaction at a position. */
  idAt(position: number): number {
    const { page, idsAt } = this.#block;
    return page.i32[idsAt + this.#block.placeOf(position)]!;
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
      this.#forgetOlder(this.#moment);
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
   *
   * @param at its event time in epoch milliseconds, one number
   */
  learn(slot: number, at: Float64Array, idHash: number, part: number): boolean {
    const isAny = idHash === NO_ID;
    let found = false;
    const newest = this.countUntil(at) - 1;
    for (let position = newest; position >= 0 && this.timeAt(position) === at[0]; position--) {
      if (!isAny && this.idAt(position) !== idHash) continue;
      found = true;
      const before = this.total(slot, position, position + 1);
      if (isAny && part === 0) break;
      if (before !== part) this.#addBehind(slot, position, part - before);
      if (isAny && before !== part) break;
    }
    return found;
  }

  /** Forgets what is at or before a moment, mostly a few transactions or none. */
  #forgetOlder(moment: Float64Array): void {
    const { size } = this;
    let count = 0;
    while (count < MOST_STEPS && count < size && this.#isUntil(count, moment)) count++;
    this.#forgetFirst(count === MOST_STEPS ? this.countUntil(moment) : count);
  }

  #isUntil(position: number, moment: Float64Array): boolean {
    return this.timeAt(position) <= moment[0]!;
  }

  #forgetFirst(count: number): void {
    const block = this.#block;
    block.start = block.placeOf(count);
    block.size -= count;
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
    if (block.isWide || fitsNarrow(bits, block.places)) block.bits = bits;
    else block.widen(bits);
    for (let slot = 0; slot < parts.length; slot++) this.#addBehind(slot, position, parts[slot]!);
    const { f64 } = block.page;
    for (let slot = 0; slot < values.length; slot++) {
      const at = this.#valueAt(slot, position);
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
    if (fitsWide(bits, this.#block.places + (this.#block.places >> 3) + 2)) return bits;
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
    if (block.isFull || block.isTooLarge) block.makeRoom(Math.max(this.#largestBits(), incoming));
    else if (block.isWide || fitsNarrow(bits, block.places)) block.bits = bits;
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
    const { hasIds, hasWideTimes, tileMs } = this.#layout;
    const atMs = tileMs === 0 ? at[0]! : Math.floor(at[0]! / tileMs) * tileMs;
    if (position === block.size) this.#addTotals(parts);
    else this.#insertTotals(position, parts);
    const { f64, i32 } = block.page;
    const place = block.placeOf(position);
    if (hasWideTimes) f64[block.timesAt + place] = atMs;
    else i32[block.timesAt + place] = atMs | 0;
    for (let slot = 0; slot < values.length; slot++) f64[block.valuesAt + slot * block.places + place] = values[slot]!;
    if (hasIds) i32[block.idsAt + place] = idHash;
  }

  /** Makes a place behind the newest transaction, with the totals behind it. */
  #addTotals(parts: Float64Array): void {
    const block = this.#block;
    const { f64, i32, u16 } = block.page;
    const { isSmall } = this.#layout;
    const newest = block.placeOf(block.size);
    const behind = block.placeOf(++block.size);
    for (let slot = 0; slot < isSmall.length; slot++) {
      const at = block.totalsAt(slot);
      if (isSmall[slot]) u16[at + behind] = u16[at + newest]! + parts[slot]!;
      else if (block.isWide) f64[at + behind] = f64[at + newest]! + parts[slot]!;
      else i32[at + behind] = i32[at + newest]! + parts[slot]!;
    }
  }

  /** Makes a place at a position, with the totals before and behind it. */
  #insertTotals(position: number, parts: Float64Array): void {
    const block = this.#block;
    const isEarly = position < block.size / 2;
    if (isEarly && block.isWide && block.start === 0) block.center();
    const goesDown = isEarly && !(block.isWide && block.start === 0);
    if (goesDown) block.growDown(position);
    else block.growUp(position);
    for (let slot = 0; slot < parts.length; slot++) {
      if (goesDown) this.#addTo(slot, 0, position, -parts[slot]!);
      else this.#addBehind(slot, position, parts[slot]!);
    }
  }

  #addBehind(slot: number, position: number, part: number): void {
    this.#addTo(slot, position + 1, this.#block.size, part);
  }

  /** Adds to the totals at some positions; narrow ones wrap around. */
  #addTo(slot: number, from: number, to: number, part: number): void {
    const block = this.#block;
    const totals = block.totals(slot);
    const at = block.totalsAt(slot);
    for (let position = from; position <= to; position++) totals[at + block.placeOf(position)]! += part;
  }
}
