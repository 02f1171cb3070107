/**
 * The gate that asks whether a model treats segments alike (countries, channels, new and known cards): whether the share of rows it flags, of
 * genuine rows it flags, or of frauds it finds is about the same in each segment as in all others together, at the threshold it will be used
 * with.
 *
 * For a segment s and the rest r with shares p_s = a_s / n_s and p_r = a_r / n_r, the ratio p_s / p_r has the interval of its logarithm,
 * with the influences (flag_i - p_s) / a_s of rows in s and -(flag_i - p_r) / a_r of rows in r; the difference p_s - p_r has the
 * influences (flag_i - p_s) / n_s and -(flag_i - p_r) / n_r. Rows of a card or a day are taken together, see `cluster-error.ts`.
 *
 * A segment of too few rows is no pass by silence: it is named, and refuses the candidate unless `smallSegments: 'report'` is said.
 */
import type { OptionKinds } from '@fraudops/core';
import { isPlainObject, showValue } from '@fraudops/core';
import type { Gate, GateResult } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import { type ClusterBy, type RowClusters, clusterMargin, clustersOf } from './cluster-error.js';
import { type EvaluatedRows, type EvaluateVersion, UNKNOWN_LABEL, evaluated, requireColumn, unfit } from './evaluated-rows.js';
import { counted, figure, percent, quoted, recorded } from './figures.js';
import {
  ANY_NUMBER,
  CONFIDENCE,
  COUNT,
  type NamedGateOptions,
  SHARE,
  USUAL_CONFIDENCE,
  invalid,
  optionalNumber,
  requireChoice,
  requireFunction,
  requireGateName,
  requireGateOptions,
  requireLabel,
  requireNumber,
} from './gate-options.js';

/**
 * What must be alike: the share of rows that are flagged, of genuine rows that are flagged, or of frauds that are. The first also counts rows
 * whose label is not known.
 */
export type FairMeasure = 'alertRate' | 'falsePositiveRate' | 'recall';

/** Options of {@link fairBySegment}; exactly one of `maximumRatio` and `maximumDifference`. */
export interface FairBySegmentOptions extends NamedGateOptions {
  readonly evaluate: EvaluateVersion;
  /** Which of the evaluation's `segments`, such as `channel`. */
  readonly segment: string;
  /** Rows with a score of at least this are flagged: a number, or what a version's own policy says. */
  readonly threshold: number | ((version: ModelVersion, signal: AbortSignal) => number | Promise<number>);
  /** Default `falsePositiveRate`. */
  readonly measure?: FairMeasure;
  /** A segment's share over that of all others must be from 1 / maximumRatio to maximumRatio; 1.25 is the four-fifths rule. */
  readonly maximumRatio?: number;
  /** A segment's share may differ from that of all others by at most this, 0 to 1. */
  readonly maximumDifference?: number;
  /** Rows that a segment needs to be judged: rows, genuine rows or frauds, as the measure counts. Default 100. */
  readonly minimumRows?: number;
  /** What becomes of a candidate when a segment has fewer rows: default `refuse`; `report` names the segment and judges the others. */
  readonly smallSegments?: 'refuse' | 'report';
  /** Whether the whole interval must lie within the bound, or the estimate alone; default `interval`. */
  readonly decideBy?: 'interval' | 'estimate';
  /** How sure each end of an interval is, 0.75 to 0.9995; default 0.95. */
  readonly confidence?: number;
  /** What goes together; default: days where there are at least 20, else cards. */
  readonly by?: ClusterBy;
}

const OPTIONS: OptionKinds<FairBySegmentOptions> = {
  evaluate: 'function',
  segment: 'checked',
  threshold: 'checked',
  measure: 'checked',
  maximumRatio: 'checked',
  maximumDifference: 'checked',
  minimumRows: 'checked',
  smallSegments: 'checked',
  decideBy: 'checked',
  confidence: 'checked',
  by: 'checked',
  name: 'checked',
};

/** Most segments of one grouping; each is recorded. */
export const MAX_SEGMENTS = 50;
/** Segments that a reason names. */
const MAX_NAMED = 5;
/** Characters of a segment's name that are recorded. */
const NAME_LENGTH = 250;

