import type { Random } from '@fraudops/core';
import type { FraudScenarioName } from './fraud-scenarios.js';

/** A scenario whose episodes begin day by day. */
export type EpisodicScenarioName = Exclude<FraudScenarioName, 'largeAmounts'>;

/**
 * Draws how many episodes of a scenario begin on a day.
 *
 * Fraudsters who test cards or take over accounts know nothing of each other: the number is Poisson distributed, so the times between
 * starts are exponential, and when the last one was says nothing about the next. For compromised terminals and leaked cards the handbook
 * has a fixed number a day. A rate that isn't whole, as in a small world, is rounded up with the probability of its fraction: .6 gives one
 * episode on a day with probability .6, else none.
 *
 * @param rate mean number a day, at least 0
 */
export function drawEpisodeStarts(name: EpisodicScenarioName, rate: number, random: Random): number {
  if (name === 'cardTesting' || name === 'accountTakeovers') return random.poisson(rate);
  return Math.floor(rate + random.next());
}
