import { type Random, seededRandom, Table } from '@fraudops/core';
import { cardTestingBursts } from './card-testing-bursts.js';
import { FeatureError } from '../feature-error.js';
import { roundToCents } from './round-to-cents.js';
import { shiftActivity } from './shift-activity.js';

/** Options of {@link shiftTransactions}. */
export interface ShiftTransactionsOptions {
  /** Equal seeds give equal tables. */
  readonly seed: number | string;
  /** The shifts begin at this moment, in epoch milliseconds; earlier rows stay as they are. Default: with the first row. */
  readonly fromMs?: number;
  /** Genuine amounts are multiplied by this, more than 0 and at most 100, and rounded to cents. Default 1, no change. */
  readonly amountFactor?: number;
  /** Customers pay this many times as often, 1 to 10. Default 1, no change. */
  readonly activityFactor?: number;
  /** This share of the genuine transactions moves to the night, 0 to 1. Default 0. */
  readonly nightShare?: number;
  /** Fraudsters change tactics. Default: they don't. */
  readonly newTactic?: NewTactic;
}

/** How fraudsters change tactics; see {@link shiftTransactions}. */
export interface NewTactic {
  /** Rows of the new tactic that are added, as a share of the rows from `fromMs` on, 0 to 0.5. */
  readonly shareOfRows: number;
  /** Share of the frauds by older tactics that still happen, 0 to 1; the others are taken out. Default 1. */
  readonly shareOfOldFrauds?: number;
}

/**
 * Transactions of a world that changed, to rehearse drift and retraining: the same shifts on simulated and on real data with the
 * columns of {@link handbookTransactions}.
 *
 * **Amounts shift.** Genuine amounts are multiplied by `amountFactor`. Amounts and customers' average amounts drift, and a model that
 * learned "large is fraud" raises false alarms. Labels stay.
 *
 * **Habits shift.** Customers repeat payments of their own, within 12 hours and at about the same amount, so that they make
 * `activityFactor` times as many, and `nightShare` of their payments moves to a night hour (0:00 to 6:59 UTC) of its day. Counts of
 * transactions and the night share drift.
 *
 * **Fraudsters change tactics.** They test stolen cards by bots (TX_FRAUD_SCENARIO 4): in one night a burst of 10 to 20 small payments
 * (1.00 to 5.00), minutes apart, on one card, at terminals all over the map. Each burst hits another customer of the table, as long as
 * there are any. A model that was trained before misses them, since small amounts were genuine; one trained after can tell them by a
 * night with many transactions of small amounts. No column drifts much by them: they are few rows, and show in the model's results.
 *
 * The result is in order of time. Added rows have ids that count up from the highest one; those of the new tactic are missing in
 * columns that the handbook doesn't have. The last burst may be cut short to meet the share. Rows whose label is missing count as
 * genuine.
 *
 * @param table in any order; without times missing
 * @throws {FeatureError} INVALID_OPTION, or MISSING_COLUMN; TableError for a column of another kind
 * @example const today = shiftTransactions(yesterday, { seed: 7, amountFactor: 1.6, newTactic: { shareOfRows: 0.01 } });
 */
export function shiftTransactions(table: Table, options: ShiftTransactionsOptions): Table {
  const { seed, fromMs = Number.NEGATIVE_INFINITY, amountFactor = 1, activityFactor = 1, nightShare = 0, newTactic } = options;
  requireOption('amountFactor', amountFactor, amountFactor > 0 && amountFactor <= 100, 'more than 0 and at most 100');
  requireOption('activityFactor', activityFactor, activityFactor >= 1 && activityFactor <= 10, '1 to 10');
  requireOption('nightShare', nightShare, nightShare >= 0 && nightShare <= 1, '0 to 1');
  requireOption('fromMs', fromMs, !Number.isNaN(fromMs), 'epoch milliseconds');
  requireColumns(table);
  const random = seededRandom(seed);
  const sorted = table.sortByTime('TX_DATETIME');
  const amountsShifted = shiftAmounts(sorted, fromMs, amountFactor);
  const habitsShift = activityFactor > 1 || nightShare > 0;
  const habits = { fromMs, activityFactor, nightShare };
  const shifted = habitsShift ? shiftActivity(amountsShifted, habits, random.fork('habits')) : amountsShifted;
  return newTactic === undefined ? shifted : changeTactics(shifted, fromMs, newTactic, random);
}