/**
 * The candidate must flag segments alike. Refused are also segments that are too small (unless they may be), rows of one segment only, and
 * a model that flags nothing of what the measure counts. Segments must be texts; rows without one are to be called something, too.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 * @example fairBySegment({ evaluate, segment: 'country', threshold: 0.4, measure: 'falsePositiveRate', maximumRatio: 2 });
 */
export function fairBySegment(options: FairBySegmentOptions): Gate {
  const rule = requireRule(options);
  return {
    name: rule.name,
    check: async ({ candidate, signal }) => {
      const rows = await evaluated(options.evaluate, candidate, signal);
      const threshold = await thresholdOf(options.threshold, candidate, signal);
      const flags = flagRows(rows, rule, threshold);
      const shares = [...flags.segments.keys()].map((segment) => segmentShare(flags, segment, rule));
      return judge(rule, shares, { version: candidate.version, threshold, fingerprint: rows.fingerprint, flags });
    },
  };
}

interface Rule {
  readonly name: string;
  readonly segment: string;
  readonly measure: FairMeasure;
  readonly bound: { readonly kind: 'ratio' | 'difference'; readonly maximum: number };
  readonly minimumRows: number;
  readonly smallSegments: 'refuse' | 'report';
  readonly decideBy: 'interval' | 'estimate';
  readonly confidence: number;
  readonly by: ClusterBy | undefined;
}

function requireRule(options: FairBySegmentOptions): Rule {
  const gate = 'fairBySegment';
  requireGateOptions(gate, options, OPTIONS);
  requireFunction(gate, 'evaluate', options.evaluate);
  if (typeof options.threshold !== 'function') requireNumber(gate, 'threshold', options.threshold, ANY_NUMBER);
  const segment = requireLabel(gate, 'segment', options.segment);
  const measure = requireChoice(gate, 'measure', options.measure, ['falsePositiveRate', 'alertRate', 'recall']);
  const ratio = optionalNumber(gate, 'maximumRatio', options.maximumRatio, { low: 1, high: 1e6 });
  const difference = optionalNumber(gate, 'maximumDifference', options.maximumDifference, SHARE);
  if ((ratio === undefined) === (difference === undefined)) {
    throw invalid(gate, 'give either options.maximumRatio or options.maximumDifference');
  }
  return {
    name: requireGateName(gate, options, `${measure} alike by ${segment}`),
    segment,
    measure,
    bound: ratio === undefined ? { kind: 'difference', maximum: difference! } : { kind: 'ratio', maximum: ratio },
    minimumRows: requireNumber(gate, 'minimumRows', options.minimumRows, COUNT, 100),
    smallSegments: requireChoice(gate, 'smallSegments', options.smallSegments, ['refuse', 'report']),
    decideBy: requireChoice(gate, 'decideBy', options.decideBy, ['interval', 'estimate']),
    confidence: requireNumber(gate, 'confidence', options.confidence, CONFIDENCE, USUAL_CONFIDENCE),
    by: options.by === undefined ? undefined : requireChoice(gate, 'by', options.by, ['day', 'entity']),
  };
}

async function thresholdOf(
  threshold: FairBySegmentOptions['threshold'],
  version: ModelVersion,
  signal: AbortSignal,
): Promise<number> {
  if (typeof threshold === 'number') return threshold;
  const value: unknown = await threshold(version, signal);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unfit(`options.threshold gave ${showValue(value)} for version ${version.version}, expected a number`);
}

/** Each row that the measure counts, with its segment and whether it is flagged. */
interface FlaggedRows {
  /** Position of each segment, in the order of their names. */
  readonly segments: ReadonlyMap<string, number>;
  /** Of each row; -1 for rows that don't count. */
  readonly segmentOf: Int32Array;
  readonly flagged: Uint8Array;
  readonly clusters: RowClusters;
  readonly totals: readonly Totals[];
  readonly all: Totals;
}

/** Rows that count, those of them that are flagged, and the clusters they are in. */
interface Totals {
  rows: number;
  flagged: number;
  readonly clusters: Set<number>;
}

