/**
 * Candidate against incumbent on the same matured rows: is the candidate better by more than chance? The two are judged on the same
 * resamples (a paired bootstrap of whole days or cards), so what makes a day hard for both cancels out, and small differences show.
 *
 * The verdict's rule, in this order:
 * - `worse` when on the deciding metric, or on any metric of `noWorseThan`, the whole interval of the difference lies below 0;
 * - `better` when on the deciding metric the whole interval lies above `margin`;
 * - `undecided` otherwise: more days are needed, or the difference doesn't matter.
 *
 * Differences are signed so that above 0 the candidate is better, also where less is better, such as for costs.
 *
 * Few days or cards differ by chance, so an interval from c of them is widened around the difference by
 * t(c - 1) / z * sqrt(c / (c - 1)): by 9.2 for 2 days at the level .95, by 1.58 for 5, by 1.1 for 20. Two equal models are then called
 * better in about 3 of 100 comparisons and worse in as many, whatever the number of days; unless single days far outweigh the others,
 * which few days can't show.
 */
import type { OptionKinds } from '@fraudops/core';
import type { FraudCosts } from '../metrics/costs/fraud-costs.js';
import { knownRows } from '../metrics/evaluate.js';
import {
  BOOTSTRAP_OPTIONS,
  type BootstrapOptions,
  type ClusterBy,
  clusterRows,
  drawClusters,
  percentileInterval,
  requireBootstrap,
} from '../metrics/intervals/cluster-bootstrap.js';
import { fewClustersFactor, widenForFewClusters } from '../metrics/intervals/few-clusters.js';
import { LESS_IS_BETTER, type MetricName, type WeightedMetric, weightedMetric } from '../metrics/intervals/weighted-metrics.js';
import { WeightedRows } from '../metrics/intervals/weighted-rows.js';
import { requireArray, requireObject, requireOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { costMetric } from './cost-metric.js';

/** The same rows, scored by both models; row i of each array is one transaction. */
export interface ComparedRows {
  /** Scores of the candidate. */
  readonly candidate: ArrayLike<number>;
  /** Scores of the incumbent. */
  readonly incumbent: ArrayLike<number>;
  /** 0 or 1; 255 is unknown, and such rows are left out. Leave out rows that have not matured: see {@link maturedRows}. */
  readonly labels: ArrayLike<number>;
  /** Epoch milliseconds UTC. */
  readonly times?: ArrayLike<number>;
  /** Card or customer, 0 or more; -1 is unknown. */
  readonly entityCodes?: ArrayLike<number>;
  /** Needed for costs. */
  readonly amounts?: ArrayLike<number>;
}

/** A metric that models are compared on: `cost` is what reviewing by expected savings costs in all, and needs costs and amounts. */
export type ComparedMetric = MetricName | 'cost';

/** Options of {@link compareModels}. */
export interface CompareOptions extends BootstrapOptions {
  /** Decides the verdict; default `averagePrecision`. */
  readonly deciding?: ComparedMetric;
  /** Further metrics to compare; default all of `averagePrecision`, `rocAuc`, `cardPrecisionAt100` and `cost` that the rows allow. */
  readonly metrics?: readonly ComparedMetric[];
  /** Metrics on which the candidate must not be worse; default none. */
  readonly noWorseThan?: readonly ComparedMetric[];
  /** How much better the candidate must be on the deciding metric, 0 or more in its unit; default 0. */
  readonly margin?: number;
  /** What decisions cost, in the unit of the amounts. */
  readonly costs?: FraudCosts;
}

const OPTIONS: OptionKinds<CompareOptions> = {
  ...BOOTSTRAP_OPTIONS,
  deciding: 'checked',
  metrics: 'array',
  noWorseThan: 'array',
  margin: 'checked',
  costs: 'object',
};

/** One metric of both models. Null where it is undefined. */
export interface MetricDifference {
  readonly metric: ComparedMetric;
  readonly candidate: number | null;
  readonly incumbent: number | null;
  /** How much better the candidate is: above 0 is better, whichever way the metric goes. */
  readonly difference: number | null;
  /** Interval of the difference, widened for few clusters; null when it is undefined in more than half of the resamples. */
  readonly low: number | null;
  readonly high: number | null;
  readonly standardError: number | null;
  /** Share of the resamples in which the candidate is better, ties counting half; null when all are undefined. */
  readonly winRate: number | null;
  readonly undefinedResamples: number;
}

/** Both models on the same rows, and what follows. */
export interface ModelComparison {
  readonly verdict: 'better' | 'worse' | 'undecided';
  /** One sentence that names the numbers. */
  readonly reason: string;
  readonly deciding: ComparedMetric;
  readonly differences: readonly MetricDifference[];
  readonly by: ClusterBy;
  readonly clusters: number;
  readonly resamples: number;
  readonly level: number;
  /** Rows that were judged. */
  readonly rows: number;
  /** Share of the rows given whose label is not known. */
  readonly unknownShare: number;
}

/**
 * Whether the candidate is better than the incumbent by more than chance: both are judged on the same resamples of whole days or cards (a
 * paired bootstrap), with intervals that are widened where those are few. Differences are signed so that above 0 the candidate is better.
 *
 * The verdict is `worse` when on the deciding metric, or on any of `noWorseThan`, the whole interval of the difference lies below 0; else
 * `better` when on the deciding metric it lies above `margin`; else `undecided`.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example
 * const { verdict, reason } = compareModels(
 *   { candidate: next.scoreBatch(matrix), incumbent: live.scoreBatch(matrix), labels, times, entityCodes },
 *   { by: 'entity', noWorseThan: ['cardPrecisionAt100'] },
 * );
 */
export function compareModels(rows: ComparedRows, options: CompareOptions = {}): ModelComparison {
  requireOptions('compareModels', options, OPTIONS);
  const { resamples, level, random } = requireBootstrap('compareModels', options);
  const margin = requireOption('compareModels: margin', options.margin, { low: 0, high: 1e12, default: 0 });
  const { candidate, incumbent } = pairOfRows(rows, options.by);
  const { deciding = 'averagePrecision', noWorseThan = [] } = options;
  const names = [...new Set([deciding, ...(options.metrics ?? usualMetrics(rows, options)), ...noWorseThan])];
  const metrics = names.map((name) => metricOf(name, options.costs));
  const signs = names.map((name) => (name === 'cost' || LESS_IS_BETTER.has(name) ? -1 : 1));
  const values = metrics.map((metric) => ({ candidate: metric(candidate), incumbent: metric(incumbent) }));
  const differences: (number | null)[][] = names.map(() => []);
  for (let i = 0; i < resamples; i++) {
    // Both look at the same weights.
    drawClusters(random, candidate.clusterWeights);
    metrics.forEach((metric, m) => differences[m]!.push(difference(metric(candidate), metric(incumbent), signs[m]!)));
  }
  const { clusters } = candidate;
  const factor = fewClustersFactor(clusters.count, level);
  const compared = names.map((metric, m): MetricDifference => {
    const own = values[m]!;
    const gap = difference(own.candidate, own.incumbent, signs[m]!);
    const interval = widenForFewClusters(percentileInterval(differences[m]!, level), gap, factor);
    return { metric, ...own, difference: gap, ...interval, winRate: winRate(differences[m]!) };
  });
  const judged = candidate.rows.scores.length;
  return {
    ...judge(compared, { deciding, noWorseThan, margin, level }),
    deciding,
    differences: compared,
    by: clusters.by,
    clusters: clusters.count,
    resamples,
    level,
    rows: judged,
    unknownShare: 1 - judged / rows.labels.length,
  };
}

/** Both models' rows, looking at the same weights. */
function pairOfRows(rows: ComparedRows, by: ClusterBy | undefined): { candidate: WeightedRows; incumbent: WeightedRows } {
  requireObject('compareModels', 'rows', rows, 'an object with candidate, incumbent and labels');
  const { candidate, incumbent, ...truth } = rows;
  requireArray('compareModels', 'candidate', candidate);
  requireArray('compareModels', 'incumbent', incumbent);
  if (candidate.length !== incumbent.length) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `compareModels: ${candidate.length} scores of the candidate, ${incumbent.length} of the incumbent; score the same rows with both`,
    );
  }
  const ofCandidate = knownRows({ ...truth, scores: candidate }, 'compareModels: candidate');
  const ofIncumbent = knownRows({ ...truth, scores: incumbent }, 'compareModels: incumbent');
  const clusters = clusterRows('compareModels', ofCandidate.scores.length, ofCandidate, by);
  const first = new WeightedRows('compareModels: candidate', ofCandidate, clusters);
  return {
    candidate: first,
    incumbent: new WeightedRows('compareModels: incumbent', ofIncumbent, clusters, first.clusterWeights),
  };
}

