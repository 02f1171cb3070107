/** Days that count as holidays: single ones, such as `2026-04-06`, and those of every year, such as `12-25`. */
import { FeatureError } from '../feature-error.js';
import { DAY_MS, dayOfLocal, monthAndDay } from './calendar.js';

/** Most dates of a calendar of holidays. */
const MAX_HOLIDAYS = 10_000;

/** Whether the day with this number is a holiday; see {@link dayOfLocal}. Dates are checked by {@link requireHolidayDates}. */
export function holidayTest(dates: readonly string[]): (day: number) => boolean {
  const days = new Set<number>();
  const daysOfYear = new Set<number>();
  for (const date of dates) {
    if (date.length > 5) days.add(dayOfLocal(Date.parse(date)));
    else daysOfYear.add(32 * Number(date.slice(0, 2)) + Number(date.slice(3)));
  }
  if (daysOfYear.size === 0) return (day) => days.has(day);
  return (day) => days.has(day) || daysOfYear.has(monthAndDay(day));
}

/**
 * The dates themselves, when each is a real day.
 *
 * @throws {FeatureError} INVALID_DEFINITION naming the first date that is none, or when there are none or too many
 */
export function requireHolidayDates(dates: readonly string[]): readonly string[] {
  if (!Array.isArray(dates) || dates.length === 0 || dates.length > MAX_HOLIDAYS) {
    const found = Array.isArray(dates) ? `${dates.length} dates` : String(dates);
    throw new FeatureError('INVALID_DEFINITION', `dates are ${found}, expected a list of 1 to ${MAX_HOLIDAYS} dates`);
  }
  const bad = dates.findIndex((date) => !isRealDay(date));
  if (bad < 0) return dates;
  const value: unknown = dates[bad];
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value);
  const message = `dates[${bad}] is ${shown}, expected a real day such as 2026-04-06, or 12-25 for every year's`;
  throw new FeatureError('INVALID_DEFINITION', message, { index: bad, value: shown });
}

function isRealDay(date: unknown): boolean {
  if (typeof date !== 'string') return false;
  // A day of every year is real when a leap year has it.
  const full = /^\d\d-\d\d$/.test(date) ? `2000-${date}` : date;
  if (!/^\d{4}-\d\d-\d\d$/.test(full)) return false;
  const epochMs = Date.parse(full);
  return epochMs % DAY_MS === 0 && new Date(epochMs).toISOString().startsWith(full);
}
