/**
 * Precision at k by day (Fraud Detection Handbook, chapter 4): if investigators check the k most suspicious transactions of each day (UTC),
 * what share of the checks finds fraud? Precision is frauds found / k, also on days with fewer than k transactions. Where transactions
 * are tied at the k-th place, frauds found is the expected number under a fair draw.
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import { requireArray, requireRowsOptions } from '../../required-arguments.js';
import { requireOption } from '../../training-data.js';
import { TrainError } from '../../train-error.js';
import { cutAtRow, totalUpTo } from '../ranking/alert-rule.js';
import { type Ranking, rankScores } from '../ranking/rank-scores.js';
import { requireScoredLabels } from '../scored-labels.js';
import { countsOf } from '../ranking/threshold-counts.js';

/** Scored transactions of several days. */
export interface DatedScores {
  /** Higher is more suspicious. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** When, in epoch milliseconds UTC. */
  readonly times: ArrayLike<number>;
  /** Transactions checked a day, a whole number of 1 or more; default 100. */
  readonly k?: number;
}

/** What one day of checks would have found. */
export interface PrecisionDay {
  /** Start of the day, epoch milliseconds UTC. */
  readonly dayMs: number;
  /** Frauds among the k checked, over k. */
  readonly precision: number;
  /** The best that was possible: min(k, frauds) / k. */
  readonly ceiling: number;
  readonly rows: number;
  readonly frauds: number;
}

export const DAY_MS = 86_400_000;

/**
 * Mean of {@link precisionAtKByDay} over the days that have transactions.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example dailyPrecisionAtK({ scores: [0.9, 0.8, 0.1], labels: [1, 0, 1], times: [0, 0, 0], k: 2 }); // 0.5
 */
export function dailyPrecisionAtK(transactions: DatedScores): number {
  const days = precisionAtKByDay(transactions);
  return days.reduce((sum, day) => sum + day.precision, 0) / days.length;
}

/**
 * Precision at k of each day (UTC) that has transactions, in order of time: of the k most suspicious transactions of the day, the share that
 * are frauds, found / k also on days with fewer than k. Where transactions are tied at the k-th place, frauds found is the expected number
 * under a fair draw.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example precisionAtKByDay({ scores: [0.9, 0.8], labels: [1, 0], times: [0, 0], k: 1 })[0]!.precision; // 1
 */
export function precisionAtKByDay(transactions: DatedScores): PrecisionDay[] {
  requireRowsOptions('precisionAtKByDay', transactions, TRANSACTIONS, 'transactions');
  const { scores, labels, times, k } = transactions;
  requireScoredLabels('precisionAtKByDay', scores, labels);
  const days = dayNumbers('precisionAtKByDay', times, scores.length);
  return precisionByDayOf(rankScores('precisionAtKByDay', scores), labels, days, k);
}

const TRANSACTIONS: OptionKinds<DatedScores> = { scores: 'checked', labels: 'checked', times: 'checked', k: 'checked' };

/** {@link precisionAtKByDay} from a ranking of all rows and the day number of each. */
export function precisionByDayOf(ranking: Ranking, labels: ArrayLike<number>, days: Float64Array, k?: number): PrecisionDay[] {
  const checks = requireOption('precisionAtKByDay: k', k, { low: 1, high: Number.MAX_SAFE_INTEGER, default: 100, whole: true });
  return [...rankingByDay(ranking, days)].map(([day, ofDay]) => {
    const counts = countsOf(ofDay, labels);
    const frauds = counts.truePositives.at(-1)!;
    const found = totalUpTo(counts.truePositives, cutAtRow(counts, checks));
    return {
      dayMs: day * DAY_MS,
      precision: found / checks,
      ceiling: Math.min(checks, frauds) / checks,
      rows: ofDay.order.length,
      frauds,
    };
  });
}

/** Number of the UTC day of each row, counted from 1970. @throws {TrainError} LENGTH_MISMATCH, INVALID_VALUE naming the row */
export function dayNumbers(what: string, times: ArrayLike<number>, rowCount: number): Float64Array {
  requireArray(what, 'times', times);
  if (times.length !== rowCount) {
    throw new TrainError('LENGTH_MISMATCH', `${what}: ${times.length} times for ${rowCount} rows, expected one each`);
  }
  const days = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    if (!Number.isFinite(times[i])) {
      throw new TrainError('INVALID_VALUE', `${what}: times[${i}] is ${showValue(times[i])}, expected epoch milliseconds`, {
        details: { index: i },
      });
    }
    days[i] = Math.floor(times[i]! / DAY_MS);
  }
  return days;
}

/** One ranking a day, in order of time, out of the ranking of all rows. */
function rankingByDay({ order, thresholds, ends }: Ranking, days: Float64Array): Map<number, Ranking> {
  const lists = new Map<number, { order: number[]; thresholds: number[]; ends: number[] }>();
  let group = 0;
  order.forEach((row, place) => {
    if (place >= ends[group]!) group++;
    let list = lists.get(days[row]!);
    if (!list) lists.set(days[row]!, (list = { order: [], thresholds: [], ends: [] }));
    list.order.push(row);
    if (list.thresholds.at(-1) !== thresholds[group]!) {
      list.thresholds.push(thresholds[group]!);
      list.ends.push(list.order.length);
    } else {
      list.ends[list.ends.length - 1] = list.order.length;
    }
  });
  const inOrder = [...lists].toSorted(([a], [b]) => a - b);
  return new Map(
    inOrder.map(([day, list]) => [
      day,
      { order: Uint32Array.from(list.order), thresholds: Float64Array.from(list.thresholds), ends: Uint32Array.from(list.ends) },
    ]),
  );
}
