/**
 * The gate that asks whether a model treats segments alike (countries, channels, new and known cards): whether the share of rows it flags, of
 * genuine rows it flags, or of frauds it finds is about the same in each segment as in all others together, at the threshold it will be used
 * with.
 *
 * A segment of too few rows is no pass by silence: it is named, and refuses the candidate unless `smallSegments: 'report'` is said.
 */
import type { OptionKinds } from '@fraudops/core';
import { formatCount, showValue } from '@fraudops/core';
import type { Gate, GateResult } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import type { ClusterBy } from './cluster-error.js';
import { type EvaluateVersion, evaluated, unfit } from './evaluated-rows.js';
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
  requireGateName,
  requireGateOptions,
  requireLabel,
  requireNumber,
} from './gate-options.js';
import {
  FEWEST_CLUSTERS,
  type FairMeasure,
  type FlaggedRows,
  type SegmentRule,
  type SegmentShare,
  flagRows,
  segmentShare,
} from './segment-shares.js';

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

/** Segments that a reason names. */
const MAX_NAMED = 5;
/** Characters of a segment's name that are recorded. */
const NAME_LENGTH = 250;

/**
 * The candidate must flag segments alike. Refused are also segments that are too small (unless they may be), among them those with fewer than
 * 5 flagged rows or 5 others where a difference is judged by its interval, rows of one segment only, and
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

interface Rule extends SegmentRule {
  readonly name: string;
  readonly smallSegments: 'refuse' | 'report';
}

function requireRule(options: FairBySegmentOptions): Rule {
  const gate = 'fairBySegment';
  requireGateOptions(gate, options, OPTIONS, ['evaluate']);
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
  else if (apart.length > 0) refusals.push(`${list(apart, (share) => described(share, rule))}; ${allowed(bound)}`);
  const cluster = flags.clusters.by === 'day' ? 'day' : 'card';
  const names = list(
    small,
    ({ segment, rows, clusters }) => `${quoted(segment)} (${counted(rows, 'row')} of ${counted(clusters, cluster)})`,
  );
  const smallNote =
    small.length === 0
      ? ''
      : `too few rows that ${measure} counts, ${formatCount(minimumRows)} of ${FEWEST_CLUSTERS} ${cluster}s at least: ${names}`;
  if (refusals.length === 0 && (alike === 0 || smallSegments === 'refuse') && smallNote) refusals.push(smallNote);
  const within = `${counted(alike, 'segment')} of ${rule.segment} within ${bound.kind} ${bound.maximum}${smallNote ? `; not judged: ${smallNote}` : ''}`;
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
  const ends = `with ${percent(confidence)} confidence at least ${figure(low)} and at most ${figure(high)}`;
  return `${shares}, ${bound.kind} ${figure(estimate, bound.maximum)} (${ends})`;
}

function allowed({ kind, maximum }: SegmentRule['bound']): string {
  return `allowed are ${figure(kind === 'ratio' ? 1 / maximum : -maximum)} to ${maximum}`;
}

function list<Item>(items: readonly Item[], text: (item: Item) => string): string {
  const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : '';
  return items.slice(0, MAX_NAMED).map(text).join(', ') + more;
}

function recordedShare({ segment, rows, clusters, share, restShare, estimate, low, high, state }: SegmentShare, key: string) {
  return {
    [key]: segment.slice(0, NAME_LENGTH),
    [`${key} state`]: state,
    [`${key} rows`]: rows,
    [`${key} clusters`]: clusters,
    [`${key} share`]: recorded(share),
    [`${key} rest`]: recorded(restShare),
    [`${key} estimate`]: recorded(estimate),
    [`${key} low`]: recorded(low),
    [`${key} high`]: recorded(high),
  };
}
