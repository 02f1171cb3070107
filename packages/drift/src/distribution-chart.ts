/**
 * The report's charts as inline SVG: reference in grey, current in colour, over the same axis. Colours come from the page's style
 * sheet by class, so that one drawing serves light, dark and paper.
 */
import {
  axisTicks,
  bottomAxis,
  type ChartFrame,
  chartLine,
  chartRectangle,
  chartX,
  chartY,
  formatTickShare,
  formatValue,
  html,
  type Html,
  hundredths,
  leftAxis,
  svgChart,
} from '@fraudops/core';
import type { BarsSummary, DistributionSummary, HistogramSummary } from './distribution-summary.js';
import { formatEffect, formatShare } from './number-format.js';

/** A chart small enough for a row of a table; the title says it in words. */
export function sparkChart(distribution: DistributionSummary, title: string): Html {
  const frame: ChartFrame = { width: 160, height: 36, left: 1, right: 1, top: 2, bottom: 1 };
  const marks = distribution.shape === 'histogram' ? histogramMarks(distribution, frame) : barMarks(distribution, frame);
  return svgChart(frame, title, 'spark', [marks, chartLine(frame, 'axis', 0, 0, 1, 0)]);
}

/** Histogram with axes. */
export function histogramChart(distribution: HistogramSummary, title: string): Html {
  const highest = Math.max(...distribution.reference, ...distribution.current);
  const ticks = axisTicks(0, highest, 4).map((share) => ({ at: share / highest, text: formatTickShare(share) }));
  return svgChart(CHART, title, 'chart', [
    leftAxis(CHART, ticks),
    histogramMarks(distribution, CHART),
    valueAxis(distribution.edges[0]!, distribution.edges.at(-1)!),
  ]);
}

/** The two cumulative curves, with the largest distance between them, the statistic D, drawn in. */
export function curveChart(distribution: HistogramSummary, title: string): Html {
  const { curve, edges, largestGap } = distribution;
  const low = edges[0]!;
  const high = edges.at(-1)!;
  const at = Math.min(1, Math.max(0, (largestGap.at - low) / (high - low)));
  const { referenceShare, currentShare } = largestGap;
  const label = `D = ${formatEffect(Math.abs(referenceShare - currentShare))}`;
  const onRight = at < 0.7;
  const labelX = chartX(CHART, at) + (onRight ? 8 : -8);
  const labelY = hundredths(chartY(CHART, (referenceShare + currentShare) / 2) + 4);
  return svgChart(CHART, title, 'chart', [
    leftAxis(
      CHART,
      [0, 0.25, 0.5, 0.75, 1].map((share) => ({ at: share, text: formatTickShare(share) })),
    ),
    path('curve reference', stepPath(CHART, curve.reference)),
    path('curve current', stepPath(CHART, curve.current)),
    chartLine(CHART, 'gap', at, referenceShare, at, currentShare),
    html`<circle class="gap-end" cx="${chartX(CHART, at)}" cy="${chartY(CHART, referenceShare)}" r="2.5"/>`,
    html`<circle class="gap-end" cx="${chartX(CHART, at)}" cy="${chartY(CHART, currentShare)}" r="2.5"/>`,
    html`<text class="gap-label" x="${labelX}" y="${labelY}" text-anchor="${onRight ? 'start' : 'end'}">${label}</text>`,
    valueAxis(low, high),
  ]);
}

/** One value's two shares, as two thin bars one above the other; `widest` is the share that fills the width. */
export function pairedBar(bar: { readonly reference: number; readonly current: number }, widest: number): Html {
  const frame: ChartFrame = { width: 300, height: 18, left: 0, right: 0, top: 0, bottom: 0 };
  const title = `reference ${formatShare(bar.reference)}, current ${formatShare(bar.current)}`;
  const draw = (side: 'reference' | 'current', top: number) =>
    html`<rect class="bar ${side}" x="0" y="${top}" width="${hundredths((bar[side] / widest) * frame.width)}" height="7" rx="1"/>`;
  return svgChart(frame, title, 'paired', [draw('reference', 1), draw('current', 10)], true);
}

const CHART: ChartFrame = { width: 440, height: 210, left: 44, right: 14, top: 10, bottom: 26 };

function histogramMarks(distribution: HistogramSummary, frame: ChartFrame): Html {
  const highest = Math.max(...distribution.reference, ...distribution.current);
  const outline = (shares: readonly number[]) => outlinePath(frame, shares, highest);
  return html`${path('area reference', outline(distribution.reference))}${path('area current', outline(distribution.current))}`;
}

/** The skyline of a histogram, closed along the base line. */
function outlinePath(frame: ChartFrame, shares: readonly number[], highest: number): string {
  const base = chartY(frame, 0);
  const skyline = shares.map((share, i) => {
    const top = chartY(frame, share / highest);
    return `V${top}H${chartX(frame, (i + 1) / shares.length)}`;
  });
  return `M${chartX(frame, 0)} ${base}${skyline.join('')}V${base}Z`;
}

/** A cumulative curve: it holds its value up to the next point, and steps there. */
function stepPath(frame: ChartFrame, shares: readonly number[]): string {
  const last = shares.length - 1;
  return shares
    .map((share, i) => {
      const top = chartY(frame, share);
      return i === 0 ? `M${chartX(frame, 0)} ${top}` : `H${chartX(frame, i / last)}V${top}`;
    })
    .join('');
}

function barMarks(distribution: BarsSummary, frame: ChartFrame): Html {
  const bars = distribution.rest ? [...distribution.bars, distribution.rest] : distribution.bars;
  const highest = Math.max(...bars.flatMap((bar) => [bar.reference, bar.current]));
  // Two values stretched over the whole width would look like blocks of colour.
  const step = Math.min(1 / bars.length, 0.25);
  const draw = (side: 'reference' | 'current', share: number, left: number) =>
    chartRectangle(frame, `bar ${side}`, left, left + step * 0.38, 0, share / highest);
  return html`${bars.map((bar, i) => [
    draw('reference', bar.reference, (i + 0.1) * step),
    draw('current', bar.current, (i + 0.52) * step),
  ])}`;
}

function valueAxis(low: number, high: number): Html {
  const ticks = axisTicks(low, high, 8).map((tick) => ({ at: (tick - low) / (high - low), text: formatValue(tick) }));
  return bottomAxis(CHART, ticks);
}

function path(className: string, data: string): Html {
  return html`<path class="${className}" d="${data}"/>`;
}
