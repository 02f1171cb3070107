/** A stream that is longer than a block of rows, with late transactions if asked for, and a set with one feature of every kind. */
import { seededRandom } from '@fraudops/core';
import { defineFeatures } from '../definitions/define-features.js';
import { field, ratio } from '../definitions/row-builders.js';
import { count, distinct, first, last, max, mean, min, rate, risk, share, std, sum } from '../definitions/window-builders.js';
import { type Payment, randomPayments } from './random-streams.fixture.js';

/** 9,000 transactions of 40 cards within 3,000 ms, of which the given share comes up to 20 ms late. */
export function longStream(lateShare: number): Payment[] {
  const random = seededRandom(4);
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random.next() * values.length)]!;
  const rows = Array.from({ length: 9_000 }, (_, id): Payment => {
    const atMs = Math.floor(id / 3);
    const lateMs = random.next() < lateShare ? Math.ceil(random.next() * 20) : 0;
    const fraud = random.next() < 0.2;
    return {
      id,
      at: new Date(atMs),
      seen: new Date(atMs + lateMs),
      card: `card ${Math.floor(40 * random.next() ** 2)}`,
      shop: pick(['x', 'y', 'z', null]),
      channel: pick(['web', 'pos', null]),
      amount: Math.floor(random.next() * 100_000) / 100,
      tip: pick([null, 0.05, 1.5]),
      weight: null,
      online: null,
      latitude: null,
      longitude: null,
      fraud,
      known: fraud ? new Date(atMs + Math.ceil(random.next() * 100)) : null,
    };
  });
  return rows.toSorted((a, b) => a.seen.getTime() - b.seen.getTime());
}

/** The transactions of {@link longStream}. */
export const longPayments = randomPayments({ arrival: true, knownAt: true });
/** A window of them. */
export const week = { per: 'card', windowMs: 150 } as const;
/** Features of all kinds. */
export const longFeatures = defineFeatures(longPayments, {
  AMOUNT: field('amount'),
  COUNT: count(week),
  SUM: sum('amount', week),
  STD: std('amount', { ...week, delayMs: 30 }),
  TIP: mean('tip', { ...week, own: 'excluded' }),
  LEAST: min('amount', { ...week, windowMs: 30, resolutionMs: 10 }),
  MOST: max('amount', { per: ['card', 'shop'], windowMs: 400 }),
  FIRST: first('amount', week),
  LAST: last('tip', week),
  SHOPS: distinct('shop', week),
  WEB: share('channel', { ...week, value: 'web' }),
  RISK: risk({ ...week, windowMs: 90 }),
  BURST: rate({ ...week, longWindowMs: 900 }),
  OVER_MEAN: ratio('AMOUNT', 'TIP'),
});
