import { type TransactionsDefinition, days } from '@fraudops/features';
import { splitByTime } from '@fraudops/train';
import { PipelineError } from './pipeline-error.js';
import type { TrainingSet } from './training-set.js';

const DAY_MS = days(1);

/** Lengths of the parts of a split in time, in whole days. */
export interface SplitDays {
  /** Days to learn from. Default 7. */
  readonly trainDays?: number;
  /** Days to judge on. Default 7. */
  readonly testDays?: number;
}

/** The dates of a training that is to be judged before `readyMs`; all are first moments of days in UTC, ends are exclusive. */
export interface TrainingDates {
  readonly trainStartMs: number;
  readonly trainEndMs: number;
  readonly testStartMs: number;
  readonly testEndMs: number;
  /** When the last label of the judged days is known, and the model may be promoted. */
  readonly readyMs: number;
}

/**
 * The latest dates at which a model can be trained and judged, all labels known, before it begins to serve:
 *
 *     |-- train --|-- delay --|-- test --|-- delay --| serving starts
 *
 * The first delay is there because on the first test day a model could only know labels that old; the second because nobody may judge by
 * labels that are not known yet.
 *
 * @param definition says how long labels take (`label.delayMs`, rounded up to whole days)
 * @param servingStartMs first moment of serving; cut down to the beginning of its day in UTC
 * @throws {PipelineError} INVALID_OPTION when the definition has no label, or a number of days is not a whole one of at least 1
 */
export function latestTrainingDates(
  { label }: Pick<TransactionsDefinition, 'label'>,
  servingStartMs: number,
  { trainDays = 7, testDays = 7 }: SplitDays = {},
): TrainingDates {
  if (!label)
    throw new PipelineError(
      'INVALID_OPTION',
      'latestTrainingDates: the transactions have no label; name it in defineTransactions',
    );
  for (const [name, value] of Object.entries({ trainDays, testDays })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new PipelineError('INVALID_OPTION', `latestTrainingDates: ${name} is ${value}, expected a whole number of at least 1`);
  }
  const delayMs = Math.ceil(label.delayMs / DAY_MS) * DAY_MS;
  const readyMs = Math.floor(servingStartMs / DAY_MS) * DAY_MS;
  const testEndMs = readyMs - delayMs;
  const testStartMs = testEndMs - testDays * DAY_MS;
  const trainEndMs = testStartMs - delayMs;
  return { trainStartMs: trainEndMs - trainDays * DAY_MS, trainEndMs, testStartMs, testEndMs, readyMs };
}

/** Positions of training and test rows. */
export interface RowSplit {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * The rows of the given dates, by the handbook's protocol: see `splitByTime` of `@fraudops/train`.
 *
 * @throws {PipelineError} TOO_LITTLE_DATA when a part has no rows, or only one class
 */
export function splitAtDates(set: TrainingSet, dates: TrainingDates): RowSplit {
  const wholeDays = (from: number, to: number) => Math.round((to - from) / DAY_MS);
  const split = splitByTime({
    times: set.times,
    labels: set.labels,
    entityCodes: set.entityCodes,
    trainStartMs: dates.trainStartMs,
    trainDays: wholeDays(dates.trainStartMs, dates.trainEndMs),
    delayDays: wholeDays(dates.trainEndMs, dates.testStartMs),
    testDays: wholeDays(dates.testStartMs, dates.testEndMs),
  });
  requireBothClasses('training', split.train, set.labels, dates.trainStartMs);
  requireBothClasses('test', split.test, set.labels, dates.testStartMs);
  return split;
}

/** Throws unless the rows hold frauds and genuine transactions. */
export function requireBothClasses(part: string, positions: Uint32Array, labels: Uint8Array, startMs: number): void {
  const frauds = positions.reduce((sum, position) => sum + Number(labels[position] === 1), 0);
  if (frauds > 0 && frauds < positions.length) return;
  const hint = part === 'test' ? ' (cards already known as compromised are not among them)' : '';
  const from = Number.isFinite(startMs) ? new Date(startMs).toISOString().slice(0, 10) : String(startMs);
  throw new PipelineError(
    'TOO_LITTLE_DATA',
    `the ${part} rows from ${from} on are ${positions.length}${hint}, ${frauds} of them frauds; need some of both kinds: give more rows or more days`,
    { details: { part, rows: positions.length, frauds } },
  );
}

/**
 * Rows with known labels before a moment to learn from, and from it on to judge with.
 *
 * For data of which the labels are all known by now, where no week can be spared between the two parts. Features are as of each row's
 * own time, so nothing leaks; but a model of that moment would not have known the last labels before it.
 */
export function splitAtMoment(set: TrainingSet, testStartMs: number): RowSplit {
  const known = Uint32Array.from(set.times, (_, position) => position).filter((position) => set.labels[position]! <= 1);
  return {
    train: known.filter((position) => set.times[position]! < testStartMs),
    test: known.filter((position) => set.times[position]! >= testStartMs),
  };
}
