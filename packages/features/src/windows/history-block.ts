/**
 * The block of one history, opened in the slab: where its columns of numbers lie, and how it is moved and resized. What the numbers mean
 * is the matter of {@link EntityHistory}.
 *
 * The places of a column are a ring: behind the last one comes the first. New transactions are added behind; the oldest are forgotten by
 * moving the start, so that as long as no more come than go, nothing is moved, and the newest and the oldest ones, which windows end at, are
 * neighbours. When the block is full, its content moves into a larger one; when it is much too large, into a smaller one.
 *
 * The running totals of a wide history would lose digits if they grew for ever, where narrow ones wrap around. There the start doesn't go
 * around: when the last place is reached, what is left moves to the beginning, and the totals begin at 0 again.
 */
import { FIXED_HEADER_UNITS, type HistoryLayout, MAX_PLACES, blockUnits, headerUnits } from './history-layout.js';
import type { HistorySlab, SlabPage } from './history-slab.js';

/** Numbers of one width of a page. */
export type Numbers = Float64Array | Int32Array | Uint16Array;

/** Fewest places of a block. */
const FEWEST_PLACES = 5;

const NO_PAGE: SlabPage = { f64: new Float64Array(), i32: new Int32Array(), u16: new Uint16Array() };

/** Marks a wide history beside the bits of its largest part. */
const WIDE = 0x8000;

