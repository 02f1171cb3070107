/**
 * Reliability table: do frauds happen as often as the probabilities say? Rows are put into bins by probability; in each the mean
 * probability stands beside the share of frauds, with Wilson's interval. Bins without rows are left out.
 *
 * With frauds this rare nearly all rows fall into the first of the classic bins of equal width, so bins of equal count are the default.
 * Rows of one probability always share a bin, the one in which their middle falls, so the order of the rows never matters.
 */
import type { OptionKinds } from '@fraudops/core';
import { requireOneOf, requireOptions } from '../../required-arguments.js';
import { requireOption } from '../../training-data.js';
import { cutAtRow, wholeRows } from '../ranking/alert-rule.js';
import { type Ranking, rankScores } from '../ranking/rank-scores.js';
import { countsOf } from '../ranking/threshold-counts.js';
import { requireLabelledProbabilities } from '../scored-labels.js';
import { wilsonInterval } from './wilson-interval.js';

/** How rows are put into bins. */
export interface BinningOptions {
  /** 1 to 10,000; default 10. */
  readonly bins?: number;
  /** `count`: as many rows in each; `width`: (0, 1/bins], (1/bins, 2/bins], ..., 0 itself in the first. Default `count`. */
  readonly binning?: 'count' | 'width';
  /** Looks at the rows of highest probability only: this share of all, above 0 up to 1, and whatever ties with the last. Default 1. */
  readonly topShare?: number;
}

const OPTIONS: OptionKinds<BinningOptions> = { bins: 'checked', binning: 'checked', topShare: 'checked' };

/** Rows of similar probability. */
export interface ReliabilityBin {
  /** Lowest probability in the bin. */
  readonly lowest: number;
  /** Highest probability in the bin. */
  readonly highest: number;
  readonly rows: number;
  readonly frauds: number;
  readonly meanProbability: number;
  /** frauds / rows. */
  readonly fraudRate: number;
  /** Wilson's 95 % interval of the fraud rate. */
  readonly low: number;
  readonly high: number;
}

/**
 * Whether frauds happen as often as the probabilities say: rows in bins by probability, ascending, each with its mean probability beside its share of
 * frauds and Wilson's interval. Bins without rows are left out; rows of one probability always share a bin.
 *
 * @param probabilities n values from 0 to 1
 * @param labels n values, 0 or 1
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_OPTION
 * @example reliabilityTable([0.1, 0.2, 0.7, 0.8], [0, 0, 0, 1], { bins: 2 })[1]; // { meanProbability: 0.75, fraudRate: 0.5, ... }
 */
export function reliabilityTable(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: BinningOptions = {},
): ReliabilityBin[] {
  requireOptions('reliabilityTable', options, OPTIONS);
  requireLabelledProbabilities('reliabilityTable', probabilities, labels);
  return reliabilityOf(rankScores('reliabilityTable', probabilities), labels, options);
}

/** {@link reliabilityTable} from a ranking of probabilities. */
export function reliabilityOf(ranking: Ranking, labels: ArrayLike<number>, options: BinningOptions = {}): ReliabilityBin[] {
  const bins = requireOption('reliabilityTable: bins', options.bins, { low: 1, high: 10_000, default: 10, whole: true });
  const { binning = 'count' } = options;
  requireOneOf('reliabilityTable', 'binning', binning, ['count', 'width']);
  const counts = countsOf(ranking, labels);
  const { thresholds, ends } = ranking;
  const groups = groupsOfTopShare(ranking, counts, options.topShare);
  const rowCount = ends[groups - 1]!;
  const binOf = (group: number) => {
    if (binning === 'width') return binOfWidth(thresholds[group]!, bins);
    const middle = ((group === 0 ? 0 : ends[group - 1]!) + ends[group]!) / 2;
    return Math.floor((middle / rowCount) * bins);
  };
  const table: ReliabilityBin[] = [];
  for (let start = 0, end = 0; start < groups; start = end) {
    while (end < groups && binOf(end) === binOf(start)) end++;
    table.push(oneBin(ranking, counts.truePositives, start, end));
  }
  return table.toReversed();
}

/** The bin whose edges, bin / bins and (bin + 1) / bins, the probability lies between; noise in the last bits of a product moves none. */
function binOfWidth(probability: number, bins: number): number {
  const bin = Math.max(0, Math.ceil(probability * bins) - 1);
  if (bin > 0 && probability <= bin / bins) return bin - 1;
  return probability > (bin + 1) / bins ? bin + 1 : bin;
}

function groupsOfTopShare(ranking: Ranking, counts: ReturnType<typeof countsOf>, topShare: number | undefined): number {
  const share = requireOption('reliabilityTable: topShare', topShare, { low: Number.MIN_VALUE, high: 1, default: 1 });
  const { groups, part } = cutAtRow(counts, wholeRows(share, ranking.order.length));
  return part > 0 ? groups + 1 : groups;
}

/** The rows of thresholds `start` to `end - 1`. */
function oneBin({ thresholds, ends }: Ranking, truePositives: Float64Array, start: number, end: number): ReliabilityBin {
  let sum = 0;
  let rows = 0;
  for (let group = start; group < end; group++) {
    const rowsHere = ends[group]! - (group === 0 ? 0 : ends[group - 1]!);
    sum += rowsHere * thresholds[group]!;
    rows += rowsHere;
  }
  const frauds = truePositives[end - 1]! - (start === 0 ? 0 : truePositives[start - 1]!);
  return {
    lowest: thresholds[end - 1]!,
    highest: thresholds[start]!,
    rows,
    frauds,
    meanProbability: sum / rows,
    fraudRate: frauds / rows,
    ...wilsonInterval(frauds, rows),
  };
}
