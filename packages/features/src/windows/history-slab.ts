/**
 * Memory for millions of small histories, each a block of bytes that belongs to an owner, a number. An own typed array for each would
 * cost more than what is in it.
 *
 * Blocks lie one behind the other in pages, in the order in which they were asked for (log-structured memory, Rumble et al. 2014). A
 * block that is given up leaves a hole. When holes make up more than a twentieth, the page with most of them is emptied: its blocks move
 * to the end of the log, and the page is used anew. So memory stays within about 6 % of what is in use, blocks have any size, and in a
 * steady state nothing is allocated.
 *
 * Addresses and sizes are in units of 8 bytes. The first unit of a block holds its owner and its size.
 */

/** A page under the views of its numbers. */
export interface SlabPage {
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
}

/** Units of a page that blocks share; a larger block has a page of its own. */
const PAGE_UNITS = 16_384;

/** Places of an address that say where in its page a block begins. */
const OFFSET_BITS = 14;

/** Share of holes from which on pages are emptied. */
const MOST_HOLES = 0.05;

/** Blocks that one call of {@link HistorySlab.tidy} moves at most, so that none takes long. */
const MOVED_AT_ONCE = 12;

const NOWHERE = 0xffff_ffff;

const EMPTY_PAGE = pageOf(0);

export class HistorySlab {
  #addresses: Uint32Array = new Uint32Array(64).fill(NOWHERE);
  readonly #pages: SlabPage[] = [];
  /** Units of holes of each page. */
  readonly #holes: number[] = [];
  /** Numbers of pages that stand empty; those of shared pages keep their memory. */
  readonly #emptyPages: number[] = [];
  readonly #freeNumbers: number[] = [];
  #current = -1;
  #currentUnits = PAGE_UNITS;
  #pagedUnits = 0;
  /** The page that is being emptied, and how far; -1 when none is. */
  #emptying = -1;
  #emptiedUnits = 0;
  #holeUnits = 0;

