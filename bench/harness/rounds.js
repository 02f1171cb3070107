/**
 * Rounds in which the contestants take turns, so that a slow minute of the machine meets all of them. Each round begins with another
 * one. Figures are medians over the rounds; a ratio is the median of the rounds' ratios, which holds better than the times themselves.
 */

/**
 * @template {{ name: string }} C
 * @param {readonly C[]} contestants
 * @param {number} rounds
 * @param {(contestant: C) => Promise<number>} turn one measurement; returns seconds
 * @returns {Promise<Map<string, number[]>>} seconds by contestant's name, in order of rounds
 */
export async function takeTurns(contestants, rounds, turn) {
  const seconds = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contestants.length; place++) {
      const contestant = contestants[(round + place) % contestants.length];
      seconds.get(contestant.name).push(await turn(contestant));
    }
  }
  return seconds;
}

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Headings of {@link spread}. */
export const SPREAD_COLUMNS = ['median', 'min', 'max'];

/** @param {readonly number[]} values */
export const spread = (values) => [median(values), Math.min(...values), Math.max(...values)];

/**
 * How many times as long as the base the contestant took: median of the rounds' ratios.
 * @param {readonly number[]} seconds
 * @param {readonly number[]} baseSeconds of the same rounds
 */
export const ratio = (seconds, baseSeconds) => median(seconds.map((value, round) => value / baseSeconds[round]));
