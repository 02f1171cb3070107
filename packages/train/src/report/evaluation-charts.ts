/** The evaluation page's curves as inline SVG. Colours come from the page's style sheet by class. */
import {
  axisTicks,
  bottomAxis,
  type ChartFrame,
  chartLine,
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
import type { CostCurve } from './cost-curve.js';
import type { EvaluationReport } from './evaluation-report.js';
import { placedLogOdds } from './score-histogram.js';
import type { CurvePoint } from './thin-curve.js';
import type { ThresholdFigures } from './threshold-figures.js';

const CHART: ChartFrame = { width: 440, height: 260, left: 46, right: 16, top: 12, bottom: 44 };

/** A position on both axes, 0 to 1. */
interface Place {
  readonly x: number;
  readonly y: number;
}

const SHARE_TICKS = [0, 0.25, 0.5, 0.75, 1].map((share) => ({ at: share, text: formatTickShare(share) }));

/** Precision by recall, as steps; chance is the prevalence. */
export function precisionRecallChart({ candidate, incumbent, prevalence, threshold }: EvaluationReport): Html {
  const chosen = threshold && threshold.recall !== null && threshold.precision !== null;
  return svgChart(CHART, 'precision by recall', 'chart', [
    leftAxis(CHART, SHARE_TICKS),
    chartLine(CHART, 'chance', 0, prevalence, 1, prevalence),
    incumbent ? path('curve incumbent', steps(incumbent.precisionRecall)) : undefined,
    path('curve candidate', steps(candidate.precisionRecall)),
    chosen ? dot('chosen', { x: threshold.recall, y: threshold.precision }) : undefined,
    bottomAxis(CHART, SHARE_TICKS),
    bottomTitle('recall: share of frauds found'),
  ]);
}

/** Recall by false-positive rate. */
export function rocChart({ candidate, incumbent, threshold }: EvaluationReport): Html {
  const chosen = threshold && threshold.recall !== null && threshold.falsePositiveRate !== null;
  return svgChart(CHART, 'recall by false-positive rate', 'chart', [
    leftAxis(CHART, SHARE_TICKS),
    chartLine(CHART, 'chance', 0, 0, 1, 1),
    incumbent ? path('curve incumbent', lines(incumbent.roc)) : undefined,
    path('curve candidate', lines(candidate.roc)),
    chosen ? dot('chosen', { x: threshold.falsePositiveRate, y: threshold.recall }) : undefined,
    bottomAxis(CHART, SHARE_TICKS),
    bottomTitle('false-positive rate: share of genuine rows flagged'),
  ]);
}

/** Recall by the share of rows reviewed, from the highest score down, on a logarithmic scale. */
export function gainsChart({ candidate, incumbent, rows, threshold }: EvaluationReport): Html {
  const scale = shareScale(rows);
  const curve = (points: readonly CurvePoint[]) =>
    lines(
      between([{ x: 0, y: 0 }, ...points], scale)
        .filter(({ x }) => x >= scale.lowest)
        .map(({ x, y }) => ({ x: scale.place(x), y })),
    );
  const chance = Array.from({ length: 41 }, (_, i) => ({ x: i / 40, y: scale.shareAt(i / 40) }));
  return svgChart(CHART, 'share of frauds found by share of rows reviewed', 'chart', [
    leftAxis(CHART, SHARE_TICKS),
    path('chance', lines(chance)),
    incumbent ? path('curve incumbent', curve(incumbent.gains)) : undefined,
    path('curve candidate', curve(candidate.gains)),
    threshold && threshold.recall !== null && threshold.alertRate > 0
      ? dot('chosen', { x: scale.place(threshold.alertRate), y: threshold.recall })
      : undefined,
    bottomAxis(CHART, scale.ticks),
    bottomTitle('share of rows reviewed, highest scores first'),
  ]);
}

/**
 * The points with others between those that lie far apart: within rows of one score, frauds found grow in proportion to rows reviewed, which
 * is no straight line on a logarithmic scale.
 */
function between(points: readonly Place[], scale: ShareScale): Place[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    if (!before) return [point];
    const parts = Math.ceil((scale.place(point.x) - scale.place(before.x)) * 40);
    return Array.from({ length: Math.max(1, parts) }, (_, part) => {
      const from = scale.place(before.x);
      const x = part + 1 >= parts ? point.x : scale.shareAt(from + ((scale.place(point.x) - from) * (part + 1)) / parts);
      return { x, y: before.y + ((point.y - before.y) * (x - before.x)) / (point.x - before.x || 1) };
    });
  });
}

