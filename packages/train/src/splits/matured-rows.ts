import { showValue } from '@fraudops/core';
import { requireArray } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';

/** Rows that may be judged or learned from, and how many may not. */
export interface MaturedRows {
  /** Positions of the rows whose label has matured and is known, ascending. */
  readonly rows: Uint32Array;
  /** Rows too young: a fraud among them may not be known yet. */
  readonly immature: number;
  /** Rows old enough whose label is unknown all the same. */
  readonly unlabelled: number;
}

/**
 * Rows whose label is final: their transaction is at least `delayMs` old. Younger rows are left out whatever their label, also the frauds
 * that are known already: frauds become known before the genuine rows do, so keeping them would show too many.
 *
 * @param labels 0 or 1; 255 is unknown
 * @param times of the transactions, epoch milliseconds
 * @param nowMs the moment from which one looks, epoch milliseconds
 * @param delayMs how long chargebacks take, 0 or more; take it from their history, such as the time by which 95 % have come
 * @throws {TrainError} LENGTH_MISMATCH, INVALID_LABEL, INVALID_VALUE, INVALID_OPTION
 * @example maturedRows(Uint8Array.of(0, 1, 255), Float64Array.of(0, 900, 100), 1_000, 500).rows; // 0
 */
export function maturedRows(labels: ArrayLike<number>, times: ArrayLike<number>, nowMs: number, delayMs: number): MaturedRows {
  requireOption('maturedRows: delayMs', delayMs, { low: 0, high: Number.MAX_SAFE_INTEGER, default: Number.NaN });
  if (!Number.isFinite(nowMs)) {
    throw new TrainError('INVALID_OPTION', `maturedRows: nowMs is ${showValue(nowMs)}, expected epoch milliseconds`);
  }
  requireArray('maturedRows', 'labels', labels);
  requireArray('maturedRows', 'times', times);
  if (labels.length !== times.length) {
    throw new TrainError('LENGTH_MISMATCH', `maturedRows: ${labels.length} labels for ${times.length} times, expected one each`);
  }
  const rows = new Uint32Array(labels.length);
  let count = 0;
  let immature = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1 && label !== UNKNOWN_LABEL) {
      throw new TrainError(
        'INVALID_LABEL',
        `maturedRows: labels[${i}] is ${showValue(label)}, expected 0, 1 or 255 for unknown`,
        {
          details: { index: i, label },
        },
      );
    }
    if (!Number.isFinite(times[i])) {
      throw new TrainError('INVALID_VALUE', `maturedRows: times[${i}] is ${showValue(times[i])}, expected epoch milliseconds`, {
        details: { index: i },
      });
    }
    if (times[i]! + delayMs > nowMs) immature++;
    else if (label !== UNKNOWN_LABEL) rows[count++] = i;
  }
  return { rows: rows.slice(0, count), immature, unlabelled: labels.length - immature - count };
}

const UNKNOWN_LABEL = 255;
