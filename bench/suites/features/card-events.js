/**
 * Card payments for the windows case: as many as asked, a twentieth as many cards, over 90 days. How often a card is used falls with
 * its rank as rank^-0.71, so that of a million payments the hottest card has about 13,000. No two payments are at the same moment.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '@fraudops/core';

const RANK_EXPONENT = 0.71;
const PAYMENTS_PER_CARD = 20;
const START_MS = Date.UTC(2024, 0, 1);
const SPAN_MS = 90 * 86_400_000;

/** The windows of the case, in days. */
export const WINDOW_DAYS = [1, 7, 30];

/**
 * @typedef {object} CardEvents in order of time
 * @property {Float64Array} times epoch milliseconds
 * @property {Int32Array} cards 0 to cardCount - 1
 * @property {Int32Array} cents amounts
 * @property {number} cardCount
 * @property {number} hottest payments of the card that has most
 */

/**
 * @param {number} rows
 * @param {number} seed
 * @returns {CardEvents}
 */
export function cardEvents(rows, seed) {
  const random = seededRandom(seed);
  const cardCount = Math.max(1, Math.round(rows / PAYMENTS_PER_CARD));
  const times = Float64Array.from({ length: rows }, () => START_MS + Math.floor(random.between(0, SPAN_MS))).sort();
  for (let row = 1; row < rows; row++) times[row] = Math.max(times[row], times[row - 1] + 1);

  const upToRank = new Float64Array(cardCount);
  let total = 0;
  for (let rank = 0; rank < cardCount; rank++) upToRank[rank] = total += (rank + 1) ** -RANK_EXPONENT;
  // Ranks stand in random order among the card numbers.
  const cardOfRank = Int32Array.from({ length: cardCount }, (_, card) => card);
  random.shuffle(cardOfRank);

  const cards = Int32Array.from({ length: rows }, () => cardOfRank[firstAbove(upToRank, random.between(0, total))]);
  const cents = Int32Array.from({ length: rows }, () => 1 + Math.floor(random.exponential(5000)));
  const payments = new Int32Array(cardCount);
  for (const card of cards) payments[card]++;
  return { times, cards, cents, cardCount, hottest: payments.reduce((most, count) => Math.max(most, count), 0) };
}

/** Position of the first value above the given one, by bisection. */
function firstAbove(values, value) {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Writes the columns as bare arrays in the machine's byte order, which Node.js and numpy both read. */
export function writeCardEvents(folder, { times, cards, cents }) {
  writeFileSync(path.join(folder, 'times.f64'), times);
  writeFileSync(path.join(folder, 'cards.i32'), cards);
  writeFileSync(path.join(folder, 'cents.i32'), cents);
}
