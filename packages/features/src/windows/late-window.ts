/**
 * A window of entities some of whose transactions came late. A late transaction stands where its event time puts it, but only rows that
 * arrive after it see it. So an entity's rows are ranked by event time, a window is a range of ranks, found by bisection, and rows take
 * their ranks as they arrive: what a window adds up is found in the logarithm of the rows (see {@link RangeSums}), other features by
 * looking at what has arrived in the range.
 */
import type { EntityRows } from './entity-rows.js';
import type { WindowPlan, WindowRead } from './feature-plan.js';
import { meanValue, riskValue, secondsBetween, shareValue, speedValue, stdValue, sumValue } from './feature-value.js';
import { fraudsAsKnown } from './known-frauds.js';
import { RangeSums } from './range-sums.js';
import type { WindowSpan } from './window-bounds.js';
import { NOWHERE } from './window-ends.js';
import { sumTooLarge } from './window-totals.js';
import { meetsUnknownFrauds, totalSlots } from './window-trackers.js';

/** Computes the features of a window for the late groups from `firstGroup` to `endGroup - 1`; see `computeWindow`. */
export function computeLateWindow(
  rows: EntityRows,
  window: WindowPlan,
  span: WindowSpan,
  columns: readonly Float64Array[],
  firstGroup: number,
  endGroup: number,
): void {
  if (firstGroup === endGroup) return;
  const late = new LateWindow(rows, window, span);
  for (let group = firstGroup; group < endGroup; group++)
    late.compute(rows.lateGroups[group]!, rows.lateGroups[group + 1]!, columns);
}

const ADDED_UP: ReadonlySet<WindowRead['aggregate']> = new Set(['count', 'sum', 'mean', 'std', 'risk']);

class LateWindow {
  readonly #rows: EntityRows;
  readonly #window: WindowPlan;
  readonly #span: WindowSpan;
  readonly #slots: readonly number[];
  /** Side by side: the number of rows, then the totals of `#slots`. */
  readonly #arrived: RangeSums;
  readonly #addsUp: boolean;
  readonly #awaitsLabels: boolean;
  /** Where a total stands among the sums, by its slot in the plan. */
  readonly #sumOf: readonly number[];
  readonly #lastSeen: Int32Array;
  #seenBy = 0;
  /** Of the group at hand: where it begins, its places in order of event time, these times, and each place's rank. */
  #begin = 0;
  #ranked = new Int32Array(0);
  #times = new Float64Array(0);
  #ranks = new Int32Array(0);
  #awaited: Int32Array = new Int32Array(0);
  #learned = 0;

  constructor(rows: EntityRows, window: WindowPlan, span: WindowSpan) {
    this.#rows = rows;
    this.#window = window;
    this.#span = span;
    this.#slots = totalSlots(rows, window);
    const sumOf: number[] = [];
    this.#slots.forEach((slot, i) => (sumOf[slot] = i + 1));
    this.#sumOf = sumOf;
    this.#addsUp = window.reads.some(({ aggregate }) => ADDED_UP.has(aggregate));
    this.#awaitsLabels = meetsUnknownFrauds(rows, window);
    let largest = 0;
    for (let group = 1; group < rows.lateGroups.length; group++)
      largest = Math.max(largest, rows.lateGroups[group]! - rows.lateGroups[group - 1]!);
    this.#arrived = new RangeSums(1 + this.#slots.length, this.#addsUp ? largest : 0);
    const categories = rows.values.map((value) => (value.kind === 'category' ? value.categories.codeCount : 0));
    this.#lastSeen = new Int32Array(Math.max(0, ...categories));
  }

