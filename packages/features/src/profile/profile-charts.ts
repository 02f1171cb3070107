/** The profile's charts as inline SVG. Colours come from the page's style sheet by class, so that one drawing serves light, dark and paper. */
import {
  axisTicks,
  bottomAxis,
  type ChartFrame,
  chartLine,
  chartRectangle,
  chartX,
  chartY,
  formatCount,
  formatDay,
  formatShare,
  formatTickShare,
  formatTime,
  formatValue,
  type Html,
  html,
  hundredths,
  leftAxis,
  svgChart,
} from '@fraudops/core';
import type { Histogram, LabelRateOverTime } from './table-profile.js';

const SPARK: ChartFrame = { width: 160, height: 36, left: 1, right: 1, top: 2, bottom: 1 };
const CHART: ChartFrame = { width: 480, height: 200, left: 44, right: 14, top: 12, bottom: 26 };
const WIDE: ChartFrame = { width: 1096, height: 240, left: 52, right: 56, top: 14, bottom: 28 };
const NARROW: ChartFrame = { width: 360, height: 210, left: 40, right: 44, top: 14, bottom: 28 };

/** Counts side by side, small enough for a row of a table; the title says it in words. */
export function sparkBars(counts: readonly number[], title: string, rest = 0): Html {
  const all = rest > 0 ? [...counts, rest] : counts;
  return svgChart(SPARK, title, 'spark', [bars(SPARK, all, rest > 0 ? all.length - 1 : -1), baseLine(SPARK)], true);
}

/** A histogram's outline, small enough for a row of a table. */
export function sparkHistogram({ counts }: Histogram, title: string): Html {
  return svgChart(SPARK, title, 'spark', [outline(SPARK, counts), baseLine(SPARK)], true);
}

/** A histogram with axes; for numbers with the middle half shaded and the median drawn in. */
export function histogramChart(
  histogram: Histogram,
  title: string,
  show: 'number' | 'time',
  middle?: { readonly lower: number; readonly median: number; readonly upper: number },
): Html {
  const { counts, low, high, below, above } = histogram;
  const highest = Math.max(...counts);
  const total = counts.reduce((sum, count) => sum + count, 0) + below + above;
  const ticks = axisTicks(0, highest / total, 4).map((share) => ({
    at: (share * total) / highest,
    text: formatTickShare(share),
  }));
  const place = (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));
  const valueTicks =
    show === 'time'
      ? timeTicks(low, high).map((tick) => ({
          at: place(tick),
          text: high - low > 3 * DAY_MS ? formatDay(tick) : formatTime(tick),
        }))
      : axisTicks(low, high, 7).map((tick) => ({ at: place(tick), text: formatValue(tick) }));
  return svgChart(CHART, title, 'chart', [
    leftAxis(CHART, ticks),
    middle && chartRectangle(CHART, 'box', place(middle.lower), place(middle.upper), 0, 1),
    outline(CHART, counts),
    middle && chartLine(CHART, 'median', place(middle.median), 0, place(middle.median), 1),
    bottomAxis(CHART, valueTicks),
  ]);
}

const DAY_MS = 86_400_000;

/** Four moments inside the range: midnights when it spans days. */
function timeTicks(low: number, high: number): number[] {
  const step = (high - low) / 4;
  const unit = step > DAY_MS ? DAY_MS : 60_000;
  return [0.5, 1.5, 2.5, 3.5].map((part) => Math.max(low, Math.floor((low + part * step) / unit) * unit));
}

/** Counts under fixed names, such as the hours of the day. */
export function namedBarsChart(counts: readonly number[], names: readonly string[], title: string): Html {
  const highest = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const ticks = axisTicks(0, highest / total, 3).map((share) => ({
    at: (share * total) / highest,
    text: formatTickShare(share),
  }));
  const every = Math.ceil(names.length / 8);
  const labels = names.flatMap((text, i) => (i % every === 0 ? [{ at: (i + 0.5) / names.length, text }] : []));
  return svgChart(CHART, title, 'chart', [leftAxis(CHART, ticks), bars(CHART, counts, -1), bottomAxis(CHART, labels)]);
}

/**
 * The label's rate as a line over the rows as bars, each with its own axis: drawn once for wide screens and once for phones, of which the
 * style sheet shows one.
 */
export function labelRateCharts(rate: LabelRateOverTime): Html {
  return html`${labelRateChart(rate, WIDE, 'wide', 7)}${labelRateChart(rate, NARROW, 'narrow', 3)}`;
}

function labelRateChart(rate: LabelRateOverTime, frame: ChartFrame, className: string, mostDays: number): Html {
  const { periods, known, yes, period } = rate;
  const first = periods[0]!.startMs;
  const lengthMs = period === 'day' ? DAY_MS : 7 * DAY_MS;
  const span = periods.at(-1)!.startMs + lengthMs - first;
  const highestRows = Math.max(...periods.map(({ rows }) => rows));
  const highestRate = Math.max(...periods.map((one) => (one.known > 0 ? one.yes / one.known : 0))) * 1.08 || 1;
  const mean = known > 0 ? yes / known : 0;
  const centre = (startMs: number) => (startMs - first + lengthMs / 2) / span;
  const volume = periods.map(({ startMs, rows }) => {
    const from = (startMs - first) / span;
    return chartRectangle(
      frame,
      'bar volume',
      from + (lengthMs / span) * 0.1,
      from + (lengthMs / span) * 0.9,
      0,
      (rows / highestRows) * 0.42,
    );
  });
  const rateTicks = axisTicks(0, highestRate, 4).map((share) => ({ at: share / highestRate, text: formatTickShare(share) }));
  const days = periodTicks(periods, mostDays).map((startMs) => ({ at: centre(startMs), text: formatDay(startMs) }));
  const meanAt = mean / highestRate;
  const right = frame.width - frame.right;
  return svgChart(frame, `share of ${rate.label} = yes by ${period}`, className, [
    leftAxis(frame, rateTicks),
    ...volume,
    chartLine(frame, 'level', 0, meanAt, 1, meanAt),
    ...rateLines(frame, periods, lengthMs, centre, highestRate),
    html`<text class="level-label" x="${right + 6}" y="${hundredths(chartY(frame, meanAt) + 4)}">${formatShare(mean)}</text>`,
    bottomAxis(frame, days),
  ]);
}

