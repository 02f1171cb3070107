import { type CategoryColumn, flagColumn, numberColumn, type Random, seededRandom, Table, timeColumn } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { addFrauds, type SimulatedHistory } from './fraud-scenarios.js';
import { roundToCents } from './round-to-cents.js';
import { drawCustomer, drawTerminal, simulatePopulation, type SimulatedPopulation } from './simulated-population.js';

/** Options of {@link simulateTransactions}. */
export interface SimulateTransactionsOptions {
  /** Number of transactions, 0 to 20,000,000. */
  readonly rows: number;
  /** Equal seeds give equal tables. */
  readonly seed: number | string;
  /** Midnight UTC of the first day, in epoch milliseconds. Default 2018-04-01. */
  readonly startMs?: number;
  /** Days that the transactions are spread over, 1 to 3,660. Default 90. */
  readonly days?: number;
  /**
   * Number of customers, 1 to 1,000,000. Default: so many that each makes 1.92 transactions a day on average, as in the handbook's
   * data, but at most 200,000.
   */
  readonly customers?: number;
  /** Number of terminals, 1 to 1,000,000. Default: two for each customer. */
  readonly terminals?: number;
  /** A customer pays at terminals closer than this, on a map of 100 x 100. Default: so far that about 78 are in reach. */
  readonly radius?: number;
}

/**
 * Card transactions with frauds, told by the story of the Fraud Detection Handbook (Le Borgne et al. 2022, chapter 3, "Transaction data
 * simulator"): columns of {@link handbookTransactions}, in order of time, TRANSACTION_ID counting from 0.
 *
 * Customers and terminals lie on a map, and a customer pays at terminals nearby. A customer makes U(0, 4) transactions a day on average,
 * at times N(noon, 20,000 s) within the day, with amounts N(m, m/2) where m is the customer's own U(5, 100); a negative amount is drawn
 * again from U(0, 2m). Amounts are rounded to cents. Then come three kinds of fraud, TX_FRAUD_SCENARIO 1 to 3: amounts above 220,
 * compromised terminals, and leaked cards. About 0.8 % of 100,000 transactions over 90 days are fraud, fewer when the history is short,
 * since episodes last up to 28 days and the first days see only their beginnings.
 *
 * The book draws Poisson numbers of transactions a day. Given their total, that is the same as drawing each transaction's customer and
 * time on its own, which is what happens here, so there are exactly `rows`.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example const table = simulateTransactions({ rows: 100_000, seed: 7 });
 */
export function simulateTransactions(options: SimulateTransactionsOptions): Table {
  const settings = completeOptions(options);
  const random = seededRandom(settings.seed);
  const population = simulatePopulation(settings.customers, settings.terminals, settings.radius, random.fork('population'));
  if (settings.rows > 0 && population.cumulativeRates.at(-1) === 0) {
    throw invalidOption(
      'radius',
      settings.radius,
      'a radius within which some customer finds a terminal',
      'raise it, or add terminals',
    );
  }
  const history = simulateGenuine(settings, population, random.fork('transactions'));
  addFrauds(history, random.fork('frauds'));
  return toTable(history);
}

type Settings = Required<SimulateTransactionsOptions>;

const MAX_ROWS = 20_000_000;
const MAX_DAYS = 3_660;
const MAX_ENTITIES = 1_000_000;
const MAX_DEFAULT_CUSTOMERS = 200_000;
const DAY_MS = 86_400_000;
const TRANSACTIONS_PER_CUSTOMER_DAY = 1.92;

function completeOptions(options: SimulateTransactionsOptions): Settings {
  const { rows, seed, startMs = Date.UTC(2018, 3, 1), days = 90 } = options;
  requireInteger('rows', rows, 0, MAX_ROWS);
  requireInteger('days', days, 1, MAX_DAYS);
  if (!(Number.isSafeInteger(startMs) && startMs % DAY_MS === 0)) {
    throw invalidOption('startMs', startMs, 'a midnight UTC in epoch milliseconds', 'use for example Date.UTC(2018, 3, 1)');
  }
  const usualCustomers = Math.round(rows / days / TRANSACTIONS_PER_CUSTOMER_DAY);
  const { customers = Math.min(Math.max(1, usualCustomers), MAX_DEFAULT_CUSTOMERS) } = options;
  requireInteger('customers', customers, 1, MAX_ENTITIES);
  const { terminals = Math.min(MAX_ENTITIES, 2 * customers) } = options;
  requireInteger('terminals', terminals, 1, MAX_ENTITIES);
  // The book's radius of 5 among 10,000 terminals; among fewer it grows, so that as many terminals are in reach.
  const { radius = 5 * Math.sqrt(10_000 / terminals) } = options;
  if (!(radius >= 0.01 && radius <= 1000))
    throw invalidOption('radius', radius, 'a number of 0.01 to 1,000', 'the map has sides of 100');
  return { rows, seed, startMs, days, customers, terminals, radius };
}

function simulateGenuine(settings: Settings, population: SimulatedPopulation, random: Random): SimulatedHistory {
  const { rows, startMs, days } = settings;
  const timing = random.fork('times');
  const times = Float64Array.from(
    { length: rows },
    () => startMs + timing.integer(days) * DAY_MS + secondOfDay(timing) * 1000,
  ).sort();
  const customers = new Int32Array(rows);
  const terminals = new Int32Array(rows);
  const amounts = new Float64Array(rows);
  const choices = random.fork('choices');
  for (let row = 0; row < rows; row++) {
    const customer = drawCustomer(population, choices);
    customers[row] = customer;
    terminals[row] = drawTerminal(population, customer, choices);
    amounts[row] = drawAmount(population.meanAmounts[customer]!, choices);
  }
  const [customerCount, terminalCount] = [settings.customers, settings.terminals];
  const [frauds, scenarios] = [new Uint8Array(rows), new Float64Array(rows)];
  return { startMs, days, customerCount, terminalCount, times, customers, terminals, amounts, frauds, scenarios };
}

/** Whole seconds after midnight, more than 0 and less than a day, around noon. */
function secondOfDay(random: Random): number {
  for (;;) {
    const second = Math.trunc(random.normal(43_200, 20_000));
    if (second > 0 && second < 86_400) return second;
  }
}

function drawAmount(mean: number, random: Random): number {
  const amount = random.normal(mean, mean / 2);
  return roundToCents(amount < 0 ? random.between(0, 2 * mean) : amount);
}

function toTable(history: SimulatedHistory): Table {
  return Table.fromColumns({
    TRANSACTION_ID: numberColumn(Float64Array.from(history.times, (_, row) => row)),
    TX_DATETIME: timeColumn(history.times),
    CUSTOMER_ID: numberedCategory(history.customers, history.customerCount),
    TERMINAL_ID: numberedCategory(history.terminals, history.terminalCount),
    TX_AMOUNT: numberColumn(history.amounts),
    TX_FRAUD: flagColumn(history.frauds),
    TX_FRAUD_SCENARIO: numberColumn(history.scenarios),
  });
}

/** A category whose codes are the names: `0`, `1`, ... */
function numberedCategory(codes: Int32Array, count: number): CategoryColumn {
  return { kind: 'category', codes, dictionary: Array.from({ length: count }, (_, code) => String(code)) };
}

function requireInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw invalidOption(name, value, `a whole number of ${minimum} to ${maximum}`, 'set it within these limits');
}

function invalidOption(name: string, value: unknown, rule: string, advice: string): FeatureError {
  const message = `simulateTransactions: ${name} is ${String(value)}, expected ${rule}; ${advice}`;
  return new FeatureError('INVALID_OPTION', message, { option: name, value, rule });
}
