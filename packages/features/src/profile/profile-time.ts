/** Profile of a time column: its span, rows over time, and the hours and days at which they happen. */
import { countDistinct } from '../validation/judge-table-rule.js';
import { equalWidthHistogram } from './histogram.js';
import type { TimeProfile } from './table-profile.js';

const DAY_MS = 86_400_000;

/** Profile of epoch milliseconds, NaN being missing. */
export function profileTime(name: string, values: Float64Array): TimeProfile {
  const hours = new Float64Array(24);
  const weekdays = new Float64Array(7);
  let missing = 0;
  let isSorted = true;
  let earliest = Infinity;
  let latest = -Infinity;
  let before = -Infinity;
  for (let row = 0; row < values.length; row++) {
    const time = values[row]!;
    if (Number.isNaN(time)) {
      missing++;
      continue;
    }
    if (time < before) isSorted = false;
    before = time;
    if (time < earliest) earliest = time;
    if (time > latest) latest = time;
    hours[hourOfDay(time)]!++;
    weekdays[weekdayOf(time)]!++;
  }
  const isThere = earliest <= latest;
  return {
    kind: 'time',
    name,
    missing,
    distinct: countDistinct({ kind: 'time', values }),
    earliestMs: isThere ? earliest : null,
    latestMs: isThere ? latest : null,
    isSorted,
    histogram: equalWidthHistogram(values, earliest, latest),
    hours: Array.from(hours),
    weekdays: Array.from(weekdays),
  };
}

/** Hour of the day, 0 to 23, UTC. */
function hourOfDay(epochMs: number): number {
  return Math.floor((epochMs - Math.floor(epochMs / DAY_MS) * DAY_MS) / 3_600_000);
}

/** Day of the week, 0 for Monday, UTC. */
function weekdayOf(epochMs: number): number {
  // 1970-01-01 was a Thursday.
  const day = Math.floor(epochMs / DAY_MS) + 3;
  return day - 7 * Math.floor(day / 7);
}
