/**
 * Which time columns of a sample could be the moments after the event: when a transaction arrived, and when its label became known. Both must
 * never be before the event; names, gaps, and how late they are tell one from the other.
 */
import { formatCount } from '@fraudops/core';
import type { ColumnFacts } from './column-facts.js';
import { type Clue, type RoleCandidate, choose, rate } from './transaction-roles.js';

/** Candidates for the moment of arrival: a time that every row has, and that is later than the event in some. */
export function arrivalCandidates(columns: readonly ColumnFacts[], time: ColumnFacts): RoleCandidate[] {
  return choose(
    'arrival',
    rate(columns, (column) => arrivalClues(column, time)),
    2,
    1,
  );
}

/** Candidates for the moment at which the label became known: a time that is there for the labels, or for the frauds. */
export function knownAtCandidates(columns: readonly ColumnFacts[], time: ColumnFacts, label: ColumnFacts): RoleCandidate[] {
  return choose(
    'knownAt',
    rate(columns, (column) => knownAtClues(column, time, label)),
    2,
    1,
  );
}

const SAYS_ARRIVAL = /receiv|arriv|ingest|load|insert|creat|process|record|written|logged/i;
const SAYS_LABEL = /label|fraud|known|chargeback|report|confirm|disput|resol|decid|review/i;
const SAYS_OTHER = /expir|valid|birth|updat|modif|settl|due|deliver|ship/i;
const DAY_MS = 86_400_000;

function arrivalClues(column: ColumnFacts, time: ColumnFacts): Clue[] | undefined {
  const delay = delayAfter(column, time);
  if (!delay || column.missing > 0) return undefined;
  return [
    [true, 1, neverBefore(time, delay)],
    [SAYS_ARRIVAL.test(column.name), 2, 'its name says arrival'],
    [column.isSorted && !time.isSorted, 1.5, `rows are in its order, not in that of ${time.name}`],
    [SAYS_LABEL.test(column.name), -3, 'its name says label'],
    [SAYS_OTHER.test(column.name), -2, 'its name says another moment'],
    [delay.medianMs > 7 * DAY_MS, -1, 'that is late for an arrival'],
  ];
}

function knownAtClues(column: ColumnFacts, time: ColumnFacts, label: ColumnFacts): Clue[] | undefined {
  const delay = delayAfter(column, time);
  if (!delay || label.column.kind !== 'flag' || column.column.kind !== 'time') return undefined;
  const { atLabels, atFrauds, withoutLabel } = presenceAt(column.column.values, label.column.values);
  if (!atLabels && !atFrauds) return undefined;
  const both = atLabels && label.missing > 0 && withoutLabel === 0;
  return [
    [true, 0, neverBefore(time, delay)],
    [both, 2, `there where ${label.name} is, missing where it is missing`],
    [!both && atLabels, 1, `there wherever ${label.name} is`],
    [!atLabels && column.missing > 0, 1, `there for every ${label.name}, not for all others`],
    [SAYS_LABEL.test(column.name), 2, 'its name says label'],
    [SAYS_ARRIVAL.test(column.name), -3, 'its name says arrival'],
    [SAYS_OTHER.test(column.name), -2, 'its name says another moment'],
  ];
}

interface Delay {
  readonly medianMs: number;
}

/** How late the moment is after the event; undefined when it is before it once, or never after it. */
function delayAfter({ column }: ColumnFacts, time: ColumnFacts): Delay | undefined {
  if (column.kind !== 'time' || time.column.kind !== 'time' || column === time.column) return undefined;
  const events = time.column.values;
  const delays = column.values.map((moment, row) => moment - events[row]!).filter((delay) => !Number.isNaN(delay));
  if (delays.length === 0 || delays.some((delay) => delay < 0) || delays.every((delay) => delay === 0)) return undefined;
  return { medianMs: delays.toSorted()[Math.floor(delays.length / 2)]! };
}

function neverBefore({ name }: ColumnFacts, { medianMs }: Delay): string {
  return `never before ${name}, half of them ${durationText(medianMs)} later or more`;
}

function durationText(milliseconds: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => milliseconds >= 2 * size) ?? [1, 'ms'];
  return `${formatCount(Math.round(milliseconds / unitMs))} ${unit}`;
}

const UNITS = [
  [DAY_MS, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1000, 's'],
] as const;

/** Where a moment is there: at every label, at every fraud, and at how many rows without a label. */
function presenceAt(moments: Float64Array, labels: Uint8Array) {
  let [labelGaps, fraudGaps, frauds, withoutLabel] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row++) {
    const isThere = !Number.isNaN(moments[row]!);
    const label = labels[row]!;
    if (label === 1) frauds++;
    if (label > 1) withoutLabel += Number(isThere);
    else if (!isThere) {
      labelGaps++;
      if (label === 1) fraudGaps++;
    }
  }
  return { atLabels: labelGaps === 0, atFrauds: frauds > 0 && fraudGaps === 0, withoutLabel };
}
