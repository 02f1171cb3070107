import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';

/** Most transactions whose sums of up to {@link MAX_SUMMED_UNITS} units each can be kept exact, with room for totals to wander. */
export const MAX_SUMMED_EVENTS = 60_000;

/** How far the total before the oldest transaction may be from 0: from there on, those remembered and one more stay below 2^53. */
const FARTHEST_TOTAL = 2 ** 53 - (MAX_SUMMED_EVENTS + 1) * MAX_SUMMED_UNITS;

/**
 * What is remembered of one entity: its transactions in order of time, in a ring, each with the running totals of all before it.
 * What a window holds is then a difference of two totals, found by bisection, so reading changes nothing and late transactions need
 * no special case. Forgetting the oldest moves the ring's start. A late transaction moves those on its shorter side by one place, and
 * adds to the totals behind it or, which makes the same differences, subtracts from those before it. A label adds to the totals behind.
 *
 * Totals begin anew before they are so far from 0 that they would not be exact: with at most {@link MAX_SUMMED_EVENTS} transactions of
 * at most {@link MAX_SUMMED_UNITS} units each, they always are.
 *
 * All numbers are in one Float64Array: for each place of the ring the time, then for each running total its value before that
 * place, then (if asked for) the transaction's id; at the end each running total over all.
 */
export class EntityHistory {
  readonly key: string;
  /** Whether it got a transaction since this mark was last cleared; see `EntityHistories`. */
  usedLately = false;
  /** Number of transactions remembered. */
  size = 0;
  readonly #totalCount: number;
  readonly #columnCount: number;
  #head = 0;
  #capacity = SMALLEST_CAPACITY;
  #numbers: Float64Array;

  /** @param totalCount running totals a transaction @param withIds whether ids are kept, for labels to find them */
  constructor(key: string, totalCount: number, withIds: boolean) {
    this.key = key;
    this.#totalCount = totalCount;
    this.#columnCount = 1 + totalCount + (withIds ? 1 : 0);
    this.#numbers = new Float64Array(this.#columnCount * SMALLEST_CAPACITY + totalCount);
  }

  /** Bytes of its numbers. */
  get sizeBytes(): number {
    return this.#numbers.byteLength;
  }

