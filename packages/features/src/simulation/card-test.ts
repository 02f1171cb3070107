import type { Random } from '@fraudops/core';
import { type CardTesting, SCENARIO_NUMBERS } from './fraud-scenarios.js';
import type { PlannedPayments } from './planned-payments.js';
import { roundToCents } from './round-to-cents.js';
import type { SimulatedWorld } from './simulated-world.js';

/**
 * Plans one burst of card testing that begins on a day: a tiny payment on each of many cards at one merchant, then larger purchases
 * elsewhere on some of the cards, all by one fraudster.
 *
 * @param dayMs midnight of the day on which the burst begins
 */
export function planCardTest(
  options: Required<CardTesting>,
  customers: number,
  world: SimulatedWorld,
  dayMs: number,
  random: Random,
  planned: PlannedPayments,
): void {
  const fraudster = world.drawOnlineFraudster(random);
  const testedAt = world.drawFraudMerchant(fraudster, random);
  const beginMs = dayMs + random.integer(86_400) * 1000;
  const wholeSeconds = (durationMs: number) => Math.floor((random.next() * durationMs) / 1000) * 1000;
  const common = { device: fraudster.device, scenario: SCENARIO_NUMBERS.cardTesting };
  for (let card = 0; card < options.cards; card++) {
    const customer = random.integer(customers);
    const timeMs = beginMs + wholeSeconds(options.minutes * 60_000);
    const amount = roundToCents(random.between(options.smallestAmount, options.largestAmount));
    planned.add({ ...common, timeMs, customer, merchant: testedAt, amount });
    if (random.next() >= options.purchaseShare) continue;
    planned.add({
      ...common,
      timeMs: beginMs + options.minutes * 60_000 + wholeSeconds(options.purchaseHours * 3_600_000),
      customer,
      merchant: world.drawFraudMerchant(fraudster, random),
      amount: roundToCents(world.typicalAmount(customer) * options.amountFactor * random.between(0.5, 1.5)),
    });
  }
}
