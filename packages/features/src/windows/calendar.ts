const DAY_MS = 86_400_000;

/** Whether a moment falls on a Saturday or Sunday, UTC. */
export function isWeekend(epochMs: number): boolean {
  // 1970-01-01 was a Thursday, so day 2 was a Saturday. Subtracting whole weeks is several times faster than % on large numbers.
  const daysAfterSaturday = Math.floor(epochMs / DAY_MS) - 2;
  return daysAfterSaturday - 7 * Math.floor(daysAfterSaturday / 7) < 2;
}

/** Hour of the day of a moment, 0 to 23, UTC. */
export function hourOfDay(epochMs: number): number {
  return Math.floor((epochMs - Math.floor(epochMs / DAY_MS) * DAY_MS) / 3_600_000);
}
