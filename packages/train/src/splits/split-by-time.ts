/**
 * Splits transactions in time the way labels become known (Fraud Detection Handbook, chapter 3):
 *
 *     |-- trainDays --|-- delayDays --|-- testDays --|
 *     trainStart       labels of the training days arrive
 *
 * A card known as compromised would be blocked, so it is dropped from the test: for test day d (0, 1, ...) the entities with a fraud in
 * the training days, or on any day up to delayDays + 1 days before that test day (day trainDays + d - 1, counted from trainStart).
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import { requireArray, requireRowsOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { UNKNOWN_LABEL, firstFraudDays, requireDatedRows } from './dated-rows.js';

/**
 * Transactions and the split; row i of each array is one transaction, in any order. Further arrays and objects may come with the rows, when
 * these are spread into it; further numbers, texts and flags are refused, since they may be options that are misspelt.
 */
export interface TimeSplitOptions {
  /** Epoch milliseconds. */
  readonly times: Float64Array;
  /** 0 or 1; 255 is unknown, and such rows go into neither part: they can't teach nor judge. */
  readonly labels: Uint8Array;
  /** Card or customer that is dropped once compromised; -1 (missing) is never dropped. */
  readonly entityCodes: Int32Array;
  /** First moment of the first training day; every day is 24 hours from it on. */
  readonly trainStartMs: number;
  /** Default 7. */
  readonly trainDays?: number;
  /** Days until labels are known, default 7. */
  readonly delayDays?: number;
  /** Default 7. */
  readonly testDays?: number;
}

const OPTIONS: OptionKinds<TimeSplitOptions> = {
  times: 'checked',
  labels: 'checked',
  entityCodes: 'checked',
  trainStartMs: 'checked',
  trainDays: 'checked',
  delayDays: 'checked',
  testDays: 'checked',
};

/** Positions of rows, ascending. */
export interface TimeSplit {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

const DAY_MS = 86_400_000;

/**
 * Positions of the training and the test rows, with the days between them in which the labels of the training rows become known. Rows of
 * entities that are known as compromised by the day are no test rows: those with a fraud from the first training day on that is more than
 * `delayDays` days old. A part without rows is empty. For more parts than two see {@link sliceByTime}.
 *
 * @throws {TrainError} LENGTH_MISMATCH; INVALID_LABEL or INVALID_VALUE naming the row; INVALID_OPTION
 * @example
 * const { train, test } = splitByTime({ times, labels, entityCodes, trainStartMs: Date.UTC(2018, 6, 25) });
 */
export function splitByTime(options: TimeSplitOptions): TimeSplit {
  requireRowsOptions('splitByTime', options, OPTIONS);
  const { times, labels, entityCodes, trainStartMs } = options;
  const trainDays = requireOption('splitByTime: trainDays', options.trainDays, { low: 1, high: 36_500, default: 7, whole: true });
  const delayDays = requireOption('splitByTime: delayDays', options.delayDays, { low: 0, high: 36_500, default: 7, whole: true });
  const testDays = requireOption('splitByTime: testDays', options.testDays, { low: 1, high: 36_500, default: 7, whole: true });
  requireStart(trainStartMs);
  requireArray('splitByTime', 'entityCodes', entityCodes);
  requireDatedRows('splitByTime', options);

  const dayOf = (row: number) => Math.floor((times[row]! - trainStartMs) / DAY_MS);
  const firstFraud = firstFraudDays(labels, entityCodes, dayOf);
  const testStartDay = trainDays + delayDays;
  const train = new Uint32Array(times.length);
  const test = new Uint32Array(times.length);
  let trainCount = 0;
  let testCount = 0;
  for (let row = 0; row < times.length; row++) {
    if (labels[row] === UNKNOWN_LABEL) continue;
    const day = dayOf(row);
    if (day >= 0 && day < trainDays) {
      train[trainCount++] = row;
    } else if (day >= testStartDay && day < testStartDay + testDays) {
      const lastKnownDay = day - delayDays - 1;
      if ((firstFraud.get(entityCodes[row]!) ?? Number.POSITIVE_INFINITY) > lastKnownDay) test[testCount++] = row;
    }
  }
  return { train: train.slice(0, trainCount), test: test.slice(0, testCount) };
}

function requireStart(trainStartMs: number): void {
  if (Number.isFinite(trainStartMs)) return;
  throw new TrainError('INVALID_OPTION', `splitByTime: trainStartMs is ${showValue(trainStartMs)}, expected epoch milliseconds`);
}
