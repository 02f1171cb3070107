import { type BlockReader, copyOf, placeReader, shareReader, sinceReader, speedReader, totalsReader } from './block-readers.js';
import type { EntityRows } from './entity-rows.js';
import type { WindowPlan, WindowRead } from './feature-plan.js';
import { KnownFrauds } from './known-frauds.js';
import { PackedTotals, canPack } from './packed-totals.js';
import { WindowBounds, type WindowSpan } from './window-bounds.js';
import { WindowCounts } from './window-counts.js';
import { WindowDistinct } from './window-distinct.js';
import { FirstInWindow, LastInWindow } from './window-ends.js';
import { WindowExtremes } from './window-extremes.js';
import type { WindowSweep } from './window-sweep.js';
import { WindowTally } from './window-tally.js';
import { WindowTotals } from './window-totals.js';

/** Follows the rows of a window and keeps up one thing about them. */
interface WindowTracker {
  advance(begin: number, end: number, bounds: WindowBounds): void;
}

/** What the features of a window need to have kept up, each once. */
export class WindowTrackers {
  readonly #rows: EntityRows;
  readonly #window: WindowPlan;
  readonly #span: WindowSpan;
  readonly #bounds: WindowBounds;
  readonly #sweeps = new Map<string, WindowSweep>();
  readonly #trackers = new Map<string, WindowTracker>();

  constructor(rows: EntityRows, window: WindowPlan, span: WindowSpan) {
    this.#rows = rows;
    this.#window = window;
    this.#span = span;
    this.#bounds = new WindowBounds(rows.times, rows.runs, span);
  }

