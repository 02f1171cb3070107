/** The label's rate over time: how many rows of each day or week are fraud, among those whose label is known. */
import { MISSING_FLAG, type Table } from '@fraudops/core';
import type { LabelPeriod, LabelRateOverTime } from './table-profile.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05 was the first Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
const MAX_DAYS = 120;
/** Most periods of a profile. */
const MAX_PERIODS = 1000;

/**
 * Counts rows, known labels and frauds period by period; rows without a time are left out, periods without rows too.
 *
 * @param period default: days when the times span at most 120, else weeks from Monday on; UTC
 */
export function labelRateOverTime(table: Table, label: string, time: string, period?: 'day' | 'week'): LabelRateOverTime {
  const labels = table.flag(label);
  const times = table.time(time);
  const chosen = period ?? (spanOf(times) <= MAX_DAYS * DAY_MS ? 'day' : 'week');
  const [lengthMs, originMs] = chosen === 'day' ? [DAY_MS, 0] : [WEEK_MS, FIRST_MONDAY_MS];
  const byStart = new Map<number, { startMs: number; rows: number; known: number; yes: number }>();
  let totalKnown = 0;
  let totalYes = 0;
  let current: { startMs: number; rows: number; known: number; yes: number } | undefined;
  for (let row = 0; row < times.length; row++) {
    const flag = labels[row]!;
    const isKnown = flag !== MISSING_FLAG;
    if (isKnown) totalKnown++;
    if (flag === 1) totalYes++;
    if (Number.isNaN(times[row]!)) continue;
    const startMs = Math.floor((times[row]! - originMs) / lengthMs) * lengthMs + originMs;
    // Rows mostly come in order of time.
    if (current?.startMs !== startMs) {
      current = byStart.get(startMs) ?? { startMs, rows: 0, known: 0, yes: 0 };
      byStart.set(startMs, current);
    }
    current.rows++;
    if (isKnown) current.known++;
    if (flag === 1) current.yes++;
  }
  const all: LabelPeriod[] = [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
  const periods = all.slice(-MAX_PERIODS);
  return { label, time, period: chosen, periods, omitted: all.length - periods.length, known: totalKnown, yes: totalYes };
}

function spanOf(times: Float64Array): number {
  let earliest = Infinity;
  let latest = -Infinity;
  for (let row = 0; row < times.length; row++) {
    if (times[row]! < earliest) earliest = times[row]!;
    if (times[row]! > latest) latest = times[row]!;
  }
  return latest - earliest;
}
