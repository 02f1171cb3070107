/**
 * The report's charts as inline SVG: reference in grey, current in colour, over the same axis. Colours come from the page's style
 * sheet by class, so that one drawing serves light, dark and paper.
 */
import type { BarsSummary, DistributionSummary, HistogramSummary } from './distribution-summary.js';
import { type Html, html } from './html-template.js';
import { axisTicks, formatEffect, formatShare, formatValue } from './number-format.js';

/** A chart small enough for a row of a table; the title says it in words. */
export function sparkChart(distribution: DistributionSummary, title: string): Html {
  const frame: Frame = { width: 160, height: 36, left: 1, right: 1, top: 2, bottom: 1 };
  const marks = distribution.shape === 'histogram' ? histogramMarks(distribution, frame) : barMarks(distribution, frame);
  return svg(frame, title, 'spark', [marks, line(frame, 'axis', 0, 0, 1, 0)]);
}

/** Histogram with axes. */
export function histogramChart(distribution: HistogramSummary, title: string): Html {
  const highest = Math.max(...distribution.reference, ...distribution.current);
  const ticks = axisTicks(0, highest, 4).map((share) => ({ at: share / highest, text: tickShare(share) }));
  return svg(CHART, title, 'chart', [
    shareAxis(ticks),
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
  const labelX = round(x(CHART, at) + (onRight ? 8 : -8));
  const labelY = round(y(CHART, (referenceShare + currentShare) / 2) + 4);
  return svg(CHART, title, 'chart', [
    shareAxis([0, 0.25, 0.5, 0.75, 1].map((share) => ({ at: share, text: tickShare(share) }))),
    path('curve reference', stepPath(CHART, curve.reference)),
    path('curve current', stepPath(CHART, curve.current)),
    line(CHART, 'gap', at, referenceShare, at, currentShare),
    html`<circle class="gap-end" cx="${round(x(CHART, at))}" cy="${round(y(CHART, referenceShare))}" r="2.5"/>`,
    html`<circle class="gap-end" cx="${round(x(CHART, at))}" cy="${round(y(CHART, currentShare))}" r="2.5"/>`,
    html`<text class="gap-label" x="${labelX}" y="${labelY}" text-anchor="${onRight ? 'start' : 'end'}">${label}</text>`,
    valueAxis(low, high),
  ]);
}

/** One value's two shares, as two thin bars one above the other; `widest` is the share that fills the width. */
export function pairedBar(bar: { readonly reference: number; readonly current: number }, widest: number): Html {
  const frame: Frame = { width: 300, height: 18, left: 0, right: 0, top: 0, bottom: 0 };
  const title = `reference ${formatShare(bar.reference)}, current ${formatShare(bar.current)}`;
  const draw = (side: 'reference' | 'current', top: number) =>
    html`<rect class="bar ${side}" x="0" y="${top}" width="${round((bar[side] / widest) * frame.width)}" height="7" rx="1"/>`;
  return svg(frame, title, 'paired', [draw('reference', 1), draw('current', 10)], true);
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const CHART: Frame = { width: 440, height: 210, left: 44, right: 14, top: 10, bottom: 26 };

/** Pixels of a position from 0 at the left to 1 at the right. */
const x = (frame: Frame, share: number) => frame.left + share * (frame.width - frame.left - frame.right);
/** Pixels of a position from 0 at the bottom to 1 at the top. */
const y = (frame: Frame, share: number) => frame.height - frame.bottom - share * (frame.height - frame.top - frame.bottom);
const round = (pixels: number) => Math.round(pixels * 100) / 100;

function svg(frame: Frame, title: string, className: string, marks: readonly Html[], stretch = false): Html {
  const ratio = stretch ? 'none' : 'xMidYMid meet';
  return html`<svg class="${className}" viewBox="0 0 ${frame.width} ${frame.height}" preserveAspectRatio="${ratio}" role="img" aria-label="${title}">${marks}</svg>`;
}

function histogramMarks(distribution: HistogramSummary, frame: Frame): Html {
  const highest = Math.max(...distribution.reference, ...distribution.current);
  const outline = (shares: readonly number[]) => outlinePath(frame, shares, highest);
  return html`${path('area reference', outline(distribution.reference))}${path('area current', outline(distribution.current))}`;
}

/** The skyline of a histogram, closed along the base line. */
function outlinePath(frame: Frame, shares: readonly number[], highest: number): string {
  const base = round(y(frame, 0));
  const skyline = shares.map((share, i) => {
    const top = round(y(frame, share / highest));
    return `V${top}H${round(x(frame, (i + 1) / shares.length))}`;
  });
  return `M${round(x(frame, 0))} ${base}${skyline.join('')}V${base}Z`;
}

/** A cumulative curve: it holds its value up to the next point, and steps there. */
function stepPath(frame: Frame, shares: readonly number[]): string {
  const last = shares.length - 1;
  return shares
    .map((share, i) => {
      const top = round(y(frame, share));
      return i === 0 ? `M${round(x(frame, 0))} ${top}` : `H${round(x(frame, i / last))}V${top}`;
    })
    .join('');
}

function barMarks(distribution: BarsSummary, frame: Frame): Html {
  const bars = distribution.rest ? [...distribution.bars, distribution.rest] : distribution.bars;
  const highest = Math.max(...bars.flatMap((bar) => [bar.reference, bar.current]));
  // Two values stretched over the whole width would look like blocks of colour.
  const step = Math.min(1 / bars.length, 0.25);
  const draw = (side: 'reference' | 'current', share: number, left: number) => {
    const top = y(frame, share / highest);
    const width = x(frame, left + step * 0.38) - x(frame, left);
    return html`<rect class="bar ${side}" x="${round(x(frame, left))}" y="${round(top)}" width="${round(width)}" height="${round(y(frame, 0) - top)}"/>`;
  };
  return html`${bars.map((bar, i) => [
    draw('reference', bar.reference, (i + 0.1) * step),
    draw('current', bar.current, (i + 0.52) * step),
  ])}`;
}

function valueAxis(low: number, high: number): Html {
  const ticks = axisTicks(low, high, 8);
  return html`${line(CHART, 'axis', 0, 0, 1, 0)}${ticks.map((tick) => {
    const at = round(x(CHART, (tick - low) / (high - low)));
    const bottom = CHART.height - CHART.bottom;
    return html`<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 4}"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${formatValue(tick)}</text>`;
  })}`;
}

function shareAxis(ticks: readonly { readonly at: number; readonly text: string }[]): Html {
  return html`${ticks.map(({ at, text }) => {
    const top = round(y(CHART, at));
    return html`${line(CHART, 'grid', 0, at, 1, at)}<text x="${CHART.left - 8}" y="${round(top + 4)}" text-anchor="end">${text}</text>`;
  })}`;
}

const tickShare = (share: number) => `${Number((share * 100).toPrecision(6))}%`;

function line(frame: Frame, className: string, fromX: number, fromY: number, toX: number, toY: number): Html {
  return html`<line class="${className}" x1="${round(x(frame, fromX))}" y1="${round(y(frame, fromY))}" x2="${round(x(frame, toX))}" y2="${round(y(frame, toY))}"/>`;
}

function path(className: string, data: string): Html {
  return html`<path class="${className}" d="${data}"/>`;
}