  /** Bytes of all pages. */
  get sizeBytes(): number {
    return (this.#pagedUnits + this.#emptyPages.length * PAGE_UNITS) * 8;
  }

  /** The page of an owner's block. */
  page(owner: number): SlabPage {
    return this.#pages[this.#addresses[owner]! >>> OFFSET_BITS]!;
  }

  /** Reads the header of an owner's block, so that it is at hand soon. Returns what was read, which means nothing. */
  approach(owner: number): number {
    return this.page(owner).i32[this.unit(owner) * 2 + 4]!;
  }

  /** Where in its page an owner's block begins, in units. */
  unit(owner: number): number {
    return this.#addresses[owner]! & (PAGE_UNITS - 1);
  }

  /** Gives an owner a block of so many units, whose content is undefined, in place of the one it had, whose content stays until {@link tidy}. */
  place(owner: number, units: number): void {
    this.release(owner);
    if (owner >= this.#addresses.length) this.#addresses = grown(this.#addresses, owner);
    const address = units > PAGE_UNITS / 4 ? this.#ownPage(units) : this.#room(units);
    this.#addresses[owner] = address;
    const page = this.#pages[address >>> OFFSET_BITS]!;
    const at = (address & (PAGE_UNITS - 1)) * 2;
    page.i32[at] = owner;
    page.i32[at + 1] = units;
  }

  /** Takes an owner's block away, if it has one; its content stays until {@link tidy}. */
  release(owner: number): void {
    const address = owner < this.#addresses.length ? this.#addresses[owner]! : NOWHERE;
    if (address === NOWHERE) return;
    const number = address >>> OFFSET_BITS;
    const units = this.#pages[number]!.i32[(address & (PAGE_UNITS - 1)) * 2 + 1]!;
    this.#addresses[owner] = NOWHERE;
    if (units > PAGE_UNITS / 4) {
      this.#pagedUnits -= units;
      this.#pages[number] = EMPTY_PAGE;
      this.#freeNumbers.push(number);
      return;
    }
    this.#holes[number]! += units;
    this.#holeUnits += units;
  }

  /** Moves a few blocks out of the page with most holes, if there are too many. Any block may have moved then. */
  tidy(): void {
    if (this.#emptying < 0) {
      if (this.#holeUnits <= this.#pagedUnits * MOST_HOLES || this.#holeUnits < 2 * PAGE_UNITS) return;
      this.#emptying = this.#pageWithMostHoles();
      this.#emptiedUnits = 0;
      if (this.#emptying < 0) return;
    }
    this.#moveBlocks(this.#emptying);
  }

  #pageWithMostHoles(): number {
    let fullest = -1;
    let most = 0;
    for (let number = 0; number < this.#holes.length; number++) {
      if (this.#holes[number]! > most && number !== this.#current) {
        most = this.#holes[number]!;
        fullest = number;
      }
    }
    return fullest;
  }

  #moveBlocks(number: number): void {
    const { i32 } = this.#pages[number]!;
    let unit = this.#emptiedUnits;
    for (let moved = 0; moved < MOVED_AT_ONCE; ) {
      // Behind the last block of a page stands a size of 0.
      const units = unit < PAGE_UNITS ? i32[unit * 2 + 1]! : 0;
      if (units === 0) {
        this.#finishEmptying(number);
        return;
      }
      const owner = i32[unit * 2]!;
      if (this.#addresses[owner] === number * PAGE_UNITS + unit) {
        const address = this.#room(units);
        this.#copy(number * PAGE_UNITS + unit, address, units);
        this.#addresses[owner] = address;
        moved++;
      }
      unit += units;
    }
    this.#emptiedUnits = unit;
  }

  /** Bit by bit: as doubles, some bits that are none would change. */
  #copy(from: number, to: number, units: number): void {
    const source = this.#pages[from >>> OFFSET_BITS]!.i32;
    const target = this.#pages[to >>> OFFSET_BITS]!.i32;
    const sourceAt = (from & (PAGE_UNITS - 1)) * 2;
    const targetAt = (to & (PAGE_UNITS - 1)) * 2;
    for (let i = 0; i < units * 2; i++) target[targetAt + i] = source[sourceAt + i]!;
  }

  #finishEmptying(number: number): void {
    this.#holeUnits -= this.#holes[number]!;
    this.#holes[number] = 0;
    this.#emptyPages.push(number);
    this.#pagedUnits -= PAGE_UNITS;
    this.#emptying = -1;
  }

  /** Address of so many units at the end of the log. */
  #room(units: number): number {
    if (this.#currentUnits + units > PAGE_UNITS) {
      this.#closeCurrent();
      this.#current = this.#emptyPages.pop() ?? this.#newPage(PAGE_UNITS);
      this.#pagedUnits += PAGE_UNITS;
      this.#currentUnits = 0;
    }
    const address = this.#current * PAGE_UNITS + this.#currentUnits;
    this.#currentUnits += units;
    return address;
  }

  /** What is left of the page at the end of the log becomes a hole. */
  #closeCurrent(): void {
    if (this.#current < 0) return;
    const left = PAGE_UNITS - this.#currentUnits;
    if (left > 0) this.#pages[this.#current]!.i32[this.#currentUnits * 2 + 1] = 0;
    this.#holes[this.#current]! += left;
    this.#holeUnits += left;
  }

  #ownPage(units: number): number {
    this.#pagedUnits += units;
    return this.#newPage(units) * PAGE_UNITS;
  }

  #newPage(units: number): number {
    const number = this.#freeNumbers.pop() ?? this.#pages.length;
    this.#pages[number] = pageOf(units);
    this.#holes[number] = 0;
    return number;
  }
}

function pageOf(units: number): SlabPage {
  const buffer = new ArrayBuffer(units * 8);
  return { f64: new Float64Array(buffer), i32: new Int32Array(buffer), u16: new Uint16Array(buffer) };
}

function grown(addresses: Uint32Array, owner: number): Uint32Array {
  const more = new Uint32Array(Math.max(owner + 1, Math.ceil(addresses.length * 1.25))).fill(NOWHERE);
  more.set(addresses);
  return more;
}
