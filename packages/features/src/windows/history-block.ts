/**
 * The block of one history, opened in the slab: where its columns of numbers lie, and how it is moved and resized. What the numbers mean
 * is the matter of {@link EntityHistory}.
 *
 * Places are contiguous. New ones are added behind; the oldest are forgotten by moving the start. When the block is full, what is left
 * moves to its beginning, or into a block of another size when that would free too little or leave too much.
 */
import { HEADER_UNITS, type HistoryLayout, MAX_PLACES, blockUnits } from './history-layout.js';
import type { HistorySlab, SlabPage } from './history-slab.js';

/** Numbers of one width of a page. */
export type Numbers = Float64Array | Int32Array | Uint16Array;

/** Places of a new block. */
const SMALLEST_CAPACITY = 4;

const NO_PAGE: SlabPage = { f64: new Float64Array(), i32: new Int32Array(), u16: new Uint16Array() };

/** Marks a wide history beside the bits of its largest part. */
const WIDE = 0x8000;

export class HistoryBlock {
  readonly layout: HistoryLayout;
  page: SlabPage = NO_PAGE;
  capacity = 0;
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
  readonly #slab: HistorySlab;
  #owner = -1;
  #unit = 0;
  /** Where the columns were before they moved. */
  readonly #old: Columns = {
    page: NO_PAGE,
    start: 0,
    capacity: 0,
    isWide: false,
    timesAt: 0,
    sumsAt: 0,
    smallAt: 0,
    valuesAt: 0,
    idsAt: 0,
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
    this.#begin(SMALLEST_CAPACITY, false);
    for (let slot = 0; slot < this.layout.isSmall.length; slot++) this.totals(slot)[this.totalsAt(slot)] = 0;
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
    this.capacity = u16[at + 2]!;
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
    u16[at + 2] = this.capacity;
    u16[at + 3] = this.isWide ? this.bits | WIDE : this.bits;
  }

  /** The numbers in which a running total is. */
  totals(slot: number): Numbers {
    if (this.layout.isSmall[slot]) return this.page.u16;
    return this.isWide ? this.page.f64 : this.page.i32;
  }

  /** Where in them it has its value before the oldest transaction; that after the newest is `size` further. */
  totalsAt(slot: number): number {
    const begin = this.layout.isSmall[slot] ? this.smallAt : this.sumsAt;
    return begin + this.layout.totalPlaces[slot]! * (this.capacity + 1) + this.start;
  }

  /** Makes room behind the newest transaction; `bits` of the largest part that was or will be added. */
  makeRoom(bits: number): void {
    const needed = Math.min(MAX_PLACES, Math.max(SMALLEST_CAPACITY, this.size + 1 + (this.size >> 4)));
    const stays = this.capacity - this.size > this.size >> 5 && needed >= this.capacity - (this.capacity >> 2);
    this.#rebuild(stays ? this.capacity : needed, bits);
  }

  /** Makes room for larger parts. */
  widen(bits: number): void {
    this.#rebuild(this.capacity, bits);
  }

  #rebuild(capacity: number, bits: number): void {
    this.#rememberColumns();
    const isWide = !fitsNarrow(bits, capacity);
    if (capacity === this.capacity && isWide === this.isWide) this.start = 0;
    else this.#begin(capacity, isWide);
    this.#copyRemembered();
    this.bits = bits;
    this.save();
    this.#slab.tidy();
    this.open(this.#owner);
  }

  /** Gives the owner a block with no columns filled, and opens it. */
  #begin(capacity: number, isWide: boolean): void {
    this.#slab.place(this.#owner, blockUnits(this.layout, capacity, isWide));
    this.page = this.#slab.page(this.#owner);
    this.#unit = this.#slab.unit(this.#owner);
    this.start = 0;
    this.capacity = capacity;
    this.isWide = isWide;
    this.#findColumns();
  }

  /** Writes down where the columns are, before they move. */
  #rememberColumns(): void {
    const old = this.#old;
    old.page = this.page;
    old.start = this.start;
    old.capacity = this.capacity;
    old.isWide = this.isWide;
    old.timesAt = this.timesAt;
    old.sumsAt = this.sumsAt;
    old.smallAt = this.smallAt;
    old.valuesAt = this.valuesAt;
    old.idsAt = this.idsAt;
  }

  /** Copies the transactions from where they were to the beginning of the columns; totals begin at 0 again. */
  #copyRemembered(): void {
    const old = this.#old;
    const { size, capacity } = this;
    const { hasWideTimes, sumCount, smallCount, valueCount, hasIds } = this.layout;
    const { f64, i32, u16 } = this.page;
    const { start, page } = old;
    copyNumbers(hasWideTimes ? page.f64 : page.i32, old.timesAt + start, hasWideTimes ? f64 : i32, this.timesAt, size);
    const oldSums = old.isWide ? page.f64 : page.i32;
    const sums = this.isWide ? f64 : i32;
    for (let i = 0; i < sumCount; i++) {
      copyTotals(oldSums, old.sumsAt + i * (old.capacity + 1) + start, sums, this.sumsAt + i * (capacity + 1), size);
    }
    for (let i = 0; i < smallCount; i++) {
      copyTotals(page.u16, old.smallAt + i * (old.capacity + 1) + start, u16, this.smallAt + i * (capacity + 1), size);
    }
    for (let i = 0; i < valueCount; i++)
      copyNumbers(page.f64, old.valuesAt + i * old.capacity + start, f64, this.valuesAt + i * capacity, size);
    if (hasIds) copyNumbers(page.i32, old.idsAt + start, i32, this.idsAt, size);
  }

  #findColumns(): void {
    const { hasWideTimes, sumCount, valueCount, hasIds } = this.layout;
    const { capacity } = this;
    let unit = this.#unit + HEADER_UNITS;
    this.valuesAt = unit;
    unit += valueCount * capacity;
    if (hasWideTimes) {
      this.timesAt = unit;
      unit += capacity;
    }
    if (this.isWide) {
      this.sumsAt = unit;
      unit += sumCount * (capacity + 1);
    }
    let half = unit * 2;
    if (!hasWideTimes) {
      this.timesAt = half;
      half += capacity;
    }
    if (!this.isWide) {
      this.sumsAt = half;
      half += sumCount * (capacity + 1);
    }
    this.idsAt = half;
    if (hasIds) half += capacity;
    this.smallAt = half * 2;
  }

  /** All columns: their numbers, where they begin, and whether they are totals, which have one place more. */
  eachColumn(act: (numbers: Numbers, at: number, isTotal: boolean) => void): void {
    const { hasWideTimes, sumCount, smallCount, valueCount, hasIds } = this.layout;
    const { f64, i32, u16 } = this.page;
    act(hasWideTimes ? f64 : i32, this.timesAt, false);
    for (let i = 0; i < sumCount; i++) act(this.isWide ? f64 : i32, this.sumsAt + i * (this.capacity + 1), true);
    for (let i = 0; i < smallCount; i++) act(u16, this.smallAt + i * (this.capacity + 1), true);
    for (let i = 0; i < valueCount; i++) act(f64, this.valuesAt + i * this.capacity, false);
    if (hasIds) act(i32, this.idsAt, false);
  }
}

/** Where columns are; see the fields of the same names. */
type Columns = Pick<
  HistoryBlock,
  'page' | 'start' | 'capacity' | 'isWide' | 'timesAt' | 'sumsAt' | 'smallAt' | 'valuesAt' | 'idsAt'
>;

/** Also within one array, downwards. */
function copyNumbers(from: Numbers, fromAt: number, to: Numbers, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
}

/** As many totals and one more, so that the first is 0 and all differences stay; also within one array, downwards. */
function copyTotals(from: Numbers, fromAt: number, to: Numbers, toAt: number, count: number): void {
  const wraps = from instanceof Int32Array;
  let before = from[fromAt]!;
  let total = 0;
  to[toAt] = 0;
  for (let i = 1; i <= count; i++) {
    const next = from[fromAt + i]!;
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
export function fitsNarrow(bits: number, capacity: number): boolean {
  return bits <= Math.clz32(capacity) - 1;
}

/** Whether no total of so many places with parts of so many bits reaches 2^53. */
export function fitsWide(bits: number, capacity: number): boolean {
  return bits <= Math.clz32(capacity) + 21;
}