/** Fraud rate by mean probability, with Wilson intervals; logarithmic where frauds are rare. */
export function reliabilityChart({ calibration, prevalence }: EvaluationReport): Html {
  const bins = calibration ? [...calibration.bins.slice(0, -1), ...calibration.topBins] : [];
  const scale = prevalence < 0.05 ? probabilityScale(bins) : { place: (share: number) => share, ticks: SHARE_TICKS };
  const { place, ticks } = scale;
  const marks = bins.map(({ meanProbability, fraudRate, low, high }) => {
    const x = place(meanProbability);
    return html`${chartLine(CHART, 'interval', x, place(low), x, place(high))}${dot(fraudRate === 0 ? 'bin none' : 'bin', { x, y: place(fraudRate) }, 3.5)}`;
  });
  return svgChart(CHART, 'share of frauds by probability', 'chart', [
    leftAxis(CHART, ticks),
    chartLine(CHART, 'chance', 0, 0, 1, 1),
    ...marks,
    bottomAxis(CHART, ticks),
    bottomTitle('probability that the model gave'),
  ]);
}

/** The scores of each class, each as shares of its own rows, on a log-odds scale. */
export function scoresChart({ histogram, positives, rows, threshold }: EvaluationReport): Html {
  const { edges, genuine, frauds } = histogram;
  const shares = (counts: readonly number[], total: number) => counts.map((count) => count / (total || 1));
  const sides = [shares(genuine, rows - positives), shares(frauds, positives)] as const;
  const highest = Math.max(...sides[0], ...sides[1]);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const place = (score: number) => (placedLogOdds(score) - low) / (high - low);
  const ticks = SCORE_TICKS.map((score) => ({ at: place(score), text: formatTickShare(score) }));
  const at = threshold ? place(threshold.threshold) : Number.NaN;
  return svgChart(CHART, 'scores of frauds and of genuine rows', 'chart', [
    leftAxis(
      CHART,
      axisTicks(0, highest, 4).map((share) => ({ at: share / highest, text: formatTickShare(share) })),
    ),
    path('area genuine', skyline(sides[0], highest)),
    path('area fraud', skyline(sides[1], highest)),
    at >= 0 && at <= 1 ? chartLine(CHART, 'threshold', at, 0, at, 1) : undefined,
    bottomAxis(CHART, apart(ticks.filter((tick) => tick.at >= 0 && tick.at <= 1))),
    bottomTitle('score, on a log-odds scale'),
  ]);
}

const SCORE_TICKS = [0.00001, 0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];

/** Cost by the share of rows that are alerts, on a logarithmic scale. */
export function costChart(costs: CostCurve, threshold: ThresholdFigures | null, rows: number): Html {
  const scale = shareScale(rows);
  // Reviewing everything may cost so much that the rest of the curve would look flat.
  const cap = 1.6 * Math.max(costs.costOfNone, threshold?.cost ?? 0);
  const shown = costs.points.filter(({ x, y }) => (x >= scale.lowest || x === 0) && (cap === 0 || y <= cap));
  const highest = shown.reduce((most, { y }) => Math.max(most, y), threshold?.cost ?? 0) || 1;
  const at = (x: number, cost: number): Place => ({ x: scale.place(Math.max(x, scale.lowest)), y: cost / highest });
  const ticks = axisTicks(0, highest, 5).map((cost) => ({ at: cost / highest, text: formatCost(cost) }));
  const frame = { ...CHART, left: 62 };
  return svgChart(frame, 'cost by share of rows that are alerts', 'chart', [
    leftAxis(frame, ticks),
    chartLine(frame, 'chance', 0, costs.costOfNone / highest, 1, costs.costOfNone / highest),
    path(
      'curve candidate',
      lines(
        shown.map(({ x, y }) => at(x, y)),
        frame,
      ),
    ),
    dot('cheapest', at(costs.cheapest.x, costs.cheapest.y), 4.5, frame),
    threshold?.cost == null ? undefined : dot('chosen', at(threshold.alertRate, threshold.cost), 4.5, frame),
    bottomAxis(frame, scale.ticks),
    bottomTitle('share of rows that are alerts', frame),
  ]);
}