  /** How many of the transactions are at or before a moment; they are the oldest ones. */
  countUntil(epochMs: number): number {
    const numbers = this.#numbers;
    const mask = this.#capacity - 1;
    const head = this.#head;
    let low = 0;
    let high = this.size;
    // Most questions are about now, behind all that is remembered.
    if (high === 0 || numbers[(head + high - 1) & mask]! <= epochMs) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[(head + middle) & mask]! <= epochMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Running total over the oldest so many transactions; only differences of two have a meaning. */
  totalBefore(slot: number, position: number): number {
    const capacity = this.#capacity;
    if (position === this.size) return this.#numbers[this.#columnCount * capacity + slot]!;
    return this.#numbers[(1 + slot) * capacity + ((this.#head + position) & (capacity - 1))]!;
  }

  /** Adds a transaction behind all at or before its time. `values`: what it adds to each running total, then its id if kept. */
  insert(epochMs: number, values: Float64Array): void {
    if (this.size === this.#capacity) this.#resize(this.#capacity * 2);
    else if (this.#totalsAreFar()) this.#resize(this.#capacity);
    this.usedLately = true;
    const position = this.countUntil(epochMs);
    // Late ones move the shorter side, so that neither a little late nor ever earlier ones move much.
    const goesFirst = position < this.size / 2;
    if (goesFirst) this.#makeRoomBefore(position);
    else if (position < this.size) this.#makeRoom(position);
    this.size++;
    const numbers = this.#numbers;
    const capacity = this.#capacity;
    const place = (this.#head + position) & (capacity - 1);
    numbers[place] = epochMs;
    for (let slot = 0; slot < this.#totalCount; slot++) {
      if (goesFirst) {
        // Its own place takes the total of the one behind, less its own part.
        numbers[(1 + slot) * capacity + place] = this.totalBefore(slot, position + 1);
        this.#takeBefore(slot, position, values[slot]!);
        continue;
      }
      if (position === this.size - 1) numbers[(1 + slot) * capacity + place] = numbers[this.#columnCount * capacity + slot]!;
      this.#addBehind(slot, position, values[slot]!);
    }
    if (this.#columnCount > 1 + this.#totalCount) numbers[(1 + this.#totalCount) * capacity + place] = values[this.#totalCount]!;
  }

  /** Forgets all at or before a moment, and more of the oldest until at most so many remain. Returns how many these more were. */
  forget(untilMs: number, keepAtMost: number): number {
    const expired = this.size === 0 || this.#numbers[this.#head]! > untilMs ? 0 : this.countUntil(untilMs);
    const surplus = Math.max(0, this.size - expired - keepAtMost);
    this.#head = (this.#head + expired + surplus) & (this.#capacity - 1);
    this.size -= expired + surplus;
    if (this.#capacity > SMALLEST_CAPACITY && this.size * 4 < this.#capacity) this.#resize(this.#capacity / 2);
    return surplus;
  }

  /**
   * Makes the part that a transaction has in a running total be so much. The transaction is the one of this time and id; without an id
   * (NaN) the first of this time whose part differs. Returns false when there is none of this time and id.
   */
  learn(slot: number, epochMs: number, id: number, value: number): boolean {
    let found = false;
    for (let position = this.countUntil(epochMs) - 1; position >= 0; position--) {
      const place = (this.#head + position) & (this.#capacity - 1);
      if (this.#numbers[place] !== epochMs) break;
      const anyId = Number.isNaN(id);
      if (!anyId && this.#numbers[(1 + this.#totalCount) * this.#capacity + place] !== id) continue;
      found = true;
      const part = this.totalBefore(slot, position + 1) - this.totalBefore(slot, position);
      if (part !== value) this.#addBehind(slot, position, value - part);
      if (!anyId || part !== value) break;
    }
    return found;
  }

  #addBehind(slot: number, position: number, amount: number): void {
    const numbers = this.#numbers;
    const capacity = this.#capacity;
    const column = (1 + slot) * capacity;
    for (let i = position + 1; i < this.size; i++) numbers[column + ((this.#head + i) & (capacity - 1))]! += amount;
    numbers[this.#columnCount * capacity + slot]! += amount;
  }

  #takeBefore(slot: number, position: number, amount: number): void {
    const capacity = this.#capacity;
    const column = (1 + slot) * capacity;
    for (let i = 0; i <= position; i++) this.#numbers[column + ((this.#head + i) & (capacity - 1))]! -= amount;
  }

  #totalsAreFar(): boolean {
    for (let slot = 0; slot < this.#totalCount; slot++) if (Math.abs(this.totalBefore(slot, 0)) > FARTHEST_TOTAL) return true;
    return false;
  }

  /** Moves the transactions before a position one place down, and the ring's start with them. */
  #makeRoomBefore(position: number): void {
    const mask = this.#capacity - 1;
    this.#head = (this.#head - 1) & mask;
    for (let column = 0; column < this.#columnCount; column++) {
      const start = column * this.#capacity;
      for (let i = 0; i < position; i++) {
        this.#numbers[start + ((this.#head + i) & mask)] = this.#numbers[start + ((this.#head + i + 1) & mask)]!;
      }
    }
  }

  /** Moves the transactions from a position on one place up; the place that gets free keeps its totals. */
  #makeRoom(position: number): void {
    const mask = this.#capacity - 1;
    for (let column = 0; column < this.#columnCount; column++) {
      const start = column * this.#capacity;
      for (let i = this.size; i > position; i--) {
        this.#numbers[start + ((this.#head + i) & mask)] = this.#numbers[start + ((this.#head + i - 1) & mask)]!;
      }
    }
  }

  #resize(capacity: number): void {
    const resized = new Float64Array(this.#columnCount * capacity + this.#totalCount);
    const mask = this.#capacity - 1;
    for (let column = 0; column < this.#columnCount; column++) {
      const isTotal = column >= 1 && column <= this.#totalCount;
      const base = isTotal && this.size > 0 ? this.totalBefore(column - 1, 0) : 0;
      for (let i = 0; i < this.size; i++) {
        resized[column * capacity + i] = this.#numbers[column * this.#capacity + ((this.#head + i) & mask)]! - base;
      }
      if (isTotal) {
        resized[this.#columnCount * capacity + column - 1] =
          this.totalBefore(column - 1, this.size) - this.totalBefore(column - 1, 0);
      }
    }
    this.#numbers = resized;
    this.#head = 0;
    this.#capacity = capacity;
  }
}

/** Places of a new ring; a power of two, as all capacities are. */
const SMALLEST_CAPACITY = 4;
