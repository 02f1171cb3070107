/**
 * Reads the features of an entity's windows off its history and the event at hand, which is not in the history yet.
 */
import type { EntityHistory } from './entity-history.js';
import type { EntityParts } from './event-parts.js';
import type { EntityPlan, WindowPlan, WindowRead } from './feature-plan.js';
import { meanValue, riskValue, secondsBetween, shareValue, speedValue, stdValue, sumValue } from './feature-value.js';
import { HashCounter } from './hash-counter.js';

/**
 * @param history of the event's entity; undefined when nothing is remembered of it
 * @param into receives each feature at its slot
 */
export function readWindows(
  plan: EntityPlan,
  history: EntityHistory | undefined,
  epochMs: number,
  event: EntityParts,
  into: Float64Array,
): void {
  const { windows, resolutionMs } = plan;
  for (let i = 0; i < windows.length; i++) {
    const window = windows[i]!;
    const { reads } = window;
    if (event.key === undefined) {
      for (let j = 0; j < reads.length; j++) into[reads[j]!.slot] = Number.NaN;
      continue;
    }
    const untilMs = windowEnd(epochMs, window.delayMs, resolutionMs);
    const from = history === undefined ? 0 : history.countUntil(untilMs - window.windowMs);
    const to = history === undefined ? 0 : history.countUntil(untilMs);
    for (let j = 0; j < reads.length; j++)
      into[reads[j]!.slot] = windowValue(reads[j]!, window, history, from, to, epochMs, event);
  }
}

/**
 * The moment until which, itself included, a window holds transactions. In tiles, the times of transactions are those of their tiles,
 * and with a delay only tiles that are over by then are held.
 */
export function windowEnd(epochMs: number, delayMs: number, resolutionMs: number): number {
  if (resolutionMs === 0) return epochMs - delayMs;
  const tileMs = Math.floor((epochMs - delayMs) / resolutionMs) * resolutionMs;
  return delayMs === 0 ? tileMs : tileMs - resolutionMs;
}

function windowValue(
  read: WindowRead,
  { own }: WindowPlan,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  epochMs: number,
  event: EntityParts,
): number {
  const { aggregate, countSlot, totalSlot, units } = read;
  switch (aggregate) {
    case 'count':
      return countOf(countSlot, own, history, from, to, event);
    case 'sum':
      return sumValue(totalOf(totalSlot, own, history, from, to, event), units);
    case 'mean':
      return meanValue(
        countOf(countSlot, own, history, from, to, event),
        totalOf(totalSlot, own, history, from, to, event),
        units,
      );
    case 'risk':
      return riskValue(countOf(countSlot, own, history, from, to, event), totalOf(totalSlot, own, history, from, to, event));
    case 'std':
      return stdValue(
        countOf(countSlot, own, history, from, to, event),
        totalOf(totalSlot, own, history, from, to, event),
        totalOf(read.squareSlot, own, history, from, to, event),
        totalOf(read.squareSlot + 1, own, history, from, to, event),
        totalOf(read.squareSlot + 2, own, history, from, to, event),
        units,
      );
    case 'min':
    case 'max':
      return extreme(read, own, history, from, to, event);
    case 'distinct':
      return distinctOf(read.valueSlot, own, history, from, to, event);
    case 'share':
      return shareOf(read, own, history, from, to, event);
    case 'first':
      if (from < to) return history!.value(read.valueSlot, from);
      return own ? event.values[read.valueSlot]! : Number.NaN;
    case 'last':
      return from < to ? history!.value(read.valueSlot, to - 1) : Number.NaN;
    case 'timeSinceLast':
      return from < to ? secondsBetween(history!.timeAt(to - 1), epochMs) : Number.NaN;
    default:
      return from < to ? speedOf(read.valueSlot, history!, to - 1, epochMs, event) : Number.NaN;
  }
}

function totalOf(
  slot: number,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
): number {
  return (history === undefined ? 0 : history.total(slot, from, to)) + (own ? event.parts[slot]! : 0);
}

function countOf(
  slot: number,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
): number {
  return slot >= 0 ? totalOf(slot, own, history, from, to, event) : to - from + (own ? 1 : 0);
}

function extreme(
  { aggregate, valueSlot }: WindowRead,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
): number {
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

function distinctOf(
  slot: number,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
): number {
  seen.begin(to - from + 1);
  if (own) seen.add(event.values[slot]!);
  for (let i = from; i < to; i++) seen.add(history!.value(slot, i));
  return seen.count;
}

function shareOf(
  { valueSlot, categoryHash }: WindowRead,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
): number {
  const ownHash = event.values[valueSlot]!;
  const wanted = Number.isNaN(categoryHash) ? ownHash : categoryHash;
  if (Number.isNaN(wanted)) return Number.NaN;
  let matching = own && ownHash === wanted ? 1 : 0;
  for (let i = from; i < to; i++) if (history!.value(valueSlot, i) === wanted) matching++;
  return shareValue(to - from + (own ? 1 : 0), matching);
}

function speedOf(slot: number, history: EntityHistory, position: number, epochMs: number, { values }: EntityParts): number {
  const [latitude, longitude] = [history.value(slot, position), history.value(slot + 1, position)];
  return speedValue(history.timeAt(position), latitude, longitude, epochMs, values[slot]!, values[slot + 1]!);
}
