/**
 * Counts and sums of a window without delay that holds the row itself, as most are, in one number for each entity: count x weight + sum,
 * where the weight is a power of two more than twice as large as any sum. Both are whole, and so is that number; while it stays within
 * 2^53 nothing is rounded, and count and sum are taken apart again to the bit. One number instead of two halves what is fetched from all
 * over memory, which is what this work waits for.
 *
 * It also waits wherever the processor can't foresee whether a row leaves before the next one enters. So rows are taken in stretches:
 * first leave all rows that leave during the stretch, then its rows enter. Only those of entities that have a row in the stretch must
 * leave at their moment, and are deferred; a small table of marks tells which, if at times of one too many.
 */
import type { RowCodes } from './pair-codes.js';
import { BLOCK_ROWS, type WindowSpan } from './window-bounds.js';
import { type SweptRows, WindowSweep } from './window-sweep.js';

/** Most rows of a stretch: few enough that few leaving rows are of its entities. */
const STRETCH_ROWS = 64;

/** Most rows that leave during a stretch of more than one row. */
const MOST_LEAVING = 1024;

/** Entities share a mark when their codes are equal in these lowest bits. */
const MARK_BITS = 4095;

/** See the module's comment; finds what `WindowTotals` does. */
export class PackedTotals extends WindowSweep {
  /** By row of the last block: the count; NaN without an entity. */
  readonly counts = new Float64Array(BLOCK_ROWS);
  /** By row of the last block: the sum; NaN without an entity. */
  readonly sums = new Float64Array(BLOCK_ROWS);
  readonly #parts: Float64Array;
  readonly #weight: number;
  /** By code + 1; rows without an entity add up at 0, which nobody reads. */
  readonly #totals: Float64Array;
  /** By the lowest bits of codes: the last stretch that had a row of such an entity, told by its first place + 1. */
  readonly #marks = new Int32Array(MARK_BITS + 1);
  readonly #deferred = new Int32Array(MOST_LEAVING);
  #deferredCount = 0;

  /**
   * @param span one without delay, with the row itself
   * @param parts what each place adds to the sum, in whole numbers
   * @param weight that of a row, from {@link packedWeight}
   */
  constructor(rows: SweptRows, span: WindowSpan, parts: Float64Array, weight: number) {
    super(rows, span);
    this.#parts = parts;
    this.#weight = weight;
    this.#totals = new Float64Array(rows.entities.codeCount + 1);
  }

  protected override sweep(begin: number, end: number, blockBegin: number): void {
    if (this.last !== begin) this.#catchUp(begin);
    for (let next = begin; next < end; ) {
      const stretchEnd = this.#stretchEnd(next, end);
      this.#leave(next, stretchEnd);
      this.#enter(next, stretchEnd, blockBegin);
      next = stretchEnd;
    }
    this.last = end;
  }

  /** The first row that this is asked for may be in the midst of a run, with rows in its window that haven't entered. */
  #catchUp(begin: number): void {
    const { times } = this.rows;
    const { codes } = this.rows.entities;
    const afterMs = times[begin]! - this.span.windowMs;
    while (times[this.first]! <= afterMs) this.first++;
    for (let place = this.first; place < begin; place++) this.#totals[codes[place]! + 1]! += this.#parts[place]! + this.#weight;
  }

  /** After a pause very many rows may leave at once; then the stretch is shorter. */
  #stretchEnd(begin: number, end: number): number {
    const { times } = this.rows;
    const tooMany = this.first + MOST_LEAVING;
    let stretchEnd = Math.min(end, begin + STRETCH_ROWS);
    while (stretchEnd - begin > 1 && tooMany < stretchEnd && times[tooMany]! <= times[stretchEnd - 1]! - this.span.windowMs)
      stretchEnd = begin + ((stretchEnd - begin) >> 1);
    return stretchEnd;
  }

  #leave(begin: number, end: number): void {
    const { times } = this.rows;
    const { codes } = this.rows.entities;
    const parts = this.#parts;
    const totals = this.#totals;
    const weight = this.#weight;
    const marks = this.#marks;
    const deferred = this.#deferred;
    const mark = begin + 1;
    // All that leaves before a single row enters may leave first, whatever its entity.
    if (end > mark) for (let place = begin; place < end; place++) marks[codes[place]! & MARK_BITS] = mark;
    const untilMs = times[end - 1]! - this.span.windowMs;
    let { first } = this;
    let count = 0;
    for (; times[first]! <= untilMs; first++) {
      const code = codes[first]!;
      if (marks[code & MARK_BITS] === mark) deferred[count++] = first;
      else totals[code + 1]! -= parts[first]! + weight;
    }
    this.first = first;
    this.#deferredCount = count;
  }

  #enter(begin: number, end: number, blockBegin: number): void {
    const { windowMs } = this.span;
    const { times } = this.rows;
    const { codes } = this.rows.entities;
    const parts = this.#parts;
    const totals = this.#totals;
    const weight = this.#weight;
    const deferred = this.#deferred;
    const deferredCount = this.#deferredCount;
    const perWeight = 1 / weight;
    const { counts, sums } = this;
    let next = 0;
    let nextMs = deferredCount > 0 ? times[deferred[0]!]! : Infinity;
    for (let place = begin; place < end; place++) {
      for (const afterMs = times[place]! - windowMs; nextMs <= afterMs; ) {
        const leaving = deferred[next++]!;
        totals[codes[leaving]! + 1]! -= parts[leaving]! + weight;
        nextMs = next < deferredCount ? times[deferred[next]!]! : Infinity;
      }
      const code = codes[place]!;
      const total = totals[code + 1]! + parts[place]! + weight;
      totals[code + 1] = total;
      // A negative sum takes less than half a weight off the count's.
      const count = code < 0 ? Number.NaN : Math.floor(total * perWeight + 0.5);
      counts[place - blockBegin] = count;
      sums[place - blockBegin] = total - count * weight;
    }
  }
}

/** Whether a window is one for packed totals. */
export function canPack({ delayMs, own }: Pick<WindowSpan, 'delayMs' | 'own'>): boolean {
  return delayMs === 0 && own;
}

/**
 * What a row weighs in packed totals: the smallest power of two above twice the sum of the busiest entity, were all its rows of the
 * largest amount.
 *
 * @param mostRows of an entity, see {@link mostRowsOfEntity}
 * @param parts what each place adds to the sum, in whole numbers
 * @returns undefined when such totals could pass 2^53
 */
export function packedWeight(mostRows: number, parts: Float64Array): number | undefined {
  let largest = 0;
  for (let place = 0; place < parts.length; place++) largest = Math.max(largest, Math.abs(parts[place]!));
  let weight = 1;
  // To take count and sum apart adds half a weight, so there is room for one row more.
  while (weight <= 2 * mostRows * largest && weight * (mostRows + 1) <= 2 ** 53) weight *= 2;
  return weight * (mostRows + 1) <= 2 ** 53 ? weight : undefined;
}

/** How many rows the entity has that has most. */
export function mostRowsOfEntity({ codes, codeCount }: RowCodes): number {
  // By code + 1: rows without an entity are counted at 0.
  const rowsOf = new Int32Array(codeCount + 1);
  for (let place = 0; place < codes.length; place++) rowsOf[codes[place]! + 1]!++;
  let most = 0;
  for (let code = 0; code < codeCount; code++) most = Math.max(most, rowsOf[code + 1]!);
  return most;
}
