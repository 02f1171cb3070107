import { seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { drawEpisodeStarts, type EpisodicScenarioName } from './episode-starts.js';
import { mean, rowsOfScenario } from './simulated-rows.fixture.js';
import { simulateTransactions } from './simulate-transactions.js';

const DAY_MS = 86_400_000;
const DAYS = 100_000;

function startsOf(name: EpisodicScenarioName, rate: number): number[] {
  const random = seededRandom(`${name} ${rate}`);
  return Array.from({ length: DAYS }, () => drawEpisodeStarts(name, rate, random));
}

/** Largest distance between the values' distribution and the exponential one of this mean, times the root of their number. */
function kolmogorovDistance(values: readonly number[], expectedMean: number): number {
  const distances = values
    .toSorted((a, b) => a - b)
    .map((value, i) => {
      const expected = 1 - Math.exp(-value / expectedMean);
      return Math.max(expected - i / values.length, (i + 1) / values.length - expected);
    });
  return Math.max(...distances) * Math.sqrt(values.length);
}

describe('drawEpisodeStarts', () => {
  it.each([
    ['cardTesting', 0.2],
    ['cardTesting', 3],
    ['accountTakeovers', 0.7],
    ['accountTakeovers', 40],
  ] as const)('%s at %d a day: numbers are Poisson distributed (within 4 standard errors)', (name, rate) => {
    const starts = startsOf(name, rate);
    expect(Math.abs(mean(starts) - rate)).toBeLessThan(4 * Math.sqrt(rate / DAYS));
    // A Poisson variable's fourth central moment is rate + 3 rate².
    const variance = mean(starts.map((count) => (count - rate) ** 2));
    expect(Math.abs(variance - rate)).toBeLessThan(4 * Math.sqrt((rate + 2 * rate ** 2) / DAYS));
    const none = starts.filter((count) => count === 0).length / DAYS;
    expect(Math.abs(none - Math.exp(-rate))).toBeLessThan(4 * Math.sqrt(Math.exp(-rate) / DAYS));
  });

  it.each(['compromisedTerminals', 'leakedCards'] as const)(
    "%s: the book's number each day, and a fraction rounded at random",
    (name) => {
      expect(new Set(startsOf(name, 3))).toEqual(new Set([3]));
      expect(new Set(startsOf(name, 0))).toEqual(new Set([0]));
      const starts = startsOf(name, 2.6);
      expect(new Set(starts)).toEqual(new Set([2, 3]));
      const error = Math.sqrt((0.6 * 0.4) / DAYS);
      expect(Math.abs(mean(starts) - 2.6)).toBeLessThan(4 * error);
      // Days are independent: a day of 3 follows a day of 3 as often as any.
      const following = starts.filter((_, day) => day > 0 && starts[day - 1] === 3);
      expect(Math.abs(mean(following) - 2.6)).toBeLessThan((4 * error) / Math.sqrt(0.6));
    },
  );
});

describe('simulated episodes', () => {
  // One payment an episode, so the rows' times are the episodes' starts, to the minute.
  const single = {
    cardTesting: { perDay: 0.2, cards: 1, minutes: 1, purchaseShare: 0 },
    accountTakeovers: { perDay: 0.2, leastPayments: 1, mostPayments: 1, hours: 0.01 },
  } as const;
  const startMs = Date.UTC(2018, 3, 1);
  const days = 3660;

  it.each(['handbook', 'payments'] as const)('of scenarios 4 and 5 come without a rhythm (%s)', (world) => {
    const table = simulateTransactions({ rows: 1000, seed: 2, world, startMs, days, scenarios: single });
    for (const scenario of [4, 5]) {
      const times = rowsOfScenario(table, scenario).time('TX_DATETIME');
      expect(Math.abs(times.length - 0.2 * days)).toBeLessThan(4 * Math.sqrt(0.2 * days));
      const gaps = Array.from(times, (time, i) => (time - (times[i - 1] ?? startMs)) / DAY_MS);
      // Kolmogorov-Smirnov, p > .001; starts each 5 days on the dot, at a random time of the day, have above 10.
      expect(kolmogorovDistance(gaps, 5)).toBeLessThan(1.95);
    }
  });

  it('differ from seed to seed', () => {
    const startsFrom = (seed: number) => {
      const table = simulateTransactions({ rows: 100, seed, world: 'payments', days: 365, scenarios: single });
      return [...rowsOfScenario(table, 4).time('TX_DATETIME')].map((time) => Math.floor((time - startMs) / DAY_MS));
    };
    expect(startsFrom(1)).toEqual(startsFrom(1));
    expect(startsFrom(1)).not.toEqual(startsFrom(2));
  });
});
