import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireTimeZone, wallClock } from './local-clock.js';

/** What `Intl` shows on the clock at a moment, field by field, as epoch milliseconds. */
function shownByIntl(timeZone: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochMs) => {
    const parts = Object.fromEntries(format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) + (((epochMs % 1000) + 1000) % 1000);
  };
}

const ZONES = [
  'UTC',
  'Europe/Paris',
  'America/New_York',
  // Southern hemisphere; half an hour of daylight saving.
  'America/Santiago',
  'Australia/Lord_Howe',
  // Half and quarter hours.
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  // No daylight saving during Ramadan, so clocks change four times a year; two changes a week apart in years to come.
  'Africa/Casablanca',
  'Asia/Gaza',
  // Went over the date line; offsets of seconds until 1972.
  'Pacific/Apia',
  'Africa/Monrovia',
];

const inUse = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2090, 0) });
// From 1800 on: times of the sun, to the second.
const ever = fc.integer({ min: Date.UTC(1800, 0), max: Date.UTC(2300, 0) });

describe('wallClock', () => {
  it.each(ZONES)('shows what Intl shows at random moments in %s', (timeZone) => {
    const clock = wallClock(timeZone);
    const shown = shownByIntl(timeZone);
    fc.assert(
      fc.property(fc.oneof(inUse, ever), (epochMs) => {
        expect(clock.localMs(epochMs)).toBe(shown(epochMs));
      }),
      { numRuns: 300 },
    );
  });

  it.each(ZONES)('shows what Intl shows every other day and around every change of the clock in %s', (timeZone) => {
    const clock = wallClock(timeZone);
    const shown = shownByIntl(timeZone);
    const moments = new Set<number>();
    for (let epochMs = Date.UTC(1995, 0); epochMs < Date.UTC(2015, 0); epochMs += 2 * 86_400_000) {
      clock.localMs(epochMs);
      moments.add(epochMs);
      for (const aroundMs of [-1000, -1, 0, 1, 999, 3_600_000]) moments.add(clock.untilMs + aroundMs);
    }
    const wrong = [...moments].filter((epochMs) => clock.localMs(epochMs) !== shown(epochMs));
    expect(wrong.map((epochMs) => new Date(epochMs).toISOString())).toEqual([]);
  });

  // Golden values from Python 3.11 zoneinfo with tzdata 2026f.
  it.each([
    ['Europe/Paris', '2024-03-31T00:59:59.999Z', '2024-03-31T01:59:59.999Z'],
    ['Europe/Paris', '2024-03-31T01:00:00.000Z', '2024-03-31T03:00:00.000Z'],
    ['Europe/Paris', '2024-10-27T00:30:00.000Z', '2024-10-27T02:30:00.000Z'],
    ['Europe/Paris', '2024-10-27T01:30:00.000Z', '2024-10-27T02:30:00.000Z'],
    ['Australia/Lord_Howe', '2024-04-06T15:00:00.000Z', '2024-04-07T01:30:00.000Z'],
    ['Africa/Monrovia', '1972-01-07T00:44:29.999Z', '1972-01-06T23:59:59.999Z'],
    ['Africa/Monrovia', '1972-01-07T00:44:30.000Z', '1972-01-07T00:44:30.000Z'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29T23:59:59.999Z'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31T00:00:00.000Z'],
    ['America/Recife', '2000-10-10T12:00:00.000Z', '2000-10-10T10:00:00.000Z'],
    ['America/Recife', '2000-10-16T12:00:00.000Z', '2000-10-16T09:00:00.000Z'],
  ])('knows %s at %s', (timeZone, moment, local) => {
    expect(new Date(wallClock(timeZone).localMs(Date.parse(moment))).toISOString()).toBe(local);
  });

  it('is UTC without a zone, and goes on at the ends of time', () => {
    expect(wallClock(undefined).localMs(12_345.5)).toBe(12_345.5);
    expect(wallClock('Asia/Kolkata').localMs(8.64e15)).toBe(8.64e15 + 19_800_000);
    expect(wallClock('Asia/Kolkata').localMs(8.65e15)).toBe(8.65e15 + 19_800_000);
  });

  it('keeps the same answers when more years and zones are asked for than are kept', () => {
    const clock = wallClock('Europe/Paris');
    for (let year = 1700; year < 2100; year++) clock.localMs(Date.UTC(year, 6));
    expect(clock.localMs(Date.UTC(1700, 6))).toBe(Date.UTC(1700, 6) + 561_000);
    for (const zone of Intl.supportedValuesOf('timeZone').slice(0, 150)) wallClock(zone);
    expect(wallClock('Europe/Paris').localMs(0)).toBe(3_600_000);
  });
});

describe('requireTimeZone', () => {
  it('gives a name back', () => expect(requireTimeZone('Europe/Paris')).toBe('Europe/Paris'));

  it.each(['Mars/Olympus', '', '+01:00', 7, undefined])('refuses %j', (timeZone) => {
    const require = () => requireTimeZone(timeZone as string);
    expect(require).toThrow('expected an IANA name such as Europe/Paris');
    expect(require).toThrow(expect.objectContaining({ code: 'INVALID_DEFINITION' }));
  });
});
