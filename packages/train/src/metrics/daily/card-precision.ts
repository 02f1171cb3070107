/**
 * Card precision at k, the Fraud Detection Handbook's operational metric (Le Borgne et al. 2022, chapter 4): if investigators check the k
 * most suspicious cards of each day, what share of the checks finds fraud?
 *
 * Per day (UTC): a card's score is the highest of its transactions, and the card is a fraud if any of its transactions that day is, even
 * if the top-scored one is genuine. The k highest cards are checked; precision is frauds found / k, also on days with fewer than k cards.
 * A card found out is dropped from all later days. The metric is the mean over the days that have transactions.
 *
 * A transaction whose card is unknown (-1) is a card of its own. Cards of equal score are taken in order of their entity code, unknown ones
 * first and among them the genuine ones, so the order of the rows never matters.
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import { requireArray, requireRowsOptions } from '../../required-arguments.js';
import { requireOption } from '../../training-data.js';
import { requireScoredLabels } from '../scored-labels.js';
import { DAY_MS } from './precision-at-k-by-day.js';
import { TrainError } from '../../train-error.js';

/** Scored transactions; row i of each array is one transaction. */
export interface ScoredTransactions {
  /** Higher is more suspicious. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** Which card or customer made the transaction, 0 or more; -1 is unknown, and such a transaction is a card of its own. */
  readonly entityCodes: ArrayLike<number>;
  /** When, in epoch milliseconds UTC. */
  readonly times: ArrayLike<number>;
}

/** What one day of investigation would have found. */
export interface CardPrecisionDay {
  /** Start of the day, epoch milliseconds UTC. */
  readonly dayMs: number;
  /** Frauds among the k checked cards, over k. */
  readonly precision: number;
  /** The best that was possible: min(k, fraudCards) / k. */
  readonly ceiling: number;
  /** Cards with transactions that day, without those found out before. */
  readonly cards: number;
  /** Frauds among them. */
  readonly fraudCards: number;
}

/**
 * Card precision at k, the Fraud Detection Handbook's operational metric: if investigators check the k most suspicious cards of each day, the
 * share of checks that find fraud. The mean of {@link cardPrecisionByDay} over the days that have transactions.
 *
 * @param transactions scores, labels, cards and times, with `k`: cards checked a day, default 100
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example
 * cardPrecisionAtK({ scores: [0.9, 0.8, 0.1], labels: [1, 0, 1], entityCodes: Int32Array.of(0, 1, 2), times: new Float64Array(3), k: 2 }); // 0.5
 */
export function cardPrecisionAtK(transactions: ScoredTransactions & { readonly k?: number }): number {
  const days = cardPrecisionByDay(transactions);
  return days.reduce((sum, day) => sum + day.precision, 0) / days.length;
}

/**
 * Mean of the days' ceilings: the most that {@link cardPrecisionAtK} could have been with what this ranking left to find. Below 1 where
 * days have fewer than k fraud cards; report it beside the metric.
 *
 * @throws {TrainError} what {@link cardPrecisionAtK} throws
 * @example
 * cardPrecisionCeiling({ scores: [0.9, 0.8], labels: [1, 0], entityCodes: Int32Array.of(0, 1), times: new Float64Array(2), k: 2 }); // 0.5
 */
export function cardPrecisionCeiling(transactions: ScoredTransactions & { readonly k?: number }): number {
  const days = cardPrecisionByDay(transactions);
  return days.reduce((sum, day) => sum + day.ceiling, 0) / days.length;
}

/**
 * Card precision of each day (UTC) that has transactions, in order of time. A card's score is the highest of its transactions of the day, and
 * it is a fraud if any of them is. The k highest cards are checked; precision is frauds found / k, also on days with fewer than k cards. A
 * card found out is dropped from all later days. Cards of equal score are taken in order of their entity code.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example
 * cardPrecisionByDay({ scores: [0.9], labels: [1], entityCodes: Int32Array.of(0), times: new Float64Array(1), k: 1 })[0]!.precision; // 1
 */
export function cardPrecisionByDay(transactions: ScoredTransactions & { readonly k?: number }): CardPrecisionDay[] {
  requireRowsOptions('cardPrecision', transactions, TRANSACTIONS, 'transactions');
  const k = requireChecks(transactions.k);
  requireTransactions(transactions);
  return checkCards(cardDays(transactions), k);
}

const TRANSACTIONS: OptionKinds<ScoredTransactions & { readonly k?: number }> = {
  scores: 'checked',
  labels: 'checked',
  entityCodes: 'checked',
  times: 'checked',
  k: 'checked',
};

