/** The evaluation page's curves as inline SVG. Colours come from the page's style sheet by class. */
import {
  axisTicks,
  bottomAxis,
  type ChartFrame,
  type ChartTick,
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
import type { AlertFigures } from './alert-figures.js';
import type { CostCurve } from './cost-curve.js';
import type { EvaluationReport } from './evaluation-report.js';
import { placedLogOdds } from './score-histogram.js';
import type { CurvePoint } from './thin-curve.js';

const CHART: ChartFrame = { width: 440, height: 260, left: 46, right: 16, top: 12, bottom: 44 };

/** A position on both axes, 0 to 1. */
interface Place {
  readonly x: number;
  readonly y: number;
}

const SHARE_TICKS = [0, 0.25, 0.5, 0.75, 1].map((share) => ({ at: share, text: formatTickShare(share) }));

/** Precision by recall, as steps; chance is the prevalence. */
export function precisionRecallChart({ candidate, incumbent, prevalence, threshold, policy }: EvaluationReport): Html {
  const chosen = policy ?? threshold;
  return svgChart(CHART, 'precision by recall', 'chart', [
    leftAxis(CHART, SHARE_TICKS),
    chartLine(CHART, 'chance', 0, prevalence, 1, prevalence),
    incumbent ? path('curve incumbent', steps(incumbent.precisionRecall)) : undefined,
    path('curve candidate', steps(candidate.precisionRecall)),
    dotAt('chosen', chosen?.recall, chosen?.precision),
    bottomAxis(CHART, SHARE_TICKS),
    bottomTitle('recall: share of frauds found'),
  ]);
}

/** Recall by false-positive rate. */
export function rocChart({ candidate, incumbent, threshold, policy }: EvaluationReport): Html {
  const chosen = policy ?? threshold;
  return svgChart(CHART, 'recall by false-positive rate', 'chart', [
    leftAxis(CHART, SHARE_TICKS),
    chartLine(CHART, 'chance', 0, 0, 1, 1),
    incumbent ? path('curve incumbent', lines(incumbent.roc)) : undefined,
    path('curve candidate', lines(candidate.roc)),
    dotAt('chosen', chosen?.falsePositiveRate, chosen?.recall),
    bottomAxis(CHART, SHARE_TICKS),
    bottomTitle('false-positive rate: share of genuine rows flagged'),
  ]);
}

/** Recall by the share of rows reviewed, from the highest score down, on a logarithmic scale. */
export function gainsChart({ candidate, incumbent, rows, threshold, policy }: EvaluationReport): Html {
  const chosen = policy ?? threshold;
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
    chosen && chosen.alertRate > 0 ? dotAt('chosen', scale.place(chosen.alertRate), chosen.recall) : undefined,
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
export function scoresChart({ histogram, positives, rows, threshold, policy, calibration }: EvaluationReport): Html {
  const { edges, genuine, frauds, hasZeros, hasOnes } = histogram;
  const shares = (counts: readonly number[], total: number) => counts.map((count) => count / (total || 1));
  const sides = [shares(genuine, rows - positives), shares(frauds, positives)] as const;
  const highest = Math.max(...sides[0], ...sides[1]);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const place = (score: number) => (placedLogOdds(score) - low) / (high - low);
  const tick = (score: number): ChartTick => ({ at: place(score), text: calibration ? formatTickShare(score) : String(score) });
  const isShown = ({ at }: ChartTick) => at >= 0 && at <= 1;
  const coarse = SCORE_TICKS.map(tick).filter(isShown);
  const ticks = coarse.length >= 3 ? coarse : [...coarse, ...FINE_SCORE_TICKS.map(tick).filter(isShown)];
  const middleOfBin = 0.5 / genuine.length;
  const ends = [
    ...(hasZeros ? [{ at: middleOfBin, text: '0%' }] : []),
    ...(hasOnes ? [{ at: 1 - middleOfBin, text: '100%' }] : []),
  ];
  // With costs a policy's score depends on the amount, so that no line would be true.
  const from = threshold?.threshold ?? (policy?.policy.costs === null ? policy.policy.reviewThreshold : Number.NaN);
  const at = place(from);
  return svgChart(CHART, 'scores of frauds and of genuine rows', 'chart', [
    leftAxis(
      CHART,
      axisTicks(0, highest, 4).map((share) => ({ at: share / highest, text: formatTickShare(share) })),
    ),
    path('area genuine', skyline(sides[0], highest)),
    path('area fraud', skyline(sides[1], highest)),
    at >= 0 && at <= 1 ? chartLine(CHART, 'threshold', at, 0, at, 1) : undefined,
    bottomAxis(CHART, apart(ticks, ends)),
    bottomTitle(calibration ? 'score: probability of fraud, on a log-odds scale' : 'score (no probability), on a log-odds scale'),
  ]);
}

/** Between those of {@link SCORE_TICKS}, where scores are too close together to reach three of them. */
const FINE_SCORE_TICKS = [0.02, 0.05, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.95, 0.98];
const SCORE_TICKS = [0.00001, 0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];

/**
 * Cost by the share of rows that are alerts, on a logarithmic scale.
 *
 * @param chosen of the threshold or the policy
 */
export function costChart(costs: CostCurve, chosen: AlertFigures | null, rows: number): Html {
  const scale = shareScale(rows);
  // Reviewing everything may cost so much that the rest of the curve would look flat.
  const cap = 1.6 * Math.max(costs.costOfNone, chosen?.cost ?? 0);
  const shown = costs.points.filter(({ x, y }) => (x >= scale.lowest || x === 0) && (cap === 0 || y <= cap));
  const highest = shown.reduce((most, { y }) => Math.max(most, y), Math.max(costs.costOfNone, chosen?.cost ?? 0)) || 1;
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
    chosen?.cost == null ? undefined : dot('chosen', at(chosen.alertRate, chosen.cost), 4.5, frame),
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

/**
 * Ticks of which none stands in another's text: where two would meet, the one nearer to the middle of the axis stays.
 *
 * @param first what stays in any case
 */
function apart(ticks: readonly ChartTick[], first: readonly ChartTick[]): ChartTick[] {
  const kept = [...first];
  for (const tick of ticks.toSorted((a, b) => Math.abs(a.at - 0.5) - Math.abs(b.at - 0.5) || a.at - b.at)) {
    if (kept.every((other) => Math.abs(tick.at - other.at) * CHART_WIDTH > halfWidth(tick.text) + halfWidth(other.text) + 10)) {
      kept.push(tick);
    }
  }
  return kept.toSorted((a, b) => a.at - b.at);
}

const CHART_WIDTH = CHART.width - CHART.left - CHART.right;

/** Of a tick's text, in the drawing's units: digits of 12 px text are 7.7 wide in the widest of the page's typefaces. */
const halfWidth = (text: string) => (text.length * 7.7) / 2;

function bottomTitle(text: string, frame = CHART): Html {
  const middle = hundredths((frame.left + frame.width - frame.right) / 2);
  return html`<text class="axis-title" x="${middle}" y="${frame.height - 6}" text-anchor="middle">${text}</text>`;
}

function dot(className: string, { x, y }: Place, radius = 4.5, frame = CHART): Html {
  return html`<circle class="${className}" cx="${chartX(frame, x)}" cy="${chartY(frame, y)}" r="${radius}"/>`;
}

/** A dot, unless one of its figures is undefined. */
function dotAt(className: string, x: number | null | undefined, y: number | null | undefined): Html | undefined {
  return x == null || y == null ? undefined : dot(className, { x, y });
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
