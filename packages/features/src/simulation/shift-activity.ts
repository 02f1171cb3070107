/**
 * Changes of genuine customers' habits: they pay more often, and more of it at night.
 */
import { numberColumn, type Random, type Table, timeColumn } from '@fraudops/core';
import { roundToCents } from './round-to-cents.js';

/** What changes; see {@link shiftActivity}. */
export interface ActivityShift {
  /** Rows before this moment stay as they are. */
  readonly fromMs: number;
  /** How many times as often customers pay, at least 1. */
  readonly activityFactor: number;
  /** Share of the genuine rows that move to a night hour (0:00 to 6:59 UTC) of their day, 0 to 1. */
  readonly nightShare: number;
}

const DAY_MS = 86_400_000;
const NIGHT_SECONDS = 7 * 3600;

/**
 * The table with the changed habits, in order of time again. A customer who pays more often repeats payments of their own: at the same
 * terminal, within 12 hours of the first, at 0.8 to 1.2 times its amount, under a new id. No row leaves the table's span of time.
 *
 * @param table in order of time, with the handbook's columns
 */
export function shiftActivity(table: Table, shift: ActivityShift, random: Random): Table {
  const frauds = table.flag('TX_FRAUD');
  const times = table.time('TX_DATETIME');
  const isShifted = (row: number) => times[row]! >= shift.fromMs && frauds[row] !== 1;
  const repeated = repeatedRows(table.rowCount, isShifted, shift.activityFactor, random.fork('repeats'));
  const positions = Uint32Array.from({ length: table.rowCount + repeated.length }, (_, i) => {
    return i < table.rowCount ? i : repeated[i - table.rowCount]!;
  });
  const moments = drawMoments(times, positions, isShifted, shift, random.fork('moments'));
  const rows = table.take(positions);
  const isRepeat = (i: number) => i >= table.rowCount;
  const prices = random.fork('amounts');
  const amounts = rows
    .number('TX_AMOUNT')
    .map((amount, i) => (isRepeat(i) ? roundToCents(amount * prices.between(0.8, 1.2)) : amount));
  const firstId = table.number('TRANSACTION_ID').reduce((highest, id) => (id > highest ? id : highest), -1) + 1;
  const ids = rows.number('TRANSACTION_ID').map((id, i) => (isRepeat(i) ? firstId + i - table.rowCount : id));
  return rows
    .with('TRANSACTION_ID', numberColumn(ids))
    .with('TX_DATETIME', timeColumn(moments))
    .with('TX_AMOUNT', numberColumn(amounts))
    .sortByTime('TX_DATETIME');
}

/** Positions of genuine rows, each as often as it is repeated; on average `activityFactor - 1` times. */
function repeatedRows(rowCount: number, isShifted: (row: number) => boolean, activityFactor: number, random: Random): number[] {
  const repeated: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    if (!isShifted(row)) continue;
    for (let rest = activityFactor - 1; rest > 0; rest--) if (rest >= 1 || random.next() < rest) repeated.push(row);
  }
  return repeated;
}

function drawMoments(
  times: Float64Array,
  positions: Uint32Array,
  isShifted: (row: number) => boolean,
  { fromMs, nightShare }: ActivityShift,
  random: Random,
): Float64Array {
  const [firstMs, lastMs] = [Math.max(fromMs, times[0] ?? fromMs), times.at(-1) ?? fromMs];
  const moments = Float64Array.from(positions, (row) => times[row]!);
  for (let i = 0; i < positions.length; i++) {
    if (!isShifted(positions[i]!)) continue;
    let moment = moments[i]!;
    if (i >= times.length) moment += (random.integer(86_400) - 43_200) * 1000;
    if (nightShare > 0 && random.next() < nightShare) {
      moment = Math.floor(moment / DAY_MS) * DAY_MS + random.integer(NIGHT_SECONDS) * 1000;
    }
    if (moment >= firstMs && moment <= lastMs) moments[i] = moment;
  }
  return moments;
}
