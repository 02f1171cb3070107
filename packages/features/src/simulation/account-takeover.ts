import type { Random } from '@fraudops/core';
import { type AccountTakeovers, SCENARIO_NUMBERS } from './fraud-scenarios.js';
import type { PlannedPayments } from './planned-payments.js';
import { roundToCents } from './round-to-cents.js';
import type { SimulatedWorld } from './simulated-world.js';

/**
 * Plans one account takeover that begins on a day: several expensive payments of one customer within hours, by a fraudster who pays from
 * another device or in another town.
 *
 * @param dayMs midnight of the day on which the takeover begins
 */
export function planAccountTakeover(
  options: Required<AccountTakeovers>,
  customers: number,
  world: SimulatedWorld,
  dayMs: number,
  random: Random,
  planned: PlannedPayments,
): void {
  const customer = random.integer(customers);
  const fraudster = world.drawDistantFraudster(customer, random);
  const beginMs = dayMs + random.integer(86_400) * 1000;
  const payments = options.leastPayments + random.integer(options.mostPayments - options.leastPayments + 1);
  for (let payment = 0; payment < payments; payment++) {
    planned.add({
      timeMs: beginMs + Math.floor(random.next() * options.hours * 3600) * 1000,
      customer,
      merchant: world.drawFraudMerchant(fraudster, random),
      device: fraudster.device,
      amount: roundToCents(world.typicalAmount(customer) * options.amountFactor * random.between(0.5, 1.5)),
      scenario: SCENARIO_NUMBERS.accountTakeovers,
    });
  }
}
