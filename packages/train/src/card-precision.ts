/**
 * Card precision at k, the Fraud Detection Handbook's operational metric (Le Borgne et al. 2022, chapter 4): if investigators check the k
 * most suspicious cards of each day, what share of the checks finds fraud?
 *
 * Per day (UTC): a card's score is the highest of its transactions, and the card is a fraud if any of its transactions that day is, even
 * if the top-scored one is genuine. The k highest cards are checked; precision is frauds found / k, also on days with fewer than k cards.
 * A card found out is dropped from all later days. The metric is the mean over the days that have transactions.
 *
 * Cards of equal score are taken in order of their entity code, so the order of the rows never matters.
 */
import { requireLabels } from './training-data.js';
import { requireScore } from './threshold-counts.js';
import { TrainError } from './train-error.js';

/** Scored transactions; row i of each array is one transaction. */
export interface ScoredTransactions {
  /** Higher is more suspicious. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** Which card or customer made the transaction; 0 or more. */
  readonly entityCodes: Int32Array;
  /** When, in epoch milliseconds UTC. */
  readonly times: Float64Array;
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

const DAY_MS = 86_400_000;

/**
 * Mean of {@link cardPrecisionByDay} over the days; see the module's comment.
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
 * Card precision of each day that has transactions, in order of time; see the module's comment.
 *
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 */
export function cardPrecisionByDay(transactions: ScoredTransactions & { readonly k?: number }): CardPrecisionDay[] {
  const { k = 100 } = transactions;
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new TrainError('INVALID_OPTION', `cardPrecision: k is ${k}, expected a whole number of 1 or more`, { details: { k } });
  }
  requireTransactions(transactions);
  const found = new Set<number>();
  const days = cardsByDay(transactions);
  return [...days.keys()]
    .toSorted((a, b) => a - b)
    .map((day) => {
      const cards = [...days.get(day)!.values()].filter((card) => !found.has(card.code));
      const checked = cards.toSorted((a, b) => b.score - a.score || a.code - b.code).slice(0, k);
      const hits = checked.filter((card) => card.fraud);
      for (const card of hits) found.add(card.code);
      const fraudCards = cards.filter((card) => card.fraud).length;
      return {
        dayMs: day * DAY_MS,
        precision: hits.length / k,
        ceiling: Math.min(k, fraudCards) / k,
        cards: cards.length,
        fraudCards,
      };
    });
}

interface CardDay {
  readonly code: number;
  score: number;
  fraud: boolean;
}

function cardsByDay({ scores, labels, entityCodes, times }: ScoredTransactions): Map<number, Map<number, CardDay>> {
  const days = new Map<number, Map<number, CardDay>>();
  for (let i = 0; i < scores.length; i++) {
    const day = Math.floor(times[i]! / DAY_MS);
    let cards = days.get(day);
    if (!cards) days.set(day, (cards = new Map()));
    const code = entityCodes[i]!;
    const card = cards.get(code);
    if (!card) {
      cards.set(code, { code, score: scores[i]!, fraud: labels[i] === 1 });
    } else {
      card.score = Math.max(card.score, scores[i]!);
      card.fraud ||= labels[i] === 1;
    }
  }
  return days;
}

function requireTransactions({ scores, labels, entityCodes, times }: ScoredTransactions): void {
  const rowCount = scores.length;
  if (rowCount === 0) throw new TrainError('EMPTY', 'cardPrecision: no rows, expected at least one');
  requireLabels('cardPrecision', labels, rowCount);
  if (entityCodes.length !== rowCount || times.length !== rowCount) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `cardPrecision: ${rowCount} scores, ${entityCodes.length} entityCodes, ${times.length} times; expected one of each a row`,
    );
  }
  for (let i = 0; i < rowCount; i++) {
    requireScore('cardPrecision', scores, i);
    if (!Number.isFinite(times[i]!) || entityCodes[i]! < 0) {
      throw new TrainError(
        'INVALID_VALUE',
        `cardPrecision: row ${i} has time ${times[i]} and entity code ${entityCodes[i]}, expected neither missing`,
        {
          details: { row: i },
        },
      );
    }
  }
}
