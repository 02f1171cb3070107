/**
 * The three frauds of the Fraud Detection Handbook, laid over a history of genuine transactions in this order; a later one takes over
 * the row of an earlier one.
 *
 * 1. Every amount above 220: a plain pattern that any model must find.
 * 2. Compromised terminals, 2 a day of 10,000: everything paid there within 28 days is fraud. Only the terminal's recent history tells.
 * 3. Leaked card details, 3 customers a day of 5,000: within 14 days a third of their transactions has 5 times the amount and is fraud.
 *    Only the customer's usual amounts tell.
 *
 * The book begins a fixed number of episodes on each day. Here the population may be smaller, so the same rates give a number of episodes
 * for the whole history, which begin evenly over its days. A transaction's amount is multiplied at most once.
 */
import type { Random } from '@fraudops/core';
import { roundToCents } from './round-to-cents.js';
import { rowsByCode, type RowsByCode } from './rows-by-code.js';

/** A history in order of time; the scenarios change amounts and labels in place. */
export interface SimulatedHistory {
  readonly startMs: number;
  readonly days: number;
  readonly customerCount: number;
  readonly terminalCount: number;
  readonly times: Float64Array;
  readonly customers: Int32Array;
  readonly terminals: Int32Array;
  readonly amounts: Float64Array;
  /** 1 for fraud. */
  readonly frauds: Uint8Array;
  /** 0 for genuine, else the number of the scenario. */
  readonly scenarios: Float64Array;
}

/** Lays the scenarios over a history. */
export function addFrauds(history: SimulatedHistory, random: Random): void {
  addLargeAmounts(history);
  addCompromisedTerminals(history, random.fork('terminals'));
  addLeakedCards(history, random.fork('cards'));
}

const LARGE_AMOUNT = 220;
const COMPROMISED_TERMINALS_PER_DAY = 2 / 10_000;
const COMPROMISED_DAYS = 28;
const LEAKED_CARDS_PER_DAY = 3 / 5_000;
const LEAKED_DAYS = 14;
const LEAKED_AMOUNT_FACTOR = 5;
const DAY_MS = 86_400_000;

function addLargeAmounts(history: SimulatedHistory): void {
  history.amounts.forEach((amount, row) => {
    if (amount > LARGE_AMOUNT) markFraud(history, row, 1);
  });
}

function addCompromisedTerminals(history: SimulatedHistory, random: Random): void {
  const byTerminal = rowsByCode(history.terminals, history.terminalCount);
  const episodes = history.terminalCount * history.days * COMPROMISED_TERMINALS_PER_DAY;
  for (const fromMs of episodeStarts(history, episodes, random)) {
    const terminal = random.integer(history.terminalCount);
    for (const row of rowsBetween(history, byTerminal, terminal, fromMs, fromMs + COMPROMISED_DAYS * DAY_MS)) {
      markFraud(history, row, 2);
    }
  }
}

function addLeakedCards(history: SimulatedHistory, random: Random): void {
  const byCustomer = rowsByCode(history.customers, history.customerCount);
  const episodes = history.customerCount * history.days * LEAKED_CARDS_PER_DAY;
  for (const fromMs of episodeStarts(history, episodes, random)) {
    const customer = random.integer(history.customerCount);
    const rows = rowsBetween(history, byCustomer, customer, fromMs, fromMs + LEAKED_DAYS * DAY_MS);
    random.shuffle(rows);
    for (const row of rows.slice(0, Math.floor(rows.length / 3))) {
      if (history.scenarios[row] === 3) continue;
      history.amounts[row] = roundToCents(history.amounts[row]! * LEAKED_AMOUNT_FACTOR);
      markFraud(history, row, 3);
    }
  }
}

function markFraud(history: SimulatedHistory, row: number, scenario: number): void {
  history.frauds[row] = 1;
  history.scenarios[row] = scenario;
}

/** Midnights on which episodes begin: one in each of as many equal parts of the history as there are episodes. */
function episodeStarts({ startMs, days }: SimulatedHistory, episodes: number, random: Random): number[] {
  const count = Math.round(episodes);
  return Array.from({ length: count }, (_, part) => startMs + Math.floor(((part + random.next()) * days) / count) * DAY_MS);
}

function rowsBetween({ times }: SimulatedHistory, groups: RowsByCode, code: number, fromMs: number, untilMs: number): number[] {
  const rows: number[] = [];
  for (let i = groups.offsets[code]!; i < groups.offsets[code + 1]!; i++) {
    const row = groups.rows[i]!;
    if (times[row]! >= fromMs && times[row]! < untilMs) rows.push(row);
  }
  return rows;
}
