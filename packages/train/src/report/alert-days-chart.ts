import {
  axisTicks,
  bottomAxis,
  type ChartFrame,
  chartLine,
  chartRectangle,
  formatCount,
  html,
  type Html,
  leftAxis,
  svgChart,
} from '@fraudops/core';
import type { PolicyDay } from '../thresholds/evaluate-policy.js';
import { dayLabels, dayWidth } from './card-precision-chart.js';

const WIDE: ChartFrame = { width: 1096, height: 190, left: 46, right: 16, top: 12, bottom: 28 };
const NARROW: ChartFrame = { width: 360, height: 180, left: 42, right: 14, top: 12, bottom: 28 };

/**
 * Alerts of each day as bars: frauds found below, false alerts on top, and the most reviews a day as a line; drawn once for wide screens
 * and once for phones, of which the style sheet shows one.
 *
 * @param reviewsPerDay null where reviews are not bounded
 */
export function alertDayCharts(days: readonly PolicyDay[], reviewsPerDay: number | null): Html {
  return html`${alertDaysChart(days, reviewsPerDay, WIDE, 'wide', 8)}${alertDaysChart(days, reviewsPerDay, NARROW, 'narrow', 3)}`;
}

function alertDaysChart(
  days: readonly PolicyDay[],
  reviewsPerDay: number | null,
  frame: ChartFrame,
  className: string,
  mostLabels: number,
): Html {
  const most = days.reduce((highest, { reviews, declines }) => Math.max(highest, reviews + declines), 1);
  // A bound far above all bars would only press them down.
  const bound = reviewsPerDay !== null && reviewsPerDay <= 3 * most ? reviewsPerDay : null;
  const highest = Math.max(most, bound ?? 0) * 1.05;
  const step = dayWidth(days.length);
  const ticks = axisTicks(0, highest, 4)
    .filter((count) => Number.isInteger(count))
    .map((count) => ({ at: count / highest, text: formatCount(count) }));
  const bars = days.map(({ reviews, declines, caught }, i) => {
    const [from, to] = [(i + 0.15) * step, (i + 0.85) * step];
    return html`${chartRectangle(frame, 'found', from, to, 0, caught / highest)}${chartRectangle(frame, 'false', from, to, caught / highest, (reviews + declines) / highest)}`;
  });
  const line = bound === null ? undefined : chartLine(frame, 'ceiling', 0, bound / highest, days.length * step, bound / highest);
  return svgChart(frame, 'alerts by day', className, [
    leftAxis(frame, ticks),
    ...bars,
    line,
    bottomAxis(frame, dayLabels(days, mostLabels)),
  ]);
}