/** Cards checked a day, or the default. @throws {TrainError} INVALID_OPTION */
export function requireChecks(k: number | undefined): number {
  return requireOption('cardPrecision: k', k, { low: 1, high: Number.MAX_SAFE_INTEGER, default: 100, whole: true });
}

/** The cards of each day, most suspicious first, and a row of each day. One such list serves all resamples of a bootstrap. */
export interface CardDays {
  readonly days: readonly { readonly dayMs: number; readonly row: number; readonly cards: readonly CardDay[] }[];
  /** How many cards there are; `card` counts them from 0. */
  readonly cardCount: number;
  /** A row of each card. */
  readonly rowOfCard: readonly number[];
}

/** One card on one day. */
export interface CardDay {
  readonly card: number;
  readonly code: number;
  score: number;
  fraud: boolean;
}

const UNKNOWN_ENTITY = -1;

/** The cards of each day. The transactions are checked ones. */
export function cardDays({ scores, labels, entityCodes, times }: ScoredTransactions): CardDays {
  const days = new Map<number, { row: number; cards: Map<number, CardDay> }>();
  const cardOfCode = new Map<number, number>();
  const rowOfCard: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    const day = Math.floor(times[i]! / DAY_MS);
    let ofDay = days.get(day);
    if (!ofDay) days.set(day, (ofDay = { row: i, cards: new Map() }));
    const code = entityCodes[i]!;
    let card = cardOfCode.get(code);
    const known = card === undefined ? undefined : ofDay.cards.get(card);
    if (known) {
      known.score = Math.max(known.score, scores[i]!);
      known.fraud ||= labels[i] === 1;
      continue;
    }
    if (card === undefined) {
      card = rowOfCard.length;
      rowOfCard.push(i);
      if (code !== UNKNOWN_ENTITY) cardOfCode.set(code, card);
    }
    ofDay.cards.set(card, { card, code, score: scores[i]!, fraud: labels[i] === 1 });
  }
  const inOrder = [...days.entries()].toSorted(([a], [b]) => a - b);
  const bySuspicion = (a: CardDay, b: CardDay) =>
    Number(b.score > a.score) - Number(b.score < a.score) || a.code - b.code || Number(a.fraud) - Number(b.fraud);
  return {
    days: inOrder.map(([day, { row, cards }]) => ({
      dayMs: day * DAY_MS,
      row,
      cards: [...cards.values()].toSorted(bySuspicion),
    })),
    cardCount: rowOfCard.length,
    rowOfCard,
  };
}

/**
 * Checks k cards a day.
 *
 * @param weights how many copies of each card there are; default one. Of a card's copies as many are checked as are left of the day's k
 */
export function checkCards({ days, cardCount }: CardDays, k: number, weights?: ArrayLike<number>): CardPrecisionDay[] {
  const found = new Uint8Array(cardCount);
  return days.map(({ dayMs, cards }) => {
    const hits: number[] = [];
    let present = 0;
    let frauds = 0;
    let caught = 0;
    for (const { card, fraud } of cards) {
      const copies = weights === undefined ? 1 : weights[card]!;
      if (found[card] === 1 || copies === 0) continue;
      const left = k - present;
      present += copies;
      if (!fraud) continue;
      frauds += copies;
      if (left <= 0) continue;
      caught += Math.min(left, copies);
      hits.push(card);
    }
    for (const card of hits) found[card] = 1;
    return { dayMs, precision: caught / k, ceiling: Math.min(k, frauds) / k, cards: present, fraudCards: frauds };
  });
}

/** @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE */
export function requireTransactions({ scores, labels, entityCodes, times }: ScoredTransactions): void {
  requireScoredLabels('cardPrecision', scores, labels);
  requireArray('cardPrecision', 'entityCodes', entityCodes);
  requireArray('cardPrecision', 'times', times);
  const rowCount = scores.length;
  if (entityCodes.length !== rowCount || times.length !== rowCount) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `cardPrecision: ${rowCount} scores, ${entityCodes.length} entityCodes, ${times.length} times; expected one of each a row`,
    );
  }
  for (let i = 0; i < rowCount; i++) {
    if (!Number.isFinite(times[i]!) || !(Number.isFinite(entityCodes[i]!) && entityCodes[i]! >= UNKNOWN_ENTITY)) {
      throw new TrainError(
        'INVALID_VALUE',
        `cardPrecision: row ${i} has time ${showValue(times[i])} and entity code ${showValue(entityCodes[i])}, expected epoch milliseconds and a code of 0 or more, or -1 for unknown`,
        {
          details: { row: i },
        },
      );
    }
  }
}
