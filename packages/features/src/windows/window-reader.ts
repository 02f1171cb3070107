/**
 * Reads the features of an entity's windows off its history and the event at hand, which is not in the history yet.
 */
import type { EntityHistory } from './entity-history.js';
import type { EntityParts } from './event-parts.js';
import type { EntityPlan, WindowRead } from './feature-plan.js';
import { meanValue, riskValue, secondsBetween, shareValue, speedValue, stdValue, sumValue } from './feature-value.js';
import { HashCounter } from './hash-counter.js';
import { windowEndCount } from './history-layout.js';

/**
 * The window that is being read: the transactions of a history from one position to before another, and, where it holds its own, the
 * event at hand. One object serves all windows, so that reading them allocates nothing.
 */
class WindowAtHand {
  /** Undefined when nothing is remembered of the entity; then the range is empty. */
  history: EntityHistory | undefined;
  from = 0;
  to = 0;
  own = false;
  event!: EntityParts;

  /** A running total over the window. */
  total(slot: number): number {
    const earlier = this.history === undefined ? 0 : this.history.total(slot, this.from, this.to);
    return this.own ? earlier + this.event.parts[slot]! : earlier;
  }

  /** How many transactions it holds, or how many a total counts when it has one for that. */
  count(slot: number): number {
    if (slot >= 0) return this.total(slot);
    return this.to - this.from + (this.own ? 1 : 0);
  }
}

const window = new WindowAtHand();

/** Reads the windows of one entity plan. */
export class WindowReader {
  readonly #plan: EntityPlan;
  /** The moments at which windows end and begin, in the order of the plan; windows of one delay end together. */
  readonly #moments: Float64Array;
  /** How many transactions are until each of them. */
  readonly #positions: Int32Array;

  constructor(plan: EntityPlan) {
    this.#plan = plan;
    this.#moments = new Float64Array(windowEndCount(plan));
    this.#positions = new Int32Array(this.#moments.length);
  }

  /**
   * @param history of the event's entity; undefined when nothing is remembered of it
   * @param into receives each feature at its slot
   */
  read(history: EntityHistory | undefined, event: EntityParts, into: Float64Array): void {
    const { windows } = this.#plan;
    if (event.key === undefined) {
      for (const { reads } of windows) for (const { slot } of reads) into[slot] = Number.NaN;
      return;
    }
    const positions = this.#positions;
    if (history === undefined) positions.fill(0);
    else {
      this.#setMoments(event.at);
      history.findEnds(this.#moments, positions);
    }
    window.history = history;
    window.event = event;
    let lastDelayMs = -1;
    let end = 0;
    for (let i = 0; i < windows.length; i++) {
      const { delayMs, own, reads } = windows[i]!;
      if (delayMs !== lastDelayMs) window.to = positions[end++]!;
      lastDelayMs = delayMs;
      window.from = positions[end++]!;
      window.own = own;
      for (let j = 0; j < reads.length; j++) readFeature(reads[j]!, into);
    }
  }

  /**
   * Until when, itself included, transactions are in windows, and until when they are before them. In tiles, the times of transactions are
   * those of their tiles, and with a delay only tiles that are over by then are held.
   */
  #setMoments(at: Float64Array): void {
    const { windows, resolutionMs } = this.#plan;
    const moments = this.#moments;
    let lastDelayMs = -1;
    let untilMs = 0;
    let end = 0;
    for (let i = 0; i < windows.length; i++) {
      const { windowMs, delayMs } = windows[i]!;
      if (delayMs !== lastDelayMs) {
        untilMs = at[0]! - delayMs;
        if (resolutionMs > 0) untilMs = Math.floor(untilMs / resolutionMs) * resolutionMs - (delayMs > 0 ? resolutionMs : 0);
        moments[end++] = untilMs;
      }
      lastDelayMs = delayMs;
      moments[end++] = untilMs - windowMs;
    }
  }
}

/** Puts the feature at its slot. The most frequent ones come first and return nothing, so that no number is allocated for them. */
function readFeature(read: WindowRead, into: Float64Array): void {
  const { aggregate, slot, countSlot, totalSlot, units } = read;
  switch (aggregate) {
    case 'count':
      into[slot] = window.count(countSlot);
      return;
    case 'sum':
      into[slot] = sumValue(window.total(totalSlot), units);
      return;
    case 'mean':
      readMean(read, into);
      return;
    case 'risk':
      into[slot] = riskValue(window.count(countSlot), window.total(totalSlot));
      return;
    default:
      into[slot] = otherValue(read);
  }
}

/** A function of its own, since then the arithmetic is compiled into it and its result is never a number on the heap. */
function readMean({ slot, countSlot, totalSlot, units }: WindowRead, into: Float64Array): void {
  into[slot] = meanValue(window.count(countSlot), window.total(totalSlot), units);
}

function otherValue(read: WindowRead): number {
  const { aggregate, countSlot, totalSlot, squareSlot, valueSlot, units } = read;
  const { history, from, to, own, event } = window;
  switch (aggregate) {
    case 'std':
      return stdValue(
        window.count(countSlot),
        window.total(totalSlot),
        window.total(squareSlot),
        window.total(squareSlot + 1),
        window.total(squareSlot + 2),
        units,
      );
    case 'min':
    case 'max':
      return extreme(read);
    case 'distinct':
      return distinctOf(valueSlot);
    case 'share':
      return shareOf(read);
    case 'first':
      if (from < to) return history!.value(valueSlot, from);
      return own ? event.values[valueSlot]! : Number.NaN;
    case 'last':
      return from < to ? history!.value(valueSlot, to - 1) : Number.NaN;
    case 'timeSinceLast':
      return from < to ? secondsBetween(history!.timeAt(to - 1), event.at[0]!) : Number.NaN;
    default:
      return from < to ? speedOf(valueSlot, history!, to - 1, event) : Number.NaN;
  }
}

function extreme({ aggregate, valueSlot }: WindowRead): number {
  const { history, from, to, own, event } = window;
  const isMin = aggregate === 'min';
  let found = own ? event.values[valueSlot]! : Number.NaN;
  for (let i = from; i < to; i++) {
    const value = history!.value(valueSlot, i);
    if (isMin ? value < found : value > found) found = value;
    else if (found !== found) found = value;
  }
  // 0 and -0 are equal, so which of them is found depends on the way; it is 0.
  return found + 0;
}

const seen = new HashCounter();

function distinctOf(slot: number): number {
  const { history, from, to, own, event } = window;
  seen.begin(to - from + 1);
  if (own) seen.add(event.values[slot]!);
  for (let i = from; i < to; i++) seen.add(history!.value(slot, i));
  return seen.count;
}

function shareOf({ valueSlot, categoryHash }: WindowRead): number {
  const { history, from, to, own, event } = window;
  const ownHash = event.values[valueSlot]!;
  const wanted = Number.isNaN(categoryHash) ? ownHash : categoryHash;
  if (Number.isNaN(wanted)) return Number.NaN;
  let matching = own && ownHash === wanted ? 1 : 0;
  for (let i = from; i < to; i++) if (history!.value(valueSlot, i) === wanted) matching++;
  return shareValue(to - from + (own ? 1 : 0), matching);
}

function speedOf(slot: number, history: EntityHistory, position: number, { at, values }: EntityParts): number {
  const [latitude, longitude] = [history.value(slot, position), history.value(slot + 1, position)];
  return speedValue(history.timeAt(position), latitude, longitude, at[0]!, values[slot]!, values[slot + 1]!);
}