function flagRows(rows: EvaluatedRows, { segment, measure, by }: Rule, threshold: number): FlaggedRows {
  const names = segmentColumn(rows, segment);
  const { scores, labels } = rows;
  const segments = numberSegments(names, segment);
  const clusters = clustersOf(rows, by);
  const segmentOf = new Int32Array(scores.length).fill(-1);
  const flagged = new Uint8Array(scores.length);
  const totals = Array.from(segments, (): Totals => ({ rows: 0, flagged: 0, clusters: new Set() }));
  const all: Totals = { rows: 0, flagged: 0, clusters: new Set() };
  for (let row = 0; row < scores.length; row++) {
    if (!counts(labels[row]!, measure)) continue;
    const code = segments.get(names[row]!)!;
    segmentOf[row] = code;
    flagged[row] = Number(scores[row]! >= threshold);
    for (const total of [totals[code]!, all]) {
      total.rows++;
      total.flagged += flagged[row]!;
      total.clusters.add(clusters.codes[row]!);
    }
  }
  return { segments, segmentOf, flagged, clusters, totals, all };
}

function segmentColumn({ segments = {}, scores }: EvaluatedRows, segment: string): ArrayLike<string> {
  if (!isPlainObject(segments) || !Object.hasOwn(segments, segment)) {
    const known = Object.keys(segments).slice(0, MAX_NAMED).map(quoted).join(', ');
    throw unfit(`the evaluation has no segments ${quoted(segment)}${known ? `, only ${known}` : ''}`);
  }
  const rule = {
    rowCount: scores.length,
    expected: 'a text; call rows without one something, such as "unknown"',
    allows: (value: unknown) => typeof value === 'string',
  };
  requireColumn('the evaluation', `segments.${segment}`, segments[segment], rule);
  return segments[segment] as ArrayLike<string>;
}

function numberSegments(names: ArrayLike<string>, segment: string): ReadonlyMap<string, number> {
  const found = new Set<string>();
  for (let row = 0; row < names.length; row++) {
    found.add(names[row]!);
    if (found.size > MAX_SEGMENTS) {
      throw unfit(`segments.${segment} has more than ${MAX_SEGMENTS} different values; group them`);
    }
  }
  return new Map([...found].toSorted().map((name, code) => [name, code]));
}

function counts(label: number, measure: FairMeasure): boolean {
  if (measure === 'alertRate') return true;
  return label !== UNKNOWN_LABEL && label === (measure === 'recall' ? 1 : 0);
}

/** How a segment fares. */
interface SegmentShare {
  readonly segment: string;
  readonly rows: number;
  readonly share: number | null;
  readonly restShare: number | null;
  /** Ratio or difference of the two, with its interval; null when it is undefined. */
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly state: 'alike' | 'apart' | 'small';
}

function segmentShare(flags: FlaggedRows, segment: string, rule: Rule): SegmentShare {
  const code = flags.segments.get(segment)!;
  const own = flags.totals[code]!;
  const rest = { rows: flags.all.rows - own.rows, flagged: flags.all.flagged - own.flagged };
  const share = own.rows === 0 ? null : own.flagged / own.rows;
  const restShare = rest.rows === 0 ? null : rest.flagged / rest.rows;
  const facts = { segment, rows: own.rows, share, restShare };
  const isSmall = Math.min(own.rows, rest.rows) < rule.minimumRows || own.clusters.size < 2;
  const isUndefined = rule.bound.kind === 'ratio' && (own.flagged === 0 || rest.flagged === 0);
  if (isSmall) return { ...facts, estimate: null, low: null, high: null, state: 'small' };
  // Where only one of the two is 0 they are apart; where both are, the gate refuses for all segments together.
  if (isUndefined) return { ...facts, estimate: null, low: null, high: null, state: 'apart' };
  const { estimate, low, high } = interval(flags, code, rule);
  const { kind, maximum } = rule.bound;
  const least = kind === 'ratio' ? 1 / maximum : -maximum;
  const [from, to] = rule.decideBy === 'interval' ? [low, high] : [estimate, estimate];
  return { ...facts, estimate, low, high, state: from >= least && to <= maximum ? 'alike' : 'apart' };
}