export class HistoryBlock {
  readonly layout: HistoryLayout;
  page: SlabPage = NO_PAGE;
  /** How many places a column has; one of them has only the totals behind the newest transaction. */
  places = 0;
  isWide = false;
  /** Where the oldest transaction is. */
  start = 0;
  size = 0;
  latestMs = 0;
  /** How many bits the largest part of a sum has had. */
  bits = 0;
  // Where columns begin in the page, in numbers of their own width.
  timesAt = 0;
  sumsAt = 0;
  valuesAt = 0;
  idsAt = 0;
  smallAt = 0;
  /** Where the places at which windows ended the last time begin, in numbers of 16 bits. */
  endsAt = 0;
  readonly #slab: HistorySlab;
  #owner = -1;
  #unit = 0;
  /** Where the columns were before they moved. */
  readonly #old: Columns = {
    page: NO_PAGE,
    start: 0,
    places: 0,
    isWide: false,
    timesAt: 0,
    sumsAt: 0,
    smallAt: 0,
    valuesAt: 0,
    idsAt: 0,
    endsAt: 0,
  };

  constructor(layout: HistoryLayout, slab: HistorySlab) {
    this.layout = layout;
    this.#slab = slab;
  }

  /** Gives an owner an empty block and opens it. */
  create(owner: number): void {
    this.#owner = owner;
    this.size = 0;
    this.latestMs = Number.NEGATIVE_INFINITY;
    this.bits = 0;
    this.#begin(FEWEST_PLACES, false);
    for (let slot = 0; slot < this.layout.isSmall.length; slot++) this.totals(slot)[this.totalsAt(slot)] = 0;
    this.page.u16.fill(0, this.endsAt, this.endsAt + this.layout.endCount);
    this.save();
    this.#slab.tidy();
    this.open(owner);
  }

  /** Opens an owner's block; what was not saved of another one is lost. */
  open(owner: number): void {
    this.#owner = owner;
    this.page = this.#slab.page(owner);
    this.#unit = this.#slab.unit(owner);
    const at = (this.#unit + 2) * 4;
    const { u16, f64 } = this.page;
    this.start = u16[at]!;
    this.size = u16[at + 1]!;
    this.places = u16[at + 2]!;
    const bits = u16[at + 3]!;
    this.isWide = (bits & WIDE) !== 0;
    this.bits = bits & ~WIDE;
    this.latestMs = f64[this.#unit + 1]!;
    this.#findColumns();
  }

  /** Writes what {@link open} reads. */
  save(): void {
    const { f64, u16 } = this.page;
    f64[this.#unit + 1] = this.latestMs;
    const at = (this.#unit + 2) * 4;
    u16[at] = this.start;
    u16[at + 1] = this.size;
    u16[at + 2] = this.places;
    u16[at + 3] = this.isWide ? this.bits | WIDE : this.bits;
  }

  /** The numbers in which a running total is. */
  totals(slot: number): Numbers {
    if (this.layout.isSmall[slot]) return this.page.u16;
    return this.isWide ? this.page.f64 : this.page.i32;
  }

  /** Where its column begins in them. */
  totalsAt(slot: number): number {
    return (this.layout.isSmall[slot] ? this.smallAt : this.sumsAt) + this.layout.totalPlaces[slot]! * this.places;
  }

  /** Where in each column a position is; of the running totals there, those of all transactions before it. */
  placeOf(position: number): number {
    return around(this.start + position, this.places);
  }

  /** Reads the columns where windows ended the last time. Returns what was read, which means nothing. */
  approachEnds(): number {
    const { layout, page, timesAt, endsAt, places } = this;
    const { endCount, hasWideTimes, sumCount, smallCount } = layout;
    const { i32, u16 } = page;
    const timeShift = hasWideTimes ? 1 : 0;
    const sumShift = this.isWide ? 1 : 0;
    let read = 0;
    for (let end = 0; end < endCount; end++) {
      const place = u16[endsAt + end]!;
      read ^= i32[(timesAt + place) << timeShift]!;
      for (let i = 0; i < sumCount; i++) read ^= i32[(this.sumsAt + i * places + place) << sumShift]!;
      for (let i = 0; i < smallCount; i++) read ^= u16[this.smallAt + i * places + place]!;
    }
    return read;
  }

  /** Whether there is no room behind the newest transaction. */
  get isFull(): boolean {
    return (this.isWide ? this.start + this.size : this.size) + 1 >= this.places;
  }

  /** Whether the end came around to a block of which less than three quarters are needed. */
  get isTooLarge(): boolean {
    return this.size > 0 && this.placeOf(this.size) === 0 && this.#neededPlaces() < this.places - (this.places >> 2);
  }

  /** Makes room behind the newest transaction; `bits` of the largest part that was or will be added. */
  makeRoom(bits: number): void {
    const needed = this.#neededPlaces();
    const stays = this.places - 1 - this.size > this.size >> 5 && needed >= this.places - (this.places >> 2);
    this.#rebuild(stays ? this.places : needed, bits);
  }

  #neededPlaces(): number {
    return Math.min(MAX_PLACES, Math.max(FEWEST_PLACES, this.size + 2 + (this.size >> 4)));
  }

  /** Makes room for larger parts. */
  widen(bits: number): void {
    this.#rebuild(this.places, bits);
  }

  #rebuild(places: number, bits: number): void {
    this.#rememberColumns();
    const isWide = !fitsNarrow(bits, places);
    if (places === this.places && isWide === this.isWide) this.start = 0;
    else this.#begin(places, isWide);
    this.#copyRemembered();
    this.bits = bits;
    this.save();
    this.#slab.tidy();
    this.open(this.#owner);
  }

  /** Gives the owner a block with no columns filled, and opens it. */
  #begin(places: number, isWide: boolean): void {
    this.#slab.place(this.#owner, blockUnits(this.layout, places, isWide));
    this.page = this.#slab.page(this.#owner);
    this.#unit = this.#slab.unit(this.#owner);
    this.start = 0;
    this.places = places;
    this.isWide = isWide;
    this.#findColumns();
  }

  /** Writes down where the columns are, before they move. */
  #rememberColumns(): void {
    const old = this.#old;
    old.page = this.page;
    old.start = this.start;
    old.places = this.places;
    old.isWide = this.isWide;
    old.timesAt = this.timesAt;
    old.sumsAt = this.sumsAt;
    old.smallAt = this.smallAt;
    old.valuesAt = this.valuesAt;
    old.idsAt = this.idsAt;
    old.endsAt = this.endsAt;
  }

  /** Copies the transactions from where they were to the beginning of the columns; totals begin at 0 again. */
  #copyRemembered(): void {
    const old = this.#old;
    const { size, places } = this;
    const { hasWideTimes, sumCount, smallCount, valueCount, hasIds, endCount } = this.layout;
    const { f64, i32, u16 } = this.page;
    const { page } = old;
    for (let end = 0; end < endCount; end++) {
      const position = page.u16[old.endsAt + end]! - old.start;
      u16[this.endsAt + end] = Math.min(size, position < 0 ? position + old.places : position);
    }
    copyNumbers(hasWideTimes ? page.f64 : page.i32, old.timesAt, old, hasWideTimes ? f64 : i32, this.timesAt, size);
    const oldSums = old.isWide ? page.f64 : page.i32;
    const sums = this.isWide ? f64 : i32;
    for (let i = 0; i < sumCount; i++)
      copyTotals(oldSums, old.sumsAt + i * old.places, old, sums, this.sumsAt + i * places, size);
    for (let i = 0; i < smallCount; i++)
      copyTotals(page.u16, old.smallAt + i * old.places, old, u16, this.smallAt + i * places, size);
    for (let i = 0; i < valueCount; i++)
      copyNumbers(page.f64, old.valuesAt + i * old.places, old, f64, this.valuesAt + i * places, size);
    if (hasIds) copyNumbers(page.i32, old.idsAt, old, i32, this.idsAt, size);
  }

  #findColumns(): void {
    const { hasWideTimes, sumCount, valueCount, hasIds } = this.layout;
    const { places } = this;
    this.endsAt = (this.#unit + FIXED_HEADER_UNITS) * 4;
    let unit = this.#unit + headerUnits(this.layout);
    this.valuesAt = unit;
    unit += valueCount * places;
    if (hasWideTimes) {
      this.timesAt = unit;
      unit += places;
    }
    if (this.isWide) {
      this.sumsAt = unit;
      unit += sumCount * places;
    }
    let half = unit * 2;
    if (!hasWideTimes) {
      this.timesAt = half;
      half += places;
    }
    if (!this.isWide) {
      this.sumsAt = half;
      half += sumCount * places;
    }
    this.idsAt = half;
    if (hasIds) half += places;
    this.smallAt = half * 2;
  }

  /** Makes a place at a position, from which on all move up. The totals at the position stay as they are, and are those behind it too. */
  growUp(position: number): void {
    this.#move(1, position, this.size);
    this.size++;
  }

  /** Makes a place at a position, before which all move down. The totals behind the position are those at it too. */
  growDown(position: number): void {
    this.start = this.start === 0 ? this.places - 1 : this.start - 1;
    this.size++;
    this.#move(-1, 1, position + 1);
  }

  /** Gives half of the free places to the front of a wide history, for early ones that keep coming. */
  center(): void {
    const by = (this.places - 1 - this.size) >> 1;
    this.#move(by, 0, this.size);
    this.start += by;
  }

  /** Moves the transactions at positions up to one, without it, by so many places, with the totals up to it, including those there. */
  #move(by: number, from: number, to: number): void {
    const { hasWideTimes, sumCount, smallCount, valueCount, hasIds } = this.layout;
    const { f64, i32, u16 } = this.page;
    const { places } = this;
    this.#moveColumn(by, hasWideTimes ? f64 : i32, this.timesAt, from, to - 1);
    for (let i = 0; i < sumCount; i++) this.#moveColumn(by, this.isWide ? f64 : i32, this.sumsAt + i * places, from, to);
    for (let i = 0; i < smallCount; i++) this.#moveColumn(by, u16, this.smallAt + i * places, from, to);
    for (let i = 0; i < valueCount; i++) this.#moveColumn(by, f64, this.valuesAt + i * places, from, to - 1);
    if (hasIds) this.#moveColumn(by, i32, this.idsAt, from, to - 1);
  }

  #moveColumn(by: number, numbers: Numbers, at: number, from: number, last: number): void {
    if (by > 0) for (let i = last; i >= from; i--) numbers[at + this.placeOf(i + by)] = numbers[at + this.placeOf(i)]!;
    else for (let i = from; i <= last; i++) numbers[at + this.placeOf(i + by)] = numbers[at + this.placeOf(i)]!;
  }
}

