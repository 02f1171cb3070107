/**
 * What share of each segment is flagged, beside that of all other segments together, with intervals.
 *
 * For a segment s and the rest r with shares p_s = a_s / n_s and p_r = a_r / n_r, the ratio p_s / p_r has the interval of its logarithm,
 * with the influences (flag_i - p_s) / a_s of rows in s and -(flag_i - p_r) / a_r of rows in r; the difference p_s - p_r has the
 * influences (flag_i - p_s) / n_s and -(flag_i - p_r) / n_r. Of independent rows these are the intervals of Katz (1978) and Wald; rows of a
 * card or a day are taken together, see `cluster-error.ts`.
 */
import { isPlainObject } from '@fraudops/core';
import { type ClusterBy, type RowClusters, clusterMargin, clustersOf } from './cluster-error.js';
import { type EvaluatedRows, UNKNOWN_LABEL, requireColumn, unfit } from './evaluated-rows.js';
import { quoted } from './figures.js';

/**
 * What must be alike: the share of rows that are flagged, of genuine rows that are flagged, or of frauds that are. The first also counts rows
 * whose label is not known.
 */
export type FairMeasure = 'alertRate' | 'falsePositiveRate' | 'recall';

/** What is asked of each segment. */
export interface SegmentRule {
  readonly segment: string;
  readonly measure: FairMeasure;
  readonly bound: { readonly kind: 'ratio' | 'difference'; readonly maximum: number };
  readonly minimumRows: number;
  readonly decideBy: 'interval' | 'estimate';
  readonly confidence: number;
  readonly by: ClusterBy | undefined;
}

/** Most segments of one grouping; each is recorded. */
export const MAX_SEGMENTS = 50;
/** Clusters without which nothing is known about how much shares vary. */
export const FEWEST_CLUSTERS = 2;
/** Flagged rows, and rows that are not, below which the interval of a difference is too narrow: of none at all it would have no width. */
const FEWEST_OF_EACH = 5;

/** Each row that the measure counts, with its segment and whether it is flagged. */
export interface FlaggedRows {
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

/** Flags the rows with a score of at least the threshold. @throws {RegistryError} GATE_ERROR without segments that are texts */
export function flagRows(rows: EvaluatedRows, { segment, measure, by }: SegmentRule, threshold: number): FlaggedRows {
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
    const known = Object.keys(segments).slice(0, 5).map(quoted).join(', ');
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
export interface SegmentShare {
  readonly segment: string;
  readonly rows: number;
  /** Days or cards that these rows are of. */
  readonly clusters: number;
  readonly share: number | null;
  readonly restShare: number | null;
  /** Ratio or difference of the two, with its interval; null when it is undefined. */
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** `small`: too little to tell. */
  readonly state: 'alike' | 'apart' | 'small';
}

/** How one segment fares beside all others. */
export function segmentShare(flags: FlaggedRows, segment: string, rule: SegmentRule): SegmentShare {
  const code = flags.segments.get(segment)!;
  const own = flags.totals[code]!;
  const rest = { rows: flags.all.rows - own.rows, flagged: flags.all.flagged - own.flagged };
  const contributing = Math.min(own.clusters.size, clustersBeside(flags, code));
  const facts = {
    segment,
    rows: own.rows,
    clusters: own.clusters.size,
    share: own.rows === 0 ? null : own.flagged / own.rows,
    restShare: rest.rows === 0 ? null : rest.flagged / rest.rows,
  };
  const nothing = { estimate: null, low: null, high: null };
  if (Math.min(own.rows, rest.rows) < rule.minimumRows || contributing < FEWEST_CLUSTERS)
    return { ...facts, ...nothing, state: 'small' };
  const { kind, maximum } = rule.bound;
  // Where one of the two is 0 they are apart; where both are, the gate refuses for all segments together.
  if (kind === 'ratio' && (own.flagged === 0 || rest.flagged === 0)) return { ...facts, ...nothing, state: 'apart' };
  const found = interval(flags, code, rule, contributing);
  const isWithin = (low: number, high: number) => low >= (kind === 'ratio' ? 1 / maximum : -maximum) && high <= maximum;
  if (!isWithin(found.estimate, found.estimate)) return { ...facts, ...found, state: 'apart' };
  if (rule.decideBy === 'estimate') return { ...facts, ...found, state: 'alike' };
  const fewest = Math.min(...[own, rest].flatMap(({ rows, flagged }) => [flagged, rows - flagged]));
  if (kind === 'difference' && fewest < FEWEST_OF_EACH) return { ...facts, ...nothing, state: 'small' };
  return { ...facts, ...found, state: isWithin(found.low, found.high) ? 'alike' : 'apart' };
}

/** Clusters in which there are rows of other segments. */
function clustersBeside({ totals, all }: FlaggedRows, code: number): number {
  const others = totals.filter((_, other) => other !== code);
  let alone = 0;
  for (const cluster of totals[code]!.clusters) if (!others.some(({ clusters }) => clusters.has(cluster))) alone++;
  return all.clusters.size - alone;
}

function interval(flags: FlaggedRows, code: number, { bound, confidence }: SegmentRule, contributing: number) {
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
  // Few clusters of one side tell little, however many the other has.
  const margin = clusterMargin(influence, clusters, confidence, contributing);
  if (!isRatio) return { estimate: share - restShare, low: share - restShare - margin, high: share - restShare + margin };
  // In this order equal counts give an exact ratio, such as 0.8 for 80 and 100 of 1,000.
  const ratio = (own.flagged * rest.rows) / (own.rows * rest.flagged);
  return { estimate: ratio, low: ratio * Math.exp(-margin), high: ratio * Math.exp(margin) };
}
