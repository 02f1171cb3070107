/**
 * Slices transactions in time for everything that is fitted or chosen on rows of its own: training, early stopping, calibration, the
 * threshold, and the test. Each slice is later than those before, and the labels of what was learned are waited for:
 *
 *     delays 'every':  |-- train --|-- delay --|-- stopping --|-- delay --|-- calibration --|-- delay --| ... --|-- test --|
 *     delays 'last':   |-- train --|-- stopping --|-- calibration --| ... --|-- delay --|-- test --|
 *
 * With `every`, each step looks at rows as far behind those it builds on as served rows will be, and could have been taken before the
 * next slice began. With `last` only the test is so far behind, which is what honest figures need; it takes fewer days.
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import { requireArray, requireObject, requireOneOf, requireRowsOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { type DatedRows, UNKNOWN_LABEL, firstFraudDays, requireDatedRows } from './dated-rows.js';

/**
 * Transactions and the slices; row i of each array is one transaction, in any order. Further arrays and objects may come with the rows, when
 * these are spread into it; further numbers, texts and flags are refused, since they may be options that are misspelt.
 */
export interface TimeSliceOptions<Name extends string = string> extends DatedRows {
  /** If given, rows of an entity that is known as compromised by the day are in no slice but the first, as they would be blocked. */
  readonly entityCodes?: Int32Array;
  /**
   * When each label became known, epoch milliseconds, NaN if never; default `delayDays` after the transaction. A row whose label came too
   * late for its slice, which may happen to the slowest chargebacks, is left out.
   */
  readonly knownTimes?: Float64Array;
  /** First moment of the first slice; every day is 24 hours from it on. */
  readonly startMs: number;
  /** Names and lengths in days of 2 to 20 slices, first to last. The model is judged on the last. */
  readonly days: Readonly<Record<Name, number>>;
  /** Days until labels are known, default 7. */
  readonly delayDays?: number;
  /** Before which slices labels are waited for: `every` but the first, or only the `last`. Default `every`. */
  readonly delays?: 'every' | 'last';
}

const OPTIONS: OptionKinds<TimeSliceOptions> = {
  times: 'checked',
  labels: 'checked',
  entityCodes: 'checked',
  knownTimes: 'checked',
  startMs: 'checked',
  days: 'object',
  delayDays: 'checked',
  delays: 'checked',
};

/** One slice. */
export interface TimeSlice {
  /** Positions of its rows, ascending. */
  readonly rows: Uint32Array;
  /** Frauds among them. */
  readonly positives: number;
  readonly startMs: number;
  /** First moment after its last day. */
  readonly endMs: number;
}

const DAY_MS = 86_400_000;
const MOST_SLICES = 20;

/**
 * The slices by their names, in order of time. No row is in two of them, none has an unknown label, and every label of a slice was known when
 * the next slice began (with `delays: 'last'`: when the last began).
 *
 * An entity counts as compromised from the day after the first of its frauds from `startMs` on became known, as in {@link splitByTime}.
 *
 * @throws {TrainError} EMPTY naming a slice without rows; LENGTH_MISMATCH; INVALID_LABEL or INVALID_VALUE naming the row; INVALID_OPTION
 * @example
 * const { train, stopping, calibration, threshold, test } = sliceByTime({
 *   times, labels, entityCodes, startMs: Date.UTC(2018, 3, 1),
 *   days: { train: 60, stopping: 7, calibration: 14, threshold: 14, test: 28 },
 * });
 * trainBoosting(takeRows(matrix, train.rows), Uint8Array.from(train.rows, (row) => labels[row]!));
 */
