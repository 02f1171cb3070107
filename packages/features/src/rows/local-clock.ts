/**
 * The clock on the wall in a time zone: local time is UTC plus the zone's offset, which holds from one transition to the next. Offsets
 * come from `Intl`, whose answers are exact but slow, so the transitions of a year are looked for once, to the second, and kept.
 */
import { FeatureError } from '../feature-error.js';
import { DAY_MS } from './calendar.js';

export { requireHolidayDates } from './holidays.js';

/**
 * A zone's clock. It remembers between which transitions the last moment lay, so moments one after another cost two comparisons each.
 */
interface WallClock {
  /** What the clock shows at a moment, as epoch milliseconds; the moment is finite. */
  localMs(epochMs: number): number;
  /** The moments [fromMs, untilMs) around the last one asked for in which the offset is the same. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Local time minus UTC in that time. */
  readonly offsetMs: number;
}

/** A clock of its own in this zone; UTC without one. @throws {FeatureError} INVALID_DEFINITION as {@link requireTimeZone} */
export function wallClock(timeZone: string | undefined): WallClock {
  return timeZone === undefined ? UTC : new ZoneClock(offsetsOf(timeZone));
}

/**
 * The name itself, when it is a time zone.
 *
 * @throws {FeatureError} INVALID_DEFINITION for what is no IANA name; offsets such as `+01:00` aren't, since Node 20 doesn't know them
 */
export function requireTimeZone(timeZone: string): string {
  if (typeof timeZone === 'string' && /^[A-Za-z]/.test(timeZone)) {
    try {
      new Intl.DateTimeFormat('en-US', { timeZone });
      return timeZone;
    } catch {
      // Intl's only complaint here is that it doesn't know the zone; it is told below.
    }
  }
  const shown = typeof timeZone === 'string' ? JSON.stringify(timeZone.slice(0, 100)) : String(timeZone);
  const message = `timeZone is ${shown}, expected an IANA name such as Europe/Paris; leave it out for UTC`;
  throw new FeatureError('INVALID_DEFINITION', message, { timeZone: shown });
}

const UTC: WallClock = { localMs: (epochMs) => epochMs, fromMs: -Infinity, untilMs: Infinity, offsetMs: 0 };

class ZoneClock implements WallClock {
  readonly #offsets: ZoneOffsets;
  fromMs = Infinity;
  untilMs = -Infinity;
  offsetMs = Number.NaN;

  constructor(offsets: ZoneOffsets) {
    this.#offsets = offsets;
  }

  localMs(epochMs: number): number {
    if (!(epochMs >= this.fromMs && epochMs < this.untilMs)) this.#moveTo(epochMs);
    return epochMs + this.offsetMs;
  }

  #moveTo(epochMs: number): void {
    const { startsMs, offsetsMs, endMs } = this.#offsets.spanAround(epochMs);
    let place = startsMs.length - 1;
    while (place > 0 && startsMs[place]! > epochMs) place--;
    this.fromMs = startsMs[place]!;
    this.untilMs = startsMs[place + 1] ?? endMs;
    this.offsetMs = offsetsMs[place]!;
  }
}

/** Offsets of a zone in a span of time, each from its start to the next one's; the last one until the span's end. */
interface OffsetSpan {
  readonly startsMs: readonly number[];
  readonly offsetsMs: readonly number[];
  readonly endMs: number;
}

/** Length of a span. */
const SPAN_MS = 366 * DAY_MS;

/**
 * No zone has had two transitions within 6.9 days that cancel each other (tzdata 2026f: Gaza, Recife), so none is missed between two
 * looks that are so far apart.
 */
const LOOK_EVERY_MS = 3 * DAY_MS;

/** Most spans kept of a zone and most zones kept, the ones made first dropped. */
const MAX_SPANS = 300;
const MAX_ZONES = 100;

/** Beyond this `Intl` knows no moment (ECMA-262, time values); offsets go on as they are there. */
const LAST_MS = 8.64e15;

class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  readonly #spans = new Map<number, OffsetSpan>();

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  }

  spanAround(epochMs: number): OffsetSpan {
    const index = Math.floor(epochMs / SPAN_MS);
    let span = this.#spans.get(index);
    if (span === undefined) {
      span = this.#findSpan(index * SPAN_MS);
      keepLimited(this.#spans, index, span, MAX_SPANS);
    }
    return span;
  }

  #findSpan(startMs: number): OffsetSpan {
    const endMs = startMs + SPAN_MS;
    const startsMs = [startMs];
    const offsetsMs = [this.#offsetAt(startMs)];
    for (let lookMs = startMs; lookMs < endMs; lookMs += LOOK_EVERY_MS) {
      // The span's end is the next one's start.
      const offsetMs = this.#offsetAt(Math.min(lookMs + LOOK_EVERY_MS, endMs - 1000));
      for (let fromMs = lookMs; offsetsMs.at(-1) !== offsetMs; ) {
        fromMs = this.#transitionWithin(fromMs, Math.min(lookMs + LOOK_EVERY_MS, endMs - 1000), offsetsMs.at(-1)!);
        startsMs.push(fromMs);
        offsetsMs.push(this.#offsetAt(fromMs));
      }
    }
    return { startsMs, offsetsMs, endMs };
  }

  /** The first second without an offset that holds at one moment and not at a later one. */
  #transitionWithin(fromMs: number, untilMs: number, offsetMs: number): number {
    let withMs = fromMs;
    let withoutMs = untilMs;
    while (withoutMs - withMs > 1000) {
      const middleMs = withMs + Math.floor((withoutMs - withMs) / 2000) * 1000;
      if (this.#offsetAt(middleMs) === offsetMs) withMs = middleMs;
      else withoutMs = middleMs;
    }
    return withoutMs;
  }

  #offsetAt(epochMs: number): number {
    const shown = this.#format.format(Math.min(Math.max(epochMs, -LAST_MS), LAST_MS));
    const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(shown)!;
    const offsetMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -offsetMs : offsetMs;
  }
}

/** `GMT`, `GMT+05:45`, and `GMT-00:44:30` in times when clocks followed the sun. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

const zones = new Map<string, ZoneOffsets>();

function offsetsOf(timeZone: string): ZoneOffsets {
  let offsets = zones.get(timeZone);
  if (offsets === undefined) {
    offsets = new ZoneOffsets(requireTimeZone(timeZone));
    keepLimited(zones, timeZone, offsets, MAX_ZONES);
  }
  return offsets;
}

/** Adds to a map that holds at most so many; the ones added first are dropped. */
function keepLimited<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  if (map.size >= limit) map.delete(map.keys().next().value!);
  map.set(key, value);
}
