/**
 * Prequential folds (Fraud Detection Handbook, chapter 5; Gama et al. 2013): the block of training, delay and test days slides back in time
 * by one test length a fold, so each fold is judged the way the model will be used, on days after those it learned from.
 *
 *     fold 0   |-- train --|-- delay --|-- test --|
 *     fold 1         |-- train --|-- delay --|-- test --|
 *     fold 2               |-- train --|-- delay --|-- test --|
 *                                                             endMs
 *
 * To choose parameters without seeing the final test, let `endMs` be the end of the final model's training days: labels up to there are
 * known by then, and no fold touches the days it will be tested on.
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import { requireRowsOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { type TimeSplit, type TimeSplitOptions, splitByTime } from './split-by-time.js';

/** Options of {@link prequentialFolds}. */
export interface PrequentialOptions extends Omit<TimeSplitOptions, 'trainStartMs'> {
  /** First moment after the last fold's test days, epoch milliseconds. */
  readonly endMs: number;
  /** 1 to 1,000; default 4. */
  readonly folds?: number;
}

const OPTIONS: OptionKinds<PrequentialOptions> = {
  times: 'checked',
  labels: 'checked',
  entityCodes: 'checked',
  endMs: 'checked',
  trainDays: 'checked',
  delayDays: 'checked',
  testDays: 'checked',
  folds: 'checked',
};

/** One fold: positions of its rows, and when its parts begin. */
export interface PrequentialFold extends TimeSplit {
  readonly trainStartMs: number;
  readonly testStartMs: number;
}

const DAY_MS = 86_400_000;
/** The furthest moments that a Date holds, before and after 1970. */
const MAX_DATE_MS = 8.64e15;

/**
 * Folds from the earliest to the latest: the block of training, delay and test days slides through time by one test length a fold, so that each is
 * judged on days after those it learned from. Let `endMs` be the end of the final model's training days to choose parameters without
 * seeing its test days. Test rows are those of {@link splitByTime}: without cards already known
 * as compromised.
 *
 * @throws {TrainError} EMPTY when a fold has no training or no test rows; LENGTH_MISMATCH, INVALID_LABEL, INVALID_VALUE, INVALID_OPTION
 * @example
 * const folds = prequentialFolds({ times, labels, entityCodes, endMs: Date.UTC(2018, 7, 1), folds: 4 });
 * folds.map(({ train, test }) => [train.length, test.length]);
 */
export function prequentialFolds(options: PrequentialOptions): PrequentialFold[] {
  requireRowsOptions('prequentialFolds', options, OPTIONS);
  const { times, labels, entityCodes, endMs, folds } = options;
  const days = (name: 'trainDays' | 'delayDays' | 'testDays', low: number) =>
    requireOption(`prequentialFolds: ${name}`, options[name], { low, high: 36_500, default: 7, whole: true });
  const foldCount = requireOption('prequentialFolds: folds', folds, { low: 1, high: 1_000, default: 4, whole: true });
  const [trainDays, delayDays, testDays] = [days('trainDays', 1), days('delayDays', 0), days('testDays', 1)];
  requireDates(endMs, (foldCount * testDays + delayDays + trainDays) * DAY_MS);
  return Array.from({ length: foldCount }, (_, fold) => {
    const testStartMs = endMs - (foldCount - fold) * testDays * DAY_MS;
    const trainStartMs = testStartMs - (trainDays + delayDays) * DAY_MS;
    const { train, test } = splitByTime({ times, labels, entityCodes, trainDays, delayDays, testDays, trainStartMs });
    if (train.length === 0 || test.length === 0) {
      const from = new Date(trainStartMs).toISOString();
      throw new TrainError(
        'EMPTY',
        `prequentialFolds: fold ${fold} (training from ${from}) has ${train.length} training and ${test.length} test rows, ` +
          'expected some of each; take fewer folds or an earlier table',
        { details: { fold, train: train.length, test: test.length } },
      );
    }
    return { train, test, trainStartMs, testStartMs };
  });
}

/** Throws unless the first fold begins, and the last ends, at a moment that a Date holds. */
function requireDates(endMs: number, spanMs: number): void {
  const lowest = spanMs - MAX_DATE_MS;
  if (Number.isFinite(endMs) && endMs >= lowest && endMs <= MAX_DATE_MS) return;
  throw new TrainError(
    'INVALID_OPTION',
    `prequentialFolds: endMs is ${showValue(endMs)}, expected epoch milliseconds from ${lowest} to ${MAX_DATE_MS}`,
  );
}