export function sliceByTime<Name extends string>(options: TimeSliceOptions<Name>): Readonly<Record<Name, TimeSlice>> {
  requireRowsOptions<TimeSliceOptions>('sliceByTime', options, OPTIONS);
  const { times, labels, entityCodes, knownTimes, startMs } = options;
  const delayDays = requireOption('sliceByTime: delayDays', options.delayDays, {
    low: 0,
    high: 36_500,
    default: 7,
    whole: true,
  });
  requireSliceOptions(options);
  const plan = planSlices(options.days, delayDays, options.delays ?? 'every');
  const dayOf = (row: number) => Math.floor((times[row]! - startMs) / DAY_MS);
  const knownDayOf = (row: number) => (knownTimes ? Math.floor((knownTimes[row]! - startMs) / DAY_MS) : dayOf(row) + delayDays);
  const compromised = entityCodes
    ? firstFraudDays(labels, entityCodes, (row) => (dayOf(row) < 0 ? -1 : knownDayOf(row)))
    : new Map<number, number>();
  const rowsOf = plan.map((): number[] => []);
  for (let row = 0; row < times.length; row++) {
    if (labels[row] === UNKNOWN_LABEL) continue;
    const day = dayOf(row);
    const position = plan.findIndex(({ startDay, endDay }) => day >= startDay && day < endDay);
    if (position === -1) continue;
    const { knownByDay } = plan[position]!;
    // NaN, a label that never came, is not known either.
    if (knownTimes && knownByDay !== null && !(knownTimes[row]! <= startMs + knownByDay * DAY_MS)) continue;
    if (position > 0 && entityCodes && (compromised.get(entityCodes[row]!) ?? Number.POSITIVE_INFINITY) < day) continue;
    rowsOf[position]!.push(row);
  }
  const slices = plan.map(({ name, startDay, endDay }, position) => {
    const slice: TimeSlice = {
      rows: Uint32Array.from(rowsOf[position]!),
      positives: rowsOf[position]!.reduce((sum, row) => sum + labels[row]!, 0),
      startMs: startMs + startDay * DAY_MS,
      endMs: startMs + endDay * DAY_MS,
    };
    requireRows(name, slice);
    return [name, slice] as const;
  });
  return Object.fromEntries(slices) as Record<Name, TimeSlice>;
}

/** Where a slice lies, in days from the start. */
interface PlannedSlice {
  readonly name: string;
  readonly startDay: number;
  readonly endDay: number;
  /** Day at whose beginning its labels have to be known; null for the last, which is judged when all are. */
  readonly knownByDay: number | null;
}

function planSlices(days: Readonly<Record<string, number>>, delayDays: number, delays: 'every' | 'last'): PlannedSlice[] {
  const names = Object.keys(days);
  let day = 0;
  const spans = names.map((name, position) => {
    const waits = position > 0 && (delays === 'every' || position === names.length - 1);
    const startDay = day + (waits ? delayDays : 0);
    day = startDay + requireOption(`sliceByTime: days.${name}`, days[name], DAYS);
    return { name, startDay, endDay: day };
  });
  return spans.map((span, position) => {
    const next = delays === 'every' ? spans[position + 1] : spans.at(-1);
    return { ...span, knownByDay: position === spans.length - 1 ? null : next!.startDay };
  });
}

const DAYS = { low: 1, high: 36_500, default: Number.NaN, whole: true };

function requireSliceOptions({ startMs, days, delays, knownTimes, ...rows }: TimeSliceOptions): void {
  requireObject('sliceByTime', 'days', days, 'an object with the days of each slice');
  const names = Object.keys(days);
  const number = names.find((name) => /^\d+$/.test(name));
  if (names.length < 2 || names.length > MOST_SLICES) {
    throw invalid(`days names ${names.length} slices, expected 2 to ${MOST_SLICES}, such as { train: 28, test: 14 }`);
  }
  if (number !== undefined) throw invalid(`days names a slice ${number}, expected a word, since JavaScript puts numbers first`);
  if (delays !== undefined) requireOneOf('sliceByTime', 'delays', delays, ['every', 'last']);
  if (!Number.isFinite(startMs)) throw invalid(`startMs is ${showValue(startMs)}, expected epoch milliseconds`);
  requireDatedRows('sliceByTime', rows);
  if (knownTimes !== undefined) requireKnownTimes(knownTimes, rows.times.length);
}

function requireKnownTimes(knownTimes: Float64Array, rowCount: number): void {
  requireArray('sliceByTime', 'knownTimes', knownTimes);
  if (knownTimes.length !== rowCount) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `sliceByTime: ${knownTimes.length} knownTimes for ${rowCount} times, expected one each`,
    );
  }
  for (let row = 0; row < rowCount; row++) {
    const time: unknown = knownTimes[row];
    // NaN, a label that never came, is a number.
    if (typeof time === 'number') continue;
    throw new TrainError(
      'INVALID_VALUE',
      `sliceByTime: knownTimes[${row}] is ${showValue(time)}, expected epoch milliseconds, NaN if never`,
      { details: { row } },
    );
  }
}

function invalid(rule: string): TrainError {
  return new TrainError('INVALID_OPTION', `sliceByTime: ${rule}`);
}

function requireRows(name: string, { rows, startMs, endMs }: TimeSlice): void {
  if (rows.length > 0) return;
  const day = (ms: number) => (Math.abs(ms) > 8.64e15 ? String(ms) : new Date(ms).toISOString().slice(0, 10));
  throw new TrainError(
    'EMPTY',
    `sliceByTime: slice ${name} (${day(startMs)} to before ${day(endMs)}) has no rows with a known label; take fewer days, or more data`,
    { details: { name, startMs, endMs } },
  );
}