function usualMetrics({ times, entityCodes, amounts }: ComparedRows, { costs }: CompareOptions): ComparedMetric[] {
  const metrics: ComparedMetric[] = ['averagePrecision', 'rocAuc'];
  if (times && entityCodes) metrics.push('cardPrecisionAt100');
  if (amounts && costs) metrics.push('cost');
  return metrics;
}

function metricOf(name: ComparedMetric, costs: FraudCosts | undefined): WeightedMetric {
  if (name !== 'cost') return weightedMetric('compareModels', name);
  if (costs) return costMetric(costs);
  throw new TrainError('INVALID_OPTION', 'compareModels: the metric cost needs costs, and none are given; pass costs');
}

function difference(candidate: number | null, incumbent: number | null, sign: number): number | null {
  return candidate === null || incumbent === null ? null : sign * (candidate - incumbent);
}

function winRate(differences: readonly (number | null)[]): number | null {
  const defined = differences.filter((each) => each !== null);
  if (defined.length === 0) return null;
  return defined.reduce((wins, each) => wins + (each > 0 ? 1 : each === 0 ? 0.5 : 0), 0) / defined.length;
}

interface VerdictRule {
  readonly deciding: ComparedMetric;
  readonly noWorseThan: readonly ComparedMetric[];
  readonly margin: number;
  readonly level: number;
}

function judge(compared: readonly MetricDifference[], rule: VerdictRule): Pick<ModelComparison, 'verdict' | 'reason'> {
  const { deciding, noWorseThan, margin, level } = rule;
  const worse = compared.find(
    ({ metric, high }) => (metric === deciding || noWorseThan.includes(metric)) && high !== null && high < 0,
  );
  if (worse) return { verdict: 'worse', reason: `${told(worse, level)}, all below 0` };
  const decisive = compared.find(({ metric }) => metric === deciding)!;
  if (decisive.low !== null && decisive.low > margin) {
    return { verdict: 'better', reason: `${told(decisive, level)}, all above ${margin}` };
  }
  return { verdict: 'undecided', reason: `${told(decisive, level)}; above ${margin} throughout is asked for` };
}

function told({ metric, difference: gap, low, high }: MetricDifference, level: number): string {
  const shown = (value: number | null) => (value === null ? 'undefined' : String(Number(value.toPrecision(3))));
  return `${metric} differs by ${shown(gap)} in favour of the candidate (${level * 100} % interval ${shown(low)} to ${shown(high)})`;
}