/** An amount as an axis writes it, thousands and millions in letters. @example formatCost(12_500); // '12.5k' */
export function formatCost(cost: number): string {
  const size = Math.abs(cost);
  if (size >= 1e6 && size < 1e12) return `${formatValue(cost / 1e6)}M`;
  return size >= 1e4 && size < 1e12 ? `${formatValue(cost / 1e3)}k` : formatValue(cost);
}

interface ShareScale {
  readonly lowest: number;
  readonly ticks: readonly { at: number; text: string }[];
  readonly place: (share: number) => number;
  readonly shareAt: (place: number) => number;
}

/** Shares of rows from one row, or 0.01 %, to all on a logarithmic scale. */
function shareScale(rows: number): ShareScale {
  return logarithmic(Math.min(-1, Math.max(-4, -Math.floor(Math.log10(rows)))));
}

/** Probabilities down to the power of ten below the lowest bin, at least 0.001 %. */
function probabilityScale(bins: readonly { readonly meanProbability: number; readonly fraudRate: number }[]): ShareScale {
  const lowest = bins.reduce((least, { meanProbability }) => Math.min(least, meanProbability), 1);
  return logarithmic(Math.min(-2, Math.max(-5, Math.floor(Math.log10(Math.max(lowest, 1e-5))))));
}

function logarithmic(power: number): ShareScale {
  const lowest = 10 ** power;
  return {
    lowest,
    ticks: Array.from({ length: 1 - power }, (_, i) => ({ at: i / -power, text: formatTickShare(10 ** (power + i)) })),
    place: (share) => Math.min(1, Math.max(0, 1 - Math.log10(Math.max(share, lowest)) / power)),
    shareAt: (place) => 10 ** (power * (1 - place)),
  };
}

/** Ticks of which none stands too close to the one before. */
function apart<Tick extends { readonly at: number }>(ticks: readonly Tick[]): Tick[] {
  const kept: Tick[] = [];
  for (const tick of ticks) if (kept.length === 0 || tick.at - kept.at(-1)!.at > 0.1) kept.push(tick);
  return kept;
}

function bottomTitle(text: string, frame = CHART): Html {
  const middle = hundredths((frame.left + frame.width - frame.right) / 2);
  return html`<text class="axis-title" x="${middle}" y="${frame.height - 6}" text-anchor="middle">${text}</text>`;
}

function dot(className: string, { x, y }: Place, radius = 4.5, frame = CHART): Html {
  return html`<circle class="${className}" cx="${chartX(frame, x)}" cy="${chartY(frame, y)}" r="${radius}"/>`;
}

function path(className: string, data: string): Html | undefined {
  return data === '' ? undefined : html`<path class="${className}" d="${data}"/>`;
}

function lines(points: readonly Place[], frame = CHART): string {
  const places = points.map(({ x, y }) => `${chartX(frame, x)} ${chartY(frame, y)}`);
  return places.length === 0 ? '' : `M${places.join('L')}`;
}

/** Each point's height holds back to the point before. */
function steps(points: readonly Place[]): string {
  if (points.length === 0) return '';
  const parts = points.map(({ x, y }) => `V${chartY(CHART, y)}H${chartX(CHART, x)}`);
  return `M${chartX(CHART, 0)} ${chartY(CHART, points[0]!.y)}${parts.join('')}`;
}

function skyline(shares: readonly number[], highest: number): string {
  const base = chartY(CHART, 0);
  const parts = shares.map((share, i) => `V${chartY(CHART, share / highest)}H${chartX(CHART, (i + 1) / shares.length)}`);
  return `M${chartX(CHART, 0)} ${base}${parts.join('')}V${base}Z`;
}
