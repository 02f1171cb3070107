/**
 * A new tactic of fraudsters: bots test stolen cards with bursts of small payments at night, one burst a card.
 */
import { type CategoryColumn, type Column, MISSING_CODE, MISSING_FLAG, type Random, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { roundToCents } from './round-to-cents.js';

/** TX_FRAUD_SCENARIO of the rows; the handbook's own scenarios are 1 to 3. */
const SCENARIO = 4;
const SMALLEST_BURST = 10;
const LARGEST_BURST = 20;
/** A burst begins before 5:00 and 20 payments take at most 80 minutes, so all of it lies in the night (hour <= 6). */
const LATEST_START_MS = 5 * 3_600_000;
const SHORTEST_PAUSE_S = 30;
const LONGEST_PAUSE_S = 240;
const DAY_MS = 86_400_000;

/**
 * Rows of the tactic with the columns of a table, in order of time. Bursts spread evenly over the nights, each on another customer of the
 * table as long as there are any.
 *
 * @param table in order of time, with the handbook's columns
 * @param fromMs no row is earlier
 * @param count how many rows to make, at least 1
 * @throws {FeatureError} INVALID_OPTION when the table ends before the first night, MISSING_VALUE when it names no customer or terminal
 */
export function cardTestingBursts(table: Table, fromMs: number, count: number, random: Random): Table {
  const nights = new Nights(fromMs, table.time('TX_DATETIME').at(-1)!);
  const cards = shuffledCodes(table, 'CUSTOMER_ID', random);
  const terminals = shuffledCodes(table, 'TERMINAL_ID', random);
  const payments: Payment[] = [];
  for (let burst = 0; payments.length < count; burst++) {
    const size = Math.min(SMALLEST_BURST + random.integer(LARGEST_BURST - SMALLEST_BURST + 1), count - payments.length);
    let timeMs = nights.drawStart((payments.length + random.next() * size) / count, random);
    for (let payment = 0; payment < size; payment++) {
      payments.push({
        timeMs: Math.min(timeMs, nights.lastMs),
        customer: cards[burst % cards.length]!,
        terminal: terminals[random.integer(terminals.length)]!,
        amount: roundToCents(random.between(1, 5)),
      });
      timeMs += (SHORTEST_PAUSE_S + random.integer(LONGEST_PAUSE_S - SHORTEST_PAUSE_S + 1)) * 1000;
    }
  }
  return paymentsTable(
    table,
    payments.toSorted((a, b) => a.timeMs - b.timeMs),
  );
}

interface Payment {
  readonly timeMs: number;
  /** Code in the table's dictionary, as is `terminal`. */
  readonly customer: number;
  readonly terminal: number;
  readonly amount: number;
}

/** The nights, UTC, in which a burst can begin. */
class Nights {
  readonly #fromMs: number;
  readonly lastMs: number;
  readonly #firstNight: number;
  readonly #count: number;

  constructor(fromMs: number, lastMs: number) {
    this.#fromMs = fromMs;
    this.lastMs = lastMs;
    this.#firstNight = Math.ceil((fromMs - LATEST_START_MS) / DAY_MS);
    this.#count = Math.floor(lastMs / DAY_MS) - this.#firstNight + 1;
    if (this.#count > 0) return;
    const [from, last] = [new Date(fromMs).toISOString(), new Date(lastMs).toISOString()];
    const message = `shiftTransactions: there is no night between ${from} and ${last}, in which the new tactic could begin; give a table that ends later`;
    throw new FeatureError('INVALID_OPTION', message, { fromMs, lastMs });
  }

  /** A whole second at which a burst begins, in the night at a position in [0, 1) of all nights. */
  drawStart(position: number, random: Random): number {
    const midnightMs = (this.#firstNight + Math.floor(position * this.#count)) * DAY_MS;
    const earliest = Math.max(midnightMs, this.#fromMs);
    const latest = Math.min(midnightMs + LATEST_START_MS, this.lastMs);
    return Math.ceil(random.between(earliest, latest) / 1000) * 1000;
  }
}

/** The codes that rows of a category have, in random order. */
function shuffledCodes(table: Table, name: string, random: Random): number[] {
  const codes = [...new Set(table.category(name).codes)].filter((code) => code !== MISSING_CODE).toSorted((a, b) => a - b);
  if (codes.length === 0) {
    const message = `shiftTransactions: no row has a ${name}, which the new tactic needs; give a table with values in it`;
    throw new FeatureError('MISSING_VALUE', message, { column: name });
  }
  random.shuffle(codes);
  return codes;
}

function paymentsTable(table: Table, payments: readonly Payment[]): Table {
  const firstId = table.number('TRANSACTION_ID').reduce((highest, id) => (id > highest ? id : highest), -1) + 1;
  const numbers = (value: (payment: Payment, i: number) => number): Column => ({
    kind: 'number',
    values: Float64Array.from(payments, value),
  });
  const codes = (name: string, value: (payment: Payment) => number): CategoryColumn => {
    return { kind: 'category', codes: Int32Array.from(payments, value), dictionary: table.category(name).dictionary };
  };
  const known: Readonly<Record<string, Column>> = {
    TRANSACTION_ID: numbers((_, i) => firstId + i),
    TX_DATETIME: { kind: 'time', values: Float64Array.from(payments, ({ timeMs }) => timeMs) },
    CUSTOMER_ID: codes('CUSTOMER_ID', ({ customer }) => customer),
    TERMINAL_ID: codes('TERMINAL_ID', ({ terminal }) => terminal),
    TX_AMOUNT: numbers(({ amount }) => amount),
    TX_FRAUD: { kind: 'flag', values: new Uint8Array(payments.length).fill(1) },
    TX_FRAUD_SCENARIO: numbers(() => SCENARIO),
  };
  const columns = Object.entries(table.toColumns()).map(([name, column]) => [
    name,
    known[name] ?? missingLike(column, payments.length),
  ]);
  return Table.fromColumns(Object.fromEntries(columns) as Record<string, Column>);
}

function missingLike(column: Column, length: number): Column {
  if (column.kind === 'category') return { ...column, codes: new Int32Array(length).fill(MISSING_CODE) };
  if (column.kind === 'flag') return { kind: 'flag', values: new Uint8Array(length).fill(MISSING_FLAG) };
  return { kind: column.kind, values: new Float64Array(length).fill(Number.NaN) };
}
