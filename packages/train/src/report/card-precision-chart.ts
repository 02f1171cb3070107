import {
  axisTicks,
  bottomAxis,
  type ChartFrame,
  type ChartTick,
  chartLine,
  chartRectangle,
  formatDay,
  formatTickShare,
  html,
  type Html,
  leftAxis,
  svgChart,
} from '@fraudops/core';
import type { CardPrecisionDay } from '../metrics/daily/card-precision.js';

const WIDE: ChartFrame = { width: 1096, height: 230, left: 46, right: 16, top: 12, bottom: 28 };
const NARROW: ChartFrame = { width: 360, height: 210, left: 42, right: 14, top: 12, bottom: 28 };

/**
 * Card precision of each day as bars, with the best that was possible as a line above each: drawn once for wide screens and once for
 * phones, of which the style sheet shows one.
 */
export function cardPrecisionCharts(days: readonly CardPrecisionDay[]): Html {
  return html`${cardPrecisionChart(days, WIDE, 'wide', 8)}${cardPrecisionChart(days, NARROW, 'narrow', 3)}`;
}

function cardPrecisionChart(days: readonly CardPrecisionDay[], frame: ChartFrame, className: string, mostLabels: number): Html {
  const highest = days.reduce((most, { precision, ceiling }) => Math.max(most, precision, ceiling), 0) || 1;
  const step = dayWidth(days.length);
  const ticks = axisTicks(0, highest, 4).map((share) => ({ at: share / highest, text: formatTickShare(share) }));
  const marks = days.map(({ precision, ceiling }, i) => {
    const [from, to] = [(i + 0.15) * step, (i + 0.85) * step];
    const top = ceiling / highest;
    return html`${chartRectangle(frame, 'bar', from, to, 0, precision / highest)}${chartLine(frame, 'ceiling', from, top, to, top)}`;
  });
  return svgChart(frame, 'card precision by day', className, [
    leftAxis(frame, ticks),
    ...marks,
    bottomAxis(frame, dayLabels(days, mostLabels)),
  ]);
}

/** Width of a day, as a share of the axis: few days stretched over the whole width would look like blocks of colour. */
export function dayWidth(days: number): number {
  return Math.min(1 / days, 0.16);
}

/** Dates below the bars, some left out where there are many. */
export function dayLabels(days: readonly { readonly dayMs: number }[], mostLabels: number): ChartTick[] {
  const every = Math.ceil(days.length / mostLabels);
  const step = dayWidth(days.length);
  return days.flatMap(({ dayMs }, i) => (i % every === 0 ? [{ at: (i + 0.5) * step, text: formatDay(dayMs) }] : []));
}
