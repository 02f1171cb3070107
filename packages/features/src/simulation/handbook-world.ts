import type { Column, Random } from '@fraudops/core';
import { AliasTable } from './alias-table.js';
import { nearbyPoints, randomPoints } from './nearby-points.js';
import { NewMerchants } from './new-merchants.js';
import type { PaymentBatch } from './payment-batch.js';
import { roundToCents } from './round-to-cents.js';
import { type DrawnPayment, type Fraudster, numberedCategory, numberNames, type SimulatedWorld } from './simulated-world.js';
import type { SimulationSettings } from './simulation-settings.js';

const MAX_REACHABLE = 20_000_000;
/** There are no towns and no devices: a fraudster pays anywhere. */
const ANYWHERE: Fraudster = { device: -1, town: 0 };

/**
 * Customers and terminals as the Fraud Detection Handbook makes them: both lie anywhere on a square map with sides of 100; a customer pays
 * at terminals within a radius, has a mean amount m of U(5, 100), and makes U(0, 4) transactions a day on average. Amounts are N(m, m/2);
 * a negative one is drawn again from U(0, 2m). A customer who reaches no terminal makes no transactions.
 */
export class HandbookWorld implements SimulatedWorld {
  readonly merchantCount: number;
  readonly hasPayments: boolean;
  readonly #terminals: number;
  readonly #meanAmounts: Float64Array;
  readonly #customersByRate: AliasTable;
  /** Customer `c` reaches the terminals `reachable` [reachableFrom[c], reachableFrom[c + 1]). */
  readonly #reachableFrom: Uint32Array;
  readonly #reachable: Uint32Array;
  readonly #newTerminals: NewMerchants;
  readonly #customerNames: readonly string[];
  readonly #terminalNames: readonly string[];

  /** @throws {FeatureError} INVALID_OPTION when the customers together reach more than 20,000,000 terminals */
  constructor(settings: SimulationSettings, random: Random) {
    const { customers, terminals } = settings;
    const habits = random.fork('habits');
    this.#meanAmounts = new Float64Array(customers);
    const rates = new Float64Array(customers);
    for (let customer = 0; customer < customers; customer++) {
      this.#meanAmounts[customer] = habits.between(5, 100);
      rates[customer] = habits.between(0, 4);
    }
    [this.#reachableFrom, this.#reachable] = terminalsInReach(settings, random);
    for (let customer = 0; customer < customers; customer++) {
      if (this.#reachableFrom[customer] === this.#reachableFrom[customer + 1]) rates[customer] = 0;
    }
    this.hasPayments = this.#reachable.length > 0;
    this.#customersByRate = new AliasTable(rates);
    this.#newTerminals = new NewMerchants(settings.changes, terminals, random.fork('new terminals'));
    this.#terminals = terminals;
    this.merchantCount = terminals + this.#newTerminals.count;
    this.#customerNames = numberNames(customers);
    this.#terminalNames = numberNames(this.merchantCount);
  }

  beginDay(day: number): void {
    this.#newTerminals.beginDay(day);
  }

  drawCustomer(random: Random): number {
    return this.#customersByRate.draw(random);
  }

  drawPayment(customer: number, random: Random, payment: DrawnPayment): void {
    const from = this.#reachableFrom[customer]!;
    const terminal = this.#reachable[from + Math.floor(random.next() * (this.#reachableFrom[customer + 1]! - from))]!;
    const newTerminal = this.#newTerminals.draw();
    const mean = this.#meanAmounts[customer]!;
    const amount = random.normal(mean, mean / 2);
    payment.merchant = newTerminal < 0 ? terminal : newTerminal;
    payment.amount = roundToCents(amount < 0 ? random.between(0, 2 * mean) : amount);
    payment.device = -1;
  }

  typicalAmount(customer: number): number {
    return this.#meanAmounts[customer]!;
  }

  drawOnlineFraudster(): Fraudster {
    return ANYWHERE;
  }

  drawDistantFraudster(): Fraudster {
    return ANYWHERE;
  }

  drawFraudMerchant(_: Fraudster, random: Random): number {
    return random.integer(this.#terminals);
  }

  columns(batch: PaymentBatch): Record<string, Column> {
    const { TRANSACTION_ID, TX_DATETIME, TX_AMOUNT, TX_FRAUD, TX_FRAUD_SCENARIO } = batch.commonColumns();
    const CUSTOMER_ID = numberedCategory(batch.customers, this.#customerNames);
    const TERMINAL_ID = numberedCategory(batch.merchants, this.#terminalNames);
    return { TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT, TX_FRAUD, TX_FRAUD_SCENARIO };
  }
}

function terminalsInReach(
  { customers, terminals, radius, rules }: SimulationSettings,
  random: Random,
): [Uint32Array, Uint32Array] {
  const customerMap = randomPoints(customers, random.fork('customer places'));
  const terminalMap = randomPoints(terminals, random.fork('terminal places'));
  const terminalsNear = nearbyPoints(terminalMap, radius);
  const reachableFrom = new Uint32Array(customers + 1);
  let reachable = new Uint32Array(1024);
  let count = 0;
  const add = (terminal: number): void => {
    if (count === reachable.length) {
      const grown = new Uint32Array(2 * count);
      grown.set(reachable);
      reachable = grown;
    }
    reachable[count++] = terminal;
  };
  for (let customer = 0; customer < customers; customer++) {
    terminalsNear(customerMap.x[customer]!, customerMap.y[customer]!, add);
    if (count > MAX_REACHABLE) {
      const rule = `a radius that gives the customers together at most ${MAX_REACHABLE} terminals in reach`;
      throw rules.broken('radius', radius, rule, 'lower radius, customers or terminals');
    }
    reachableFrom[customer + 1] = count;
  }
  return [reachableFrom, reachable.slice(0, count)];
}