  compute(begin: number, end: number, columns: readonly Float64Array[]): void {
    const { own, windowMs, delayMs } = this.#span;
    const { times, rows } = this.#rows;
    this.#rank(begin, end);
    if (this.#addsUp) this.#arrived.clear(end - begin);
    for (let place = begin; place < end; place++) {
      if (this.#awaitsLabels) this.#learn(place);
      if (own) this.#arrive(place);
      const untilMs = times[place]! - delayMs;
      const from = this.#countUntil(untilMs - windowMs);
      const to = this.#countUntil(untilMs);
      if (this.#addsUp) this.#arrived.sum(from, to);
      for (const read of this.#window.reads) columns[read.slot]![rows![place]!] = this.#value(read, place, from, to);
      if (!own) this.#arrive(place);
    }
  }

  #rank(begin: number, end: number): void {
    const { times, totals, plan, labels } = this.#rows;
    this.#begin = begin;
    this.#ranked = Int32Array.from({ length: end - begin }, (_, i) => begin + i).sort((a, b) => times[a]! - times[b]! || a - b);
    this.#times = Float64Array.from(this.#ranked, (place) => times[place]!);
    this.#ranks = new Int32Array(end - begin);
    this.#ranked.forEach((place, rank) => (this.#ranks[place - begin] = rank));
    this.#learned = 0;
    if (this.#awaitsLabels) this.#awaited = fraudsAsKnown(totals[plan.fraudSlot]!, labels!.knownAt, begin, end);
  }

  /** How many of the group's event times are at or before a moment. */
  #countUntil(epochMs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! <= epochMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #arrive(place: number): void {
    if (!this.#addsUp) return;
    const { totals, plan } = this.#rows;
    const rank = this.#ranks[place - this.#begin]!;
    this.#arrived.add(rank, 0, 1);
    this.#slots.forEach((slot, i) => {
      const isFraud = slot === plan.fraudSlot && this.#awaitsLabels;
      if (!isFraud || this.#isKnown(place)) this.#arrived.add(rank, 1 + i, totals[slot]![place]!);
    });
  }

  /** Whether a label is among those that were learned when the row at hand arrived. */
  #isKnown(place: number): boolean {
    const last = this.#learned === 0 ? -Infinity : this.#rows.labels!.knownAt[this.#awaited[this.#learned - 1]!]!;
    return this.#rows.labels!.knownAt[place]! <= last;
  }

  /** Takes in the labels that are known when this row arrives; those of rows that arrive later are seen when they do. */
  #learn(now: number): void {
    const { labels, plan } = this.#rows;
    const nowMs = labels!.arrivals[now]!;
    for (; this.#learned < this.#awaited.length; this.#learned++) {
      const fraud = this.#awaited[this.#learned]!;
      if (labels!.knownAt[fraud]! > nowMs) break;
      if (fraud < now) this.#arrived.add(this.#ranks[fraud - this.#begin]!, this.#sumOf[plan.fraudSlot]!, 1);
    }
  }

  #value(read: WindowRead, place: number, from: number, to: number): number {
    const { times } = this.#rows;
    const limit = this.#span.own ? place + 1 : place;
    switch (read.aggregate) {
      case 'min':
      case 'max':
        return this.#extreme(read, from, to, limit);
      case 'distinct':
        return this.#distinct(read.valueSlot, from, to, limit);
      case 'share':
        return this.#share(read, place, from, to, limit);
      case 'first':
        return this.#number(read.valueSlot, this.#firstArrived(from, to, limit));
      case 'last':
        return this.#number(read.valueSlot, this.#lastArrived(from, to, limit));
      case 'timeSinceLast': {
        const last = this.#lastArrived(from, to, limit);
        return last === NOWHERE ? Number.NaN : secondsBetween(times[last]!, times[place]!);
      }
      case 'speed':
        return this.#speed(read.valueSlot, this.#lastArrived(from, to, limit), place);
      default:
        return this.#addedUp(read, place);
    }
  }

