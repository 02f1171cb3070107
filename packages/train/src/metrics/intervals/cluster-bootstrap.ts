/**
 * The cluster bootstrap (Davison and Hinkley 1997, chapter 3.8): transactions of one card, or of one day, are not independent, so whole
 * cards or whole days are drawn with replacement, as many as there are. A drawn cluster is a weight on its rows, the number of times it
 * was drawn; nothing is copied, and rows are sorted only once for all resamples.
 */
import { type OptionKinds, type Random, normalProbability, normalQuantile, seededRandom, showValue } from '@fraudops/core';
import { requireArray, requireOneOf, requireSeed } from '../../required-arguments.js';
import { requireOption } from '../../training-data.js';
import { TrainError } from '../../train-error.js';
import { dayNumbers } from '../daily/precision-at-k-by-day.js';

/** What is drawn: whole days (UTC), or all transactions of a card or customer. */
export type ClusterBy = 'day' | 'entity';

/** Which cluster each row belongs to. */
export interface Clusters {
  readonly by: ClusterBy;
  /** Cluster of each row, 0 to count - 1, in order of first appearance. */
  readonly codes: Int32Array;
  readonly count: number;
}

/** How resamples are drawn. */
export interface BootstrapOptions {
  /** Default: `day` when there are times of at least 20 days, else `entity` when there are entities, else `day`. */
  readonly by?: ClusterBy;
  /** Resamples, 50 to 100,000; default 1,000. */
  readonly resamples?: number;
  /** Share of resamples within the interval, 0.5 to 0.999; default 0.95. */
  readonly level?: number;
  /** Default 0. */
  readonly seed?: number | string;
}

/** Below as many days, an interval by day is coarse: it is drawn from too few different days. */
const ENOUGH_DAYS = 20;

/** The kind of each option. */
export const BOOTSTRAP_OPTIONS: OptionKinds<BootstrapOptions> = {
  by: 'checked',
  resamples: 'checked',
  level: 'checked',
  seed: 'checked',
};

/** @throws {TrainError} INVALID_OPTION */
export function requireBootstrap(what: string, options: BootstrapOptions): { resamples: number; level: number; random: Random } {
  return {
    resamples: requireOption(`${what}: resamples`, options.resamples, { low: 50, high: 100_000, default: 1_000, whole: true }),
    level: requireOption(`${what}: level`, options.level, { low: 0.5, high: 0.999, default: 0.95 }),
    random: seededRandom(requireSeed(what, options.seed)),
  };
}

/** Clusters of rows; a row without entity (-1) is a cluster of its own. @throws {TrainError} LENGTH_MISMATCH, INVALID_VALUE, INVALID_OPTION */
export function clusterRows(
  what: string,
  rowCount: number,
  {
    times,
    entityCodes,
  }: { readonly times?: ArrayLike<number> | undefined; readonly entityCodes?: ArrayLike<number> | undefined },
  by?: ClusterBy,
): Clusters {
  if (by !== undefined) requireOneOf(what, 'by', by, ['day', 'entity']);
  const byDay = times && by !== 'entity' ? numberClusters('day', dayNumbers(what, times, rowCount)) : undefined;
  const wantsEntities = by === 'entity' || (by === undefined && entityCodes && (byDay?.count ?? 0) < ENOUGH_DAYS);
  const clusters = wantsEntities && entityCodes ? byEntity(what, entityCodes, rowCount) : byDay;
  if (!clusters || (by !== undefined && clusters.by !== by)) {
    const wanted = by === 'entity' ? 'entityCodes' : by === 'day' ? 'times' : 'times or entityCodes';
    throw new TrainError('INVALID_OPTION', `${what}: no ${wanted} are given; rows are drawn by day or by entity, so pass them`);
  }
  if (clusters.count < 2) {
    const other = clusters.by === 'day' ? 'entity' : 'day';
    throw new TrainError(
      'INVALID_OPTION',
      `${what}: all rows are of one ${clusters.by}, at least 2 are needed; draw by ${other}`,
    );
  }
  return clusters;
}

function byEntity(what: string, entityCodes: ArrayLike<number>, rowCount: number): Clusters {
  requireArray(what, 'entityCodes', entityCodes);
  if (entityCodes.length !== rowCount) {
    throw new TrainError('LENGTH_MISMATCH', `${what}: ${entityCodes.length} entityCodes for ${rowCount} rows, expected one each`);
  }
  for (let i = 0; i < rowCount; i++) {
    if (Number.isFinite(entityCodes[i])) continue;
    throw new TrainError(
      'INVALID_VALUE',
      `${what}: entityCodes[${i}] is ${showValue(entityCodes[i])}, expected a number, -1 for unknown`,
      {
        details: { index: i },
      },
    );
  }
  return numberClusters('entity', entityCodes);
}

function numberClusters(by: ClusterBy, keys: ArrayLike<number>): Clusters {
  const known = new Map<number, number>();
  const codes = new Int32Array(keys.length);
  let count = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    let code = known.get(key);
    if (code === undefined) {
      code = count++;
      if (by === 'day' || key >= 0) known.set(key, code);
    }
    codes[i] = code;
  }
  return { by, codes, count };
}

/** Draws as many clusters as there are, with replacement, and counts into `weights` how often each was drawn. */
export function drawClusters(random: Random, weights: Float64Array): void {
  weights.fill(0);
  for (let i = 0; i < weights.length; i++) weights[random.integer(weights.length)]!++;
}

/** Values of resamples in short. */
export interface ResampledInterval {
  readonly low: number | null;
  readonly high: number | null;
  readonly standardError: number | null;
  readonly undefinedResamples: number;
}

/** Ends of the middle `level` of the values, interpolated linearly (numpy's default quantile); null when fewer than half are numbers. */
export function percentileInterval(values: readonly (number | null)[], level: number): ResampledInterval {
  return intervalOf(values, () => [(1 - level) / 2, (1 + level) / 2]);
}

/**
 * The bias-corrected percentile interval (Efron 1981): where a share s of the resamples lies below the estimate, ties counting half, its
 * ends are at the shares P(2z + q) of the resamples, z the normal quantile of s and q that of the percentile interval's shares. For
 * metrics that resampling itself pushes to one side, such as a maximum.
 */
export function biasCorrectedInterval(
  values: readonly (number | null)[],
  level: number,
  estimate: number | null,
): ResampledInterval {
  return intervalOf(values, (sorted) => {
    const below = sorted.reduce((sum, value) => sum + (value < estimate! ? 1 : value === estimate ? 0.5 : 0), 0);
    const bias = estimate === null ? 0 : normalQuantile(below / sorted.length);
    const end = normalQuantile((1 + level) / 2);
    return [normalProbability(2 * bias - end), normalProbability(2 * bias + end)];
  });
}

function intervalOf(
  values: readonly (number | null)[],
  sharesOf: (sorted: Float64Array) => readonly [low: number, high: number],
): ResampledInterval {
  const defined = Float64Array.from(values.filter((value) => value !== null)).sort();
  const undefinedResamples = values.length - defined.length;
  if (defined.length * 2 < values.length) return { low: null, high: null, standardError: null, undefinedResamples };
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length;
  const [lowShare, highShare] = sharesOf(defined);
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    low: quantileOfSorted(defined, lowShare),
    high: quantileOfSorted(defined, highShare),
    standardError: Math.sqrt(squares / Math.max(1, defined.length - 1)),
    undefinedResamples,
  };
}

/** Quantile of ascending values, interpolated linearly. */
function quantileOfSorted(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // First the cases in which infinities would make NaN.
  return low === high || place === below ? low : low + (place - below) * (high - low);
}