  /** Moves on to the rows at the places `begin` to `end - 1`. */
  advance(begin: number, end: number): void {
    for (const sweep of this.#sweeps.values()) sweep.advance(begin, end);
    if (this.#trackers.size === 0) return;
    this.#bounds.find(begin, end);
    for (const tracker of this.#trackers.values()) tracker.advance(begin, end, this.#bounds);
  }

  /** Makes what reads a feature, and what must be kept up for it. */
  reader(read: WindowRead): BlockReader {
    const { aggregate, valueSlot } = read;
    switch (aggregate) {
      case 'distinct':
        return copyOf(this.#distinct(valueSlot));
      case 'share':
        return shareReader(this.#totals().counts, this.#matching(read));
      case 'min':
      case 'max':
        return copyOf(this.#extremes(aggregate, valueSlot));
      case 'first':
        return placeReader(this.#firstPlaces(), this.#numbers(valueSlot));
      case 'last':
        return placeReader(this.#lastPlaces(), this.#numbers(valueSlot));
      case 'timeSinceLast':
        return sinceReader(this.#lastPlaces(), this.#rows.times);
      case 'speed':
        return speedReader(this.#lastPlaces(), this.#rows.times, this.#numbers(valueSlot), this.#numbers(valueSlot + 1));
      default:
        return totalsReader(read, this.#totals());
    }
  }

  /** Counts, and by slot of the plan's totals the sums. */
  #totals(): { counts: Float64Array; sums: readonly (Float64Array | undefined)[] } {
    const { plan } = this.#rows;
    const awaitsLabels = meetsUnknownFrauds(this.#rows, this.#window);
    const sums: Float64Array[] = [];
    let counts: Float64Array | undefined;
    for (const slot of totalSlots(this.#rows, this.#window)) {
      if (awaitsLabels && slot === plan.fraudSlot) {
        sums[slot] = this.#knownFrauds();
        continue;
      }
      const sweep = this.#sweep(`${slot}`, () => this.#totalsOf(slot));
      sums[slot] = sweep.sums;
      counts ??= sweep.counts;
    }
    counts ??= this.#sweep('counts', () => new WindowCounts(this.#rows, this.#span)).counts;
    return { counts, sums };
  }

  /** Count and sum of one of the plan's totals. */
  #totalsOf(slot: number): WindowTotals | PackedTotals {
    const { plan, totals, packedWeights } = this.#rows;
    const parts = totals[slot]!;
    const weight = packedWeights[slot];
    if (weight !== undefined && canPack(this.#span)) return new PackedTotals(this.#rows, this.#span, parts, weight);
    return new WindowTotals(this.#rows, this.#span, { parts, field: plan.totals[slot]!.field });
  }

  #sweep<Sweep extends WindowSweep>(key: string, make: () => Sweep): Sweep {
    const sweep = this.#sweeps.get(key) ?? make();
    this.#sweeps.set(key, sweep);
    return sweep as Sweep;
  }

  #tracker<Tracker extends WindowTracker>(key: string, make: () => Tracker): Tracker {
    const tracker = this.#trackers.get(key) ?? make();
    this.#trackers.set(key, tracker);
    return tracker as Tracker;
  }

  #knownFrauds(): Float64Array {
    const { entities, totals, plan, labels, runs } = this.#rows;
    return this.#tracker('known frauds', () => new KnownFrauds(entities, totals[plan.fraudSlot]!, labels!, runs)).values;
  }

  #distinct(slot: number): Float64Array {
    const { pairs } = this.#categories(slot);
    return this.#tracker(`distinct ${slot}`, () => new WindowDistinct(this.#rows.entities, pairs)).values;
  }

  /** How many rows in the window have the category that a share asks for. */
  #matching({ valueSlot, categoryHash }: WindowRead): Float64Array {
    const { categories, pairs } = this.#categories(valueSlot);
    const { entities } = this.#rows;
    if (Number.isNaN(categoryHash)) return this.#tracker(`own ${valueSlot}`, () => new WindowTally(pairs)).values;
    return this.#tracker(`share ${valueSlot} ${categoryHash}`, () => {
      const wanted = categories.hashes.indexOf(categoryHash);
      const isWanted = (place: number) => wanted >= 0 && categories.codes[place] === wanted;
      const codes = entities.codes.map((code, place) => (isWanted(place) ? code : -1));
      return new WindowTally({ codes, codeCount: entities.codeCount }, entities.codes);
    }).values;
  }

  #extremes(extreme: 'min' | 'max', slot: number): Float64Array {
    const numbers = this.#numbers(slot);
    return this.#tracker(`${extreme} ${slot}`, () => new WindowExtremes(extreme, this.#rows.entities, numbers)).values;
  }

  #firstPlaces(): Int32Array {
    return this.#tracker('first', () => new FirstInWindow(this.#rows.entities)).places;
  }

  #lastPlaces(): Int32Array {
    return this.#tracker('last', () => new LastInWindow(this.#rows.entities)).places;
  }

  #numbers(slot: number): Float64Array {
    const column = this.#rows.values[slot]!;
    if (column.kind !== 'number') throw new RangeError(`value ${slot} of the plan is no number`);
    return column.numbers;
  }

  #categories(slot: number) {
    const column = this.#rows.values[slot]!;
    if (column.kind !== 'category') throw new RangeError(`value ${slot} of the plan is no category`);
    return column;
  }
}

/** Whether the window may hold frauds whose label isn't known yet. */
export function meetsUnknownFrauds({ labels }: EntityRows, { delayMs, reads }: WindowPlan): boolean {
  return labels !== undefined && delayMs < labels.latestMs && reads.some(({ aggregate }) => aggregate === 'risk');
}

/** The totals that the features of a window read, but for one that counts the transactions. */
export function totalSlots({ totals }: EntityRows, { reads }: WindowPlan): number[] {
  const slots = reads.flatMap(({ totalSlot, countSlot, squareSlot }) => [
    totalSlot,
    countSlot,
    ...(squareSlot < 0 ? [] : [squareSlot, squareSlot + 1, squareSlot + 2]),
  ]);
  return [...new Set(slots)].filter((slot) => slot >= 0 && totals[slot] !== undefined);
}
