/**
 * Reads the features of an entity's windows off its history and the event at hand, which is not in the history yet.
 */
import type { EntityHistory } from './entity-history.js';
import type { EntityParts } from './event-parts.js';
import type { EntityPlan, WindowRead } from './feature-plan.js';
import { meanValue, riskValue, secondsBetween, shareValue, speedValue, stdValue, sumValue } from './feature-value.js';
import { HashCounter } from './hash-counter.js';

/** The moment at which a window begins or ends; see {@link EntityEvent} for why it is an array. */
const moment = new Float64Array(1);

/**
 * @param history of the event's entity; undefined when nothing is remembered of it
 * @param into receives each feature at its slot
 */
export function readWindows(plan: EntityPlan, history: EntityHistory | undefined, event: EntityParts, into: Float64Array): void {
  const { windows, resolutionMs } = plan;
  for (let i = 0; i < windows.length; i++) {
    const { windowMs, delayMs, own, reads } = windows[i]!;
    if (event.key === undefined) {
      for (let j = 0; j < reads.length; j++) into[reads[j]!.slot] = Number.NaN;
      continue;
    }
    const untilMs = windowEnd(event.at[0]!, delayMs, resolutionMs);
    moment[0] = untilMs - windowMs;
    const from = history === undefined ? 0 : history.countUntil(moment);
    moment[0] = untilMs;
    const to = history === undefined ? 0 : history.countUntil(moment);
    for (let j = 0; j < reads.length; j++) readFeature(reads[j]!, own, history, from, to, event, into);
  }
}

/**
 * The moment until which, itself included, a window holds transactions. In tiles, the times of transactions are those of their tiles,
 * and with a delay only tiles that are over by then are held.
 */
function windowEnd(epochMs: number, delayMs: number, resolutionMs: number): number {
  if (resolutionMs === 0) return epochMs - delayMs;
  const tileMs = Math.floor((epochMs - delayMs) / resolutionMs) * resolutionMs;
  return delayMs === 0 ? tileMs : tileMs - resolutionMs;
}

/** Puts the feature at its slot. The most frequent ones come first and return nothing, so that no number is allocated for them. */
function readFeature(
  read: WindowRead,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
  into: Float64Array,
): void {
  const { aggregate, slot, countSlot, totalSlot, units } = read;
  switch (aggregate) {
    case 'count':
      into[slot] = countOf(countSlot, own, history, from, to, event);
      return;
    case 'sum':
      into[slot] = sumValue(totalOf(totalSlot, own, history, from, to, event), units);
      return;
    case 'mean':
      readMean(read, own, history, from, to, event, into);
      return;
    case 'risk':
      readRisk(read, own, history, from, to, event, into);
      return;
    default:
      into[slot] = otherValue(read, own, history, from, to, event);
  }
}

function readMean(
  { slot, countSlot, totalSlot, units }: WindowRead,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
  into: Float64Array,
): void {
  const count = countOf(countSlot, own, history, from, to, event);
  into[slot] = meanValue(count, totalOf(totalSlot, own, history, from, to, event), units);
}

function readRisk(
  { slot, countSlot, totalSlot }: WindowRead,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
  into: Float64Array,
): void {
  const count = countOf(countSlot, own, history, from, to, event);
  into[slot] = riskValue(count, totalOf(totalSlot, own, history, from, to, event));
}

function otherValue(
  read: WindowRead,
  own: boolean,
  history: EntityHistory | undefined,
  from: number,
  to: number,
  event: EntityParts,
): number {
  const { aggregate, countSlot, totalSlot, squareSlot, valueSlot, units } = read;
  switch (aggregate) {
    case 'std':
      return stdValue(
        countOf(countSlot, own, history, from, to, event),
        totalOf(totalSlot, own, history, from, to, event),
        totalOf(squareSlot, own, history, from, to, event),
        totalOf(squareSlot + 1, own, history, from, to, event),
        totalOf(squareSlot + 2, own, history, from, to, event),
        units,
      );
    case 'min':
    case 'max':
      return extreme(read, own, history, from, to, event);
    case 'distinct':
      return distinctOf(valueSlot, own, history, from, to, event);
    case 'share':
      return shareOf(read, own, history, from, to, event);
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

function speedOf(slot: number, history: EntityHistory, position: number, { at, values }: EntityParts): number {
  const [latitude, longitude] = [history.value(slot, position), history.value(slot + 1, position)];
  return speedValue(history.timeAt(position), latitude, longitude, at[0]!, values[slot]!, values[slot + 1]!);
}