  #addedUp({ aggregate, units, totalSlot, countSlot, squareSlot }: WindowRead, place: number): number {
    const count = this.#sum(countSlot, place);
    if (aggregate === 'count') return count;
    const total = this.#sum(totalSlot, place);
    if (aggregate === 'sum') return sumValue(total, units);
    if (aggregate === 'mean') return meanValue(count, total, units);
    if (aggregate === 'risk') return riskValue(count, total);
    const [high, cross, low] = [0, 1, 2].map((i) => this.#sum(squareSlot + i, place)) as [number, number, number];
    return stdValue(count, total, high, cross, low, units);
  }

  /** A total of the window; the number of its rows for slots that count those. */
  #sum(slot: number, place: number): number {
    const sum = this.#arrived.sums[this.#sumOf[slot] ?? 0]!;
    if (Number.isNaN(sum)) throw sumTooLarge(this.#rows.plan.totals[slot]!.field, this.#rows.rows![place]!);
    return sum;
  }

  #extreme({ aggregate, valueSlot }: WindowRead, from: number, to: number, limit: number): number {
    let extreme = Number.NaN;
    for (let rank = from; rank < to; rank++) {
      const place = this.#ranked[rank]!;
      if (place >= limit) continue;
      const value = this.#number(valueSlot, place);
      const isFurther = aggregate === 'min' ? value < extreme : value > extreme;
      // Adding 0 makes the negative zero, which compares as equal, the positive one.
      if (isFurther || Number.isNaN(extreme)) extreme = value + 0;
    }
    return extreme;
  }

  #distinct(slot: number, from: number, to: number, limit: number): number {
    const codes = this.#codes(slot);
    const seenBy = ++this.#seenBy;
    let distinct = 0;
    for (let rank = from; rank < to; rank++) {
      const place = this.#ranked[rank]!;
      const code = codes[place]!;
      if (place >= limit || code < 0 || this.#lastSeen[code] === seenBy) continue;
      this.#lastSeen[code] = seenBy;
      distinct++;
    }
    return distinct;
  }

  #share({ valueSlot, categoryHash }: WindowRead, own: number, from: number, to: number, limit: number): number {
    const codes = this.#codes(valueSlot);
    const wanted = Number.isNaN(categoryHash) ? codes[own]! : this.#hashes(valueSlot).indexOf(categoryHash);
    if (Number.isNaN(categoryHash) && wanted < 0) return Number.NaN;
    let count = 0;
    let matching = 0;
    for (let rank = from; rank < to; rank++) {
      const place = this.#ranked[rank]!;
      if (place >= limit) continue;
      count++;
      if (wanted >= 0 && codes[place] === wanted) matching++;
    }
    return shareValue(count, matching);
  }

  #speed(slot: number, from: number, to: number): number {
    if (from === NOWHERE) return Number.NaN;
    const { times } = this.#rows;
    const at = (place: number) => [this.#number(slot, place), this.#number(slot + 1, place)] as const;
    return speedValue(times[from]!, ...at(from), times[to]!, ...at(to));
  }

  #firstArrived(from: number, to: number, limit: number): number {
    for (let rank = from; rank < to; rank++) if (this.#ranked[rank]! < limit) return this.#ranked[rank]!;
    return NOWHERE;
  }

  #lastArrived(from: number, to: number, limit: number): number {
    for (let rank = to - 1; rank >= from; rank--) if (this.#ranked[rank]! < limit) return this.#ranked[rank]!;
    return NOWHERE;
  }

  #number(slot: number, place: number): number {
    const column = this.#rows.values[slot]!;
    return place === NOWHERE || column.kind !== 'number' ? Number.NaN : column.numbers[place]!;
  }

  #codes(slot: number): Int32Array {
    const column = this.#rows.values[slot]!;
    return column.kind === 'category' ? column.categories.codes : new Int32Array(0);
  }

  #hashes(slot: number): Float64Array {
    const column = this.#rows.values[slot]!;
    return column.kind === 'category' ? column.categories.hashes : new Float64Array(0);
  }
}
