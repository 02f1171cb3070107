/**
 * Which rows are alerts: those from a score on, or the highest ones. When rows of one score stand on both sides of the k-th place, each
 * of them counts with the probability that a fair draw among them takes it. So the figures are expected values, and never depend on the
 * order in which the rows came.
 */
import { showValue } from '@fraudops/core';
import { requireObject } from '../../required-arguments.js';
import { TrainError } from '../../train-error.js';
import type { ThresholdCounts } from './threshold-counts.js';

/**
 * `threshold`: rows that score as much or more. `k`: the k highest, at least 1; all rows when there are fewer. `share`: the highest share
 * of the rows, above 0 up to 1, rounded up to whole rows.
 */
export type AlertRule = { readonly threshold: number } | { readonly k: number } | { readonly share: number };

/** The alerts are all rows of the first `groups` thresholds and `part`, 0 to below 1, of those of the next. */
export interface AlertCut {
  readonly groups: number;
  readonly part: number;
}

/**
 * Where a rule cuts rows that are counted once each.
 *
 * @throws {TrainError} INVALID_OPTION when the rule is out of range or names none or several
 */
export function alertCut(what: string, counts: ThresholdCounts, rule: AlertRule): AlertCut {
  requireObject(what, 'rule', rule, 'an object with threshold, k or share');
  const named = Object.entries(rule).filter(([, value]) => value !== undefined);
  const [name, value] = named[0] ?? ['threshold', Number.NaN];
  if (named.length !== 1 || !isInRange(name, value)) {
    const shown = named.map(([key, each]) => `${key} ${showValue(each)}`).join(', ') || 'nothing';
    const rule1 = 'expected one of threshold (a number), k (a whole number of 1 or more), share (above 0, up to 1)';
    throw new TrainError('INVALID_OPTION', `${what}: alerts by ${shown}, ${rule1}`, { details: { ...rule } });
  }
  if (name === 'threshold') return { groups: firstBelow(counts.thresholds, value), part: 0 };
  const rowCount = counts.truePositives.at(-1)! + counts.falsePositives.at(-1)!;
  return cutAtRow(counts, name === 'k' ? value : wholeRows(value, rowCount));
}

/** Cuts after a number of rows, which may be a fraction. */
export function cutAtRow({ thresholds, truePositives, falsePositives }: ThresholdCounts, rows: number): AlertCut {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (truePositives[middle]! + falsePositives[middle]! <= rows) low = middle + 1;
    else high = middle;
  }
  if (low === thresholds.length) return { groups: low, part: 0 };
  const before = low === 0 ? 0 : truePositives[low - 1]! + falsePositives[low - 1]!;
  return { groups: low, part: (rows - before) / (truePositives[low]! + falsePositives[low]! - before) };
}

/** What a running total, one entry a threshold, has reached at a cut. */
export function totalUpTo(totals: Float64Array, { groups, part }: AlertCut): number {
  const before = groups === 0 ? 0 : totals[groups - 1]!;
  return part === 0 ? before : before + part * (totals[groups]! - before);
}

/** A share of the rows in whole rows, rounded up; noise in the last bits of the product (0.07 * 100) doesn't add a row. */
export function wholeRows(share: number, rowCount: number): number {
  return Math.max(1, Math.ceil(share * rowCount * (1 - 4 * Number.EPSILON)));
}

function isInRange(name: string, value: unknown): boolean {
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  if (name === 'threshold') return true;
  return name === 'k' ? Number.isInteger(value) && value >= 1 : name === 'share' && value > 0 && value <= 1;
}

/** Index of the first of the descending thresholds that is below the value. */
function firstBelow(thresholds: Float64Array, value: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle]! >= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