function interval(flags: FlaggedRows, code: number, { bound, confidence }: Rule) {
  const { segmentOf, flagged, clusters, totals, all } = flags;
  const own = totals[code]!;
  const rest = { rows: all.rows - own.rows, flagged: all.flagged - own.flagged };
  const [share, restShare] = [own.flagged / own.rows, rest.flagged / rest.rows];
  const isRatio = bound.kind === 'ratio';
  const ownWeight = 1 / (isRatio ? own.flagged : own.rows);
  const restWeight = 1 / (isRatio ? rest.flagged : rest.rows);
  const influence = (row: number): number => {
    if (segmentOf[row] === -1) return 0;
    return segmentOf[row] === code ? (flagged[row]! - share) * ownWeight : (restShare - flagged[row]!) * restWeight;
  };
  // Few clusters of a small segment tell little, however many the rest has.
  const margin = clusterMargin(influence, clusters, confidence, own.clusters.size);
  if (!isRatio) return { estimate: share - restShare, low: share - restShare - margin, high: share - restShare + margin };
  // In this order equal counts give an exact ratio, such as 0.8 for 80 and 100 of 1,000.
  const ratio = (own.flagged * rest.rows) / (own.rows * rest.flagged);
  return { estimate: ratio, low: ratio * Math.exp(-margin), high: ratio * Math.exp(margin) };
}

interface Judged {
  readonly version: number;
  readonly threshold: number;
  readonly fingerprint: string;
  readonly flags: FlaggedRows;
}

function judge(rule: Rule, shares: readonly SegmentShare[], { version, threshold, fingerprint, flags }: Judged): GateResult {
  const { measure, bound, minimumRows, smallSegments, decideBy, confidence } = rule;
  const apart = shares.filter(({ state }) => state === 'apart');
  const small = shares.filter(({ state }) => state === 'small');
  const alike = shares.length - apart.length - small.length;
  const refusals: string[] = [];
  if (shares.length < 2) refusals.push('all rows are of one segment, so there is nothing to compare');
  else if (flags.all.flagged === 0) refusals.push(`nothing that ${measure} counts has a score of ${threshold} or more`);
  else if (apart.length > 0) refusals.push(list(apart, (share) => described(share, rule)));
  const names = list(small, ({ segment, rows }) => `${quoted(segment)} (${rows})`);
  const smallNote = small.length === 0 ? '' : `fewer than ${minimumRows} rows that ${measure} counts: ${names}`;
  if (refusals.length === 0 && (alike === 0 || smallSegments === 'refuse') && smallNote) refusals.push(smallNote);
  const within = `${counted(alike, 'segment')} of ${rule.segment} within ${bound.kind} ${bound.maximum}${smallNote ? `; not judged for ${smallNote}` : ''}`;
  return {
    gate: rule.name,
    passed: refusals.length === 0,
    reason: `${measure} of version ${version} at threshold ${figure(threshold)}: ${refusals.length === 0 ? within : refusals.join('; ')}`,
    values: {
      segment: rule.segment,
      measure,
      threshold,
      [bound.kind === 'ratio' ? 'maximumRatio' : 'maximumDifference']: bound.maximum,
      minimumRows,
      decideBy,
      confidence,
      by: flags.clusters.by,
      clusters: flags.clusters.count,
      rows: flags.all.rows,
      flagged: flags.all.flagged,
      fingerprint,
      ...Object.assign({}, ...shares.map((share, i) => recordedShare(share, `segment ${i + 1}`))),
    },
  };
}

function described({ segment, share, restShare, estimate, low, high }: SegmentShare, { bound, confidence }: Rule): string {
  const shares = `${quoted(segment)} ${figure(share)} against ${figure(restShare)} elsewhere`;
  if (estimate === null) return `${shares}, so their ratio is undefined`;
  const ends = `${percent(confidence)} sure from below and above: ${figure(low)} to ${figure(high)}`;
  return `${shares}, ${bound.kind} ${figure(estimate, bound.maximum)} (${ends}), at most ${bound.maximum} either way is allowed`;
}

function list<Item>(items: readonly Item[], text: (item: Item) => string): string {
  const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : '';
  return items.slice(0, MAX_NAMED).map(text).join(', ') + more;
}

function recordedShare({ segment, rows, share, restShare, estimate, low, high, state }: SegmentShare, key: string) {
  return {
    [key]: segment.slice(0, NAME_LENGTH),
    [`${key} state`]: state,
    [`${key} rows`]: rows,
    [`${key} share`]: recorded(share),
    [`${key} rest`]: recorded(restShare),
    [`${key} estimate`]: recorded(estimate),
    [`${key} low`]: recorded(low),
    [`${key} high`]: recorded(high),
  };
}
