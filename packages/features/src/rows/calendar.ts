/**
 * Hours, weekdays and days of the proleptic Gregorian calendar, of a clock on the wall. Local milliseconds are what that clock shows,
 * written as epoch milliseconds: UTC's own, or those of a time zone (see `local-clock.ts`).
 */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Hour of the day, 0 to 23. */
export function hourOfLocal(localMs: number): number {
  return Math.floor((localMs - Math.floor(localMs / DAY_MS) * DAY_MS) / HOUR_MS);
}

/** Day of the week by ISO 8601: 1 is Monday, 7 is Sunday. */
export function weekdayOfLocal(localMs: number): number {
  // 1970-01-01 was a Thursday, so day -3 was a Monday. Subtracting whole weeks is several times faster than % on large numbers.
  const daysAfterMonday = dayOfLocal(localMs) + 3;
  return daysAfterMonday - 7 * Math.floor(daysAfterMonday / 7) + 1;
}

/** Whether it is a Saturday or Sunday. */
export function isWeekend(localMs: number): boolean {
  return weekdayOfLocal(localMs) >= 6;
}

/** Number of the day; that of 1970-01-01 is 0. */
export function dayOfLocal(localMs: number): number {
  return Math.floor(localMs / DAY_MS);
}

/**
 * Number of a day within any year, 32 * month + day, of a day's number. Years are counted from March, so that the leap day comes last
 * (Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
 */
export function monthAndDay(day: number): number {
  const daysAfterEra = day + 719_468;
  const dayOfEra = daysAfterEra - 146_097 * Math.floor(daysAfterEra / 146_097);
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthsAfterMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthsAfterMarch + 2) / 5) + 1;
  return 32 * (monthsAfterMarch < 10 ? monthsAfterMarch + 3 : monthsAfterMarch - 9) + dayOfMonth;
}