/** Where columns are; see the fields of the same names. */
type Columns = Pick<
  HistoryBlock,
  'page' | 'start' | 'places' | 'isWide' | 'timesAt' | 'sumsAt' | 'smallAt' | 'valuesAt' | 'idsAt' | 'endsAt'
>;

/** Where a ring is: its first place, and how many places it has. */
type Ring = Pick<HistoryBlock, 'start' | 'places'>;

/**
 * A place of a ring, from one that may lie behind its last one. Arithmetic, since rings have gone around or not by chance, and a processor
 * loses more by a wrong guess than by four steps.
 */
export function around(place: number, places: number): number {
  return place - (places & ((places - 1 - place) >> 31));
}

/** From a ring to the beginning of a column; also within one column, downwards. */
function copyNumbers(from: Numbers, fromAt: number, { start, places }: Ring, to: Numbers, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + around(start + i, places)]!;
}

/** As many totals and one more, so that the first is 0 and all differences stay; also within one column, downwards. */
function copyTotals(from: Numbers, fromAt: number, { start, places }: Ring, to: Numbers, toAt: number, count: number): void {
  const wraps = from instanceof Int32Array;
  let before = from[fromAt + start]!;
  let total = 0;
  to[toAt] = 0;
  for (let i = 1; i <= count; i++) {
    const next = from[fromAt + around(start + i, places)]!;
    // What wrapped around in a narrow column must not do so in a wide one.
    total += wraps ? (next - before) | 0 : next - before;
    to[toAt + i] = total;
    before = next;
  }
}

/** Least n with |part| < 2^n. */
export function bitsOf(part: number): number {
  const size = Math.abs(part);
  return size < 2 ** 32 ? 32 - Math.clz32(size) : 32 + bitsOf(Math.floor(size / 2 ** 32));
}

/** Whether no window of so many places with parts of so many bits reaches 2^31. */
export function fitsNarrow(bits: number, places: number): boolean {
  return bits <= Math.clz32(places) - 1;
}

/** Whether no total of so many places with parts of so many bits reaches 2^53. */
export function fitsWide(bits: number, places: number): boolean {
  return bits <= Math.clz32(places) + 21;
}
