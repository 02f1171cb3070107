import type { Table } from '@fraudops/core';
import { days, handbookTransactions } from '@fraudops/features';
import { type TrainingDates, latestTrainingDates } from '@fraudops/pipeline';

/** The dates of the loop; all are first moments of days in UTC. The last two weeks of the data are traffic. */
export interface Timeline {
  readonly dataStartMs: number;
  /** Train, wait for labels, judge, wait for labels: all of it before traffic begins. */
  readonly training: TrainingDates;
  /** First week of traffic: like the past. */
  readonly trafficStartMs: number;
  /** Second week: fraudsters change tactics, amounts shift. */
  readonly driftStartMs: number;
  readonly endMs: number;
  /** When the labels of the second week are known, and a model can learn from it. */
  readonly labelsKnownMs: number;
}

const DAY_MS = days(1);
/** How long labels take. */
export const LABEL_DELAY_MS = handbookTransactions.label!.delayMs;
/** Two weeks of traffic, four of training, and at least one for the first windows. */
export const LEAST_DAYS = 49;

/** @throws {Error} when there are none, or they span too few days */
export function timelineOf(transactions: Table): Timeline {
  if (transactions.rowCount === 0) throw new Error('There are no transactions in the data.');
  const times = transactions.time('TX_DATETIME');
  const dataStartMs = Math.floor(times[0]! / DAY_MS) * DAY_MS;
  const endMs = (Math.floor(times.at(-1)! / DAY_MS) + 1) * DAY_MS;
  const trafficStartMs = endMs - days(14);
  if (!(endMs - dataStartMs >= LEAST_DAYS * DAY_MS)) {
    throw new Error(`The transactions span ${(endMs - dataStartMs) / DAY_MS} days; the loop needs at least ${LEAST_DAYS}.`);
  }
  return {
    dataStartMs,
    training: latestTrainingDates(handbookTransactions, trafficStartMs),
    trafficStartMs,
    driftStartMs: endMs - days(7),
    endMs,
    labelsKnownMs: endMs + LABEL_DELAY_MS,
  };
}

/** The rows of a time-ordered table in [fromMs, toMs). */
export function between(transactions: Table, fromMs: number, toMs: number): Table {
  const times = transactions.time('TX_DATETIME');
  return transactions.slice(firstAtOrAfter(times, fromMs), firstAtOrAfter(times, toMs));
}

function firstAtOrAfter(times: Float64Array, momentMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < momentMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