/** A line through periods that follow one another; a period without known labels interrupts it. */
function rateLines(
  frame: ChartFrame,
  periods: LabelRateOverTime['periods'],
  lengthMs: number,
  centre: (startMs: number) => number,
  highest: number,
): Html[] {
  const runs: { at: number; share: number }[][] = [];
  let before = Number.NaN;
  for (const { startMs, known, yes } of periods) {
    if (known === 0) continue;
    if (startMs !== before + lengthMs) runs.push([]);
    runs.at(-1)!.push({ at: centre(startMs), share: yes / known / highest });
    before = startMs;
  }
  return runs.map((run) => {
    const points = run.map(({ at, share }) => `${chartX(frame, at)} ${chartY(frame, share)}`);
    if (run.length > 1) return html`<path class="curve" d="M${points.join('L')}"/>`;
    return html`<circle class="point" cx="${chartX(frame, run[0]!.at)}" cy="${chartY(frame, run[0]!.share)}" r="2.5"/>`;
  });
}

function periodTicks(periods: LabelRateOverTime['periods'], most: number): number[] {
  const every = Math.ceil(periods.length / most);
  return periods.filter((_, i) => i % every === 0).map(({ startMs }) => startMs);
}

/** One value's share as a thin bar; `widest` is the share that fills the width. */
export function shareBar(share: number, widest: number, className: 'bar' | 'bar rest' = 'bar'): Html {
  const frame: ChartFrame = { width: 300, height: 10, left: 0, right: 0, top: 0, bottom: 0 };
  const width = hundredths((share / (widest || 1)) * frame.width);
  return svgChart(
    frame,
    formatShare(share),
    'bar-line',
    [html`<rect class="${className}" x="0" y="0" width="${width}" height="10" rx="1"/>`],
    true,
  );
}

const CELL = 46;

/** A triangle of correlations or associations: rows by name, columns by number, colour by sign and strength. */
export function correlationChart(
  names: readonly string[],
  values: readonly (readonly (number | null)[])[],
  title: string,
  show: (value: number) => string,
): Html {
  const left = 250;
  const frame: ChartFrame = {
    width: left + names.length * CELL,
    height: (names.length + 1) * CELL * 0.72,
    left: 0,
    right: 0,
    top: 0,
    bottom: 0,
  };
  const high = CELL * 0.72;
  const rows = names.map((name, i) => {
    const top = hundredths(i * high);
    const cells = values[i]!.slice(0, i).map((value, j) => correlationCell(value, left + j * CELL, top, high, show));
    const middle = hundredths(top + high / 2 + 4);
    const diagonal = html`<text x="${hundredths(left + i * CELL + CELL / 2)}" y="${middle}" text-anchor="middle">${i + 1}</text>`;
    return html`<text class="label" x="${left - 12}" y="${middle}" text-anchor="end">${name} <tspan class="soft">${i + 1}</tspan></text>${cells}${diagonal}`;
  });
  // As wide as drawn: a page that is too narrow scrolls it rather than making it unreadable.
  return html`<svg viewBox="0 0 ${frame.width} ${hundredths(names.length * high)}" width="${frame.width}" height="${hundredths(names.length * high)}" role="img" aria-label="${title}">${rows}</svg>`;
}

function correlationCell(value: number | null, left: number, top: number, high: number, show: (value: number) => string): Html {
  const strength = Math.abs(value ?? 0);
  const sign = value === null ? 'none' : value < 0 ? 'minus' : 'plus';
  const opacity = value === null ? 1 : hundredths(0.06 + 0.94 * strength);
  const text = value === null ? '–' : show(value);
  return html`<rect class="cell ${sign}" x="${left + 1}" y="${hundredths(top + 1)}" width="${CELL - 2}" height="${hundredths(high - 2)}" rx="2" fill-opacity="${opacity}"/><text class="${strength > 0.55 ? 'on' : 'label'}" x="${left + CELL / 2}" y="${hundredths(top + high / 2 + 4)}" text-anchor="middle">${text}</text>`;
}

const baseLine = (frame: ChartFrame) => chartLine(frame, 'axis', 0, 0, 1, 0);

/** The skyline of a histogram, closed along the base line. */
function outline(frame: ChartFrame, counts: readonly number[]): Html {
  const highest = Math.max(1, ...counts);
  const skyline = counts.map((count, i) => `V${chartY(frame, count / highest)}H${chartX(frame, (i + 1) / counts.length)}`);
  return html`<path class="area" d="M${chartX(frame, 0)} ${chartY(frame, 0)}${skyline.join('')}V${chartY(frame, 0)}Z"/>`;
}

function bars(frame: ChartFrame, counts: readonly number[], restAt: number): Html {
  const highest = Math.max(1, ...counts);
  // Two values stretched over the whole width would look like blocks of colour.
  const step = Math.min(1 / counts.length, 0.16);
  return html`${counts.map((count, i) =>
    chartRectangle(frame, i === restAt ? 'bar rest' : 'bar', (i + 0.1) * step, (i + 0.9) * step, 0, count / highest),
  )}`;
}

/** Counts in words for a chart's title. */
export const countsTitle = (counts: readonly number[]) => counts.map(formatCount).join(', ');
