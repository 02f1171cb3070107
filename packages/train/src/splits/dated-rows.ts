/** What the splits in time ask of transactions, and when the cards among them were compromised. */
import { showValue } from '@fraudops/core';
import { requireArray, requireArrays } from '../required-arguments.js';
import { TrainError } from '../train-error.js';

/** Transactions; row i of each array is one, in any order. */
export interface DatedRows {
  /** Epoch milliseconds. */
  readonly times: Float64Array;
  /** 0 or 1; 255 is unknown, and such rows go into no part: they can't teach nor judge. */
  readonly labels: Uint8Array;
  /** Card or customer; -1 is missing. */
  readonly entityCodes?: Int32Array;
}

export const UNKNOWN_LABEL = 255;

/** @throws {TrainError} INVALID_VALUE for what is no array; LENGTH_MISMATCH; INVALID_LABEL or INVALID_VALUE naming the row */
export function requireDatedRows(what: string, { times, labels, entityCodes }: DatedRows): void {
  requireArray(what, 'times', times);
  requireArray(what, 'labels', labels);
  requireArrays(what, { entityCodes });
  const codeCount = entityCodes ? entityCodes.length : times.length;
  if (labels.length !== times.length || codeCount !== times.length) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `${what}: ${times.length} times, ${labels.length} labels, ${codeCount} entityCodes; expected one of each a row`,
    );
  }
  for (let row = 0; row < times.length; row++) {
    if (!Number.isFinite(times[row]!)) {
      throw new TrainError('INVALID_VALUE', `${what}: times[${row}] is ${showValue(times[row])}, expected epoch milliseconds`, {
        details: { row },
      });
    }
    if (labels[row] !== 0 && labels[row] !== 1 && labels[row] !== UNKNOWN_LABEL) {
      throw new TrainError(
        'INVALID_LABEL',
        `${what}: labels[${row}] is ${showValue(labels[row])}, expected 0, 1 or 255 for unknown`,
        {
          details: { row },
        },
      );
    }
  }
}

/**
 * The first day with a fraud of each entity. Entities that are missing (-1) have none.
 *
 * @param dayOf day of a row; frauds of days below 0 are not looked at
 */
export function firstFraudDays(labels: Uint8Array, entityCodes: Int32Array, dayOf: (row: number) => number): Map<number, number> {
  const firstDays = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] !== 1 || entityCodes[row]! < 0) continue;
    const day = dayOf(row);
    if (day >= 0 && day < (firstDays.get(entityCodes[row]!) ?? Number.POSITIVE_INFINITY)) firstDays.set(entityCodes[row]!, day);
  }
  return firstDays;
}