function shiftAmounts(table: Table, fromMs: number, factor: number): Table {
  if (factor === 1) return table;
  const times = table.time('TX_DATETIME');
  const frauds = table.flag('TX_FRAUD');
  const values = table.number('TX_AMOUNT').map((amount, row) => {
    return times[row]! >= fromMs && frauds[row] !== 1 ? roundToCents(amount * factor) : amount;
  });
  return table.with('TX_AMOUNT', { kind: 'number', values });
}

function changeTactics(table: Table, fromMs: number, tactic: NewTactic, random: Random): Table {
  const { shareOfRows, shareOfOldFrauds = 1 } = tactic;
  requireOption('newTactic.shareOfRows', shareOfRows, shareOfRows >= 0 && shareOfRows <= 0.5, '0 to 0.5');
  requireOption('newTactic.shareOfOldFrauds', shareOfOldFrauds, shareOfOldFrauds >= 0 && shareOfOldFrauds <= 1, '0 to 1');
  const times = table.time('TX_DATETIME');
  const firstRow = times.findIndex((time) => time >= fromMs);
  const added = firstRow < 0 ? 0 : Math.round((table.rowCount - firstRow) * shareOfRows);
  if (added > 0) {
    const bursts = cardTestingBursts(table, Math.max(fromMs, times[0]!), added, random.fork('bursts'));
    return mergeByTime(dropOldFrauds(table, fromMs, shareOfOldFrauds, random.fork('old')), bursts);
  }
  return dropOldFrauds(table, fromMs, shareOfOldFrauds, random.fork('old'));
}

function dropOldFrauds(table: Table, fromMs: number, share: number, random: Random): Table {
  if (share === 1) return table;
  const times = table.time('TX_DATETIME');
  const frauds = table.flag('TX_FRAUD');
  return table.filter((row) => frauds[row] !== 1 || times[row]! < fromMs || random.next() < share);
}

/** Two tables in order of time as one; of rows with one time, the first table's come first. */
function mergeByTime(first: Table, second: Table): Table {
  const [firstTimes, secondTimes] = [first.time('TX_DATETIME'), second.time('TX_DATETIME')];
  const positions = new Uint32Array(first.rowCount + second.rowCount);
  let [i, j] = [0, 0];
  while (i + j < positions.length) {
    const takeFirst = j === second.rowCount || (i < first.rowCount && firstTimes[i]! <= secondTimes[j]!);
    positions[i + j] = takeFirst ? i : first.rowCount + j;
    if (takeFirst) i++;
    else j++;
  }
  return Table.concat([first, second]).take(positions);
}

const NEEDED_COLUMNS = ['TRANSACTION_ID', 'TX_DATETIME', 'CUSTOMER_ID', 'TERMINAL_ID', 'TX_AMOUNT', 'TX_FRAUD'];

function requireColumns(table: Table): void {
  const missing = NEEDED_COLUMNS.find((name) => !table.has(name));
  if (missing === undefined) return;
  const message = `shiftTransactions: no column ${missing}; the table has ${table.columnNames.join(', ')}, rename yours to the handbook's names`;
  throw new FeatureError('MISSING_COLUMN', message, { column: missing });
}

function requireOption(name: string, value: number, isFine: boolean, rule: string): void {
  if (isFine) return;
  const message = `shiftTransactions: ${name} is ${value}, expected ${rule}; set it within these limits`;
  throw new FeatureError('INVALID_OPTION', message, { option: name, value, rule });
}
