/**
 * A window of entities some of whose transactions came late. A late transaction stands where its event time puts it, but only rows that
 * arrive after it see it. So an entity's rows are ranked by event time, a window is a range of ranks, found by bisection, and rows take
 * their ranks as they arrive: what a window adds up is read off {@link RangeSums}, other features off {@link ArrivedValues}. Both take
 * steps in the logarithm of the entity's rows, or in their square root to count different categories, however many rows are late.
 */
import { ArrivedValues } from './arrived-values.js';
import type { EntityRows } from './entity-rows.js';
import { EventTimeRanks } from './event-time-ranks.js';
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

const ADDED_UP: ReadonlySet<WindowRead['aggregate']> = new Set(['count', 'sum', 'mean', 'std', 'risk', 'share']);

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
  readonly #values: ArrivedValues;
  /** Of the group at hand: its ranks, and its frauds as they become known, and how many of them are. */
  #ranks = new EventTimeRanks(new Float64Array(0), 0, 0);
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
    this.#values = new ArrivedValues(rows, window, largest);
  }

  compute(begin: number, end: number, columns: readonly Float64Array[]): void {
    const { own, windowMs, delayMs } = this.#span;
    const { times, rows } = this.#rows;
    this.#begin(begin, end);
    for (let place = begin; place < end; place++) {
      if (this.#awaitsLabels) this.#learn(place);
      if (own) this.#arrive(place);
      const untilMs = times[place]! - delayMs;
      const from = this.#ranks.countUntil(untilMs - windowMs);
      const to = this.#ranks.countUntil(untilMs);
      if (this.#addsUp) this.#arrived.sum(from, to);
      for (const read of this.#window.reads) columns[read.slot]![rows![place]!] = this.#value(read, place, from, to);
      if (!own) this.#arrive(place);
    }
  }

  #begin(begin: number, end: number): void {
    const { times, totals, plan, labels } = this.#rows;
    this.#ranks = new EventTimeRanks(times, begin, end);
    if (this.#addsUp) this.#arrived.clear(end - begin);
    this.#values.clear(this.#ranks.places);
    this.#learned = 0;
    if (this.#awaitsLabels) this.#awaited = fraudsAsKnown(totals[plan.fraudSlot]!, labels!.knownAt, begin, end);
  }

  #arrive(place: number): void {
    const { totals, plan } = this.#rows;
    const rank = this.#ranks.rankOf(place);
    this.#values.arrive(rank, place);
    if (!this.#addsUp) return;
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
      if (fraud < now) this.#arrived.add(this.#ranks.rankOf(fraud), this.#sumOf[plan.fraudSlot]!, 1);
    }
  }

  #value(read: WindowRead, place: number, from: number, to: number): number {
    const { times } = this.#rows;
    switch (read.aggregate) {
      case 'min':
      case 'max':
        return this.#values.extreme(read, from, to);
      case 'distinct':
        return this.#values.distinct(read, from, to);
      case 'share':
        return shareValue(this.#arrived.sums[0]!, this.#values.matching(read, place, from, to));
      case 'first':
        return this.#number(read.valueSlot, this.#placeOf(this.#values.first(from, to)));
      case 'last':
        return this.#number(read.valueSlot, this.#placeOf(this.#values.last(from, to)));
      case 'timeSinceLast': {
        const last = this.#placeOf(this.#values.last(from, to));
        return last === NOWHERE ? Number.NaN : secondsBetween(times[last]!, times[place]!);
      }
      case 'speed':
        return this.#speed(read.valueSlot, this.#placeOf(this.#values.last(from, to)), place);
      default:
        return this.#addedUp(read, place);
    }
  }

  #placeOf(rank: number): number {
    return rank === NOWHERE ? NOWHERE : this.#ranks.places[rank]!;
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

  #speed(slot: number, from: number, to: number): number {
    if (from === NOWHERE) return Number.NaN;
    const { times } = this.#rows;
    const at = (place: number) => [this.#number(slot, place), this.#number(slot + 1, place)] as const;
    return speedValue(times[from]!, ...at(from), times[to]!, ...at(to));
  }

  #number(slot: number, place: number): number {
    const column = this.#rows.values[slot]!;
    return place === NOWHERE || column.kind !== 'number' ? Number.NaN : column.numbers[place]!;
  }
}
