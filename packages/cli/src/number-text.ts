/** Whole numbers with thousands separators: `1,754,155`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A share as a percentage: 0.00837 becomes `0.84 %`. */
export function percentText(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** A share as percent with one decimal, two below 1 %: 0.092 becomes `9.2 %`, 0.0084 becomes `0.84 %`. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.0001) return '<0.01 %';
  if (share >= 0.9995 && share < 1) return '>99.9 %';
  return percentText(share, share > 0 && share < 0.01 ? 2 : 1);
}

/** A metric with three digits, or a dash when it is not defined. */
export function metricText(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

/** A duration a person reads at a glance: `0.42 ms`, `370 ms`, `4.2 s`, `2 min 5 s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 9.995) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A day in UTC: `2018-07-25`. */
export function dayText(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
