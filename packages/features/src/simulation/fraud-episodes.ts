import type { Random } from '@fraudops/core';
import { planAccountTakeover } from './account-takeover.js';
import { planCardTest } from './card-test.js';
import { drawEpisodeStarts, type EpisodicScenarioName } from './episode-starts.js';
import { type FraudScenarioName, type ScenarioRuns, SCENARIO_NUMBERS } from './fraud-scenarios.js';
import type { PlannedPayments } from './planned-payments.js';
import { roundToCents } from './round-to-cents.js';
import { fraudRateOn } from './scheduled-changes.js';
import type { DrawnPayment, SimulatedWorld } from './simulated-world.js';
import type { SimulationSettings } from './simulation-settings.js';

/**
 * The open episodes of the fraud scenarios: which terminals are compromised and which cards leaked, until which day, and the payments that
 * fraudsters will add. Days come in order; {@link judge} then says of each genuine payment of the day whether fraud takes it over.
 *
 * Each scenario has a generator of its own for what its episodes do and another for how many begin, so that none disturbs another.
 */
export class FraudEpisodes {
  readonly #settings: SimulationSettings;
  readonly #runs: ScenarioRuns;
  readonly #world: SimulatedWorld;
  readonly #planned: PlannedPayments;
  /** First day on which a terminal isn't compromised any more, and a card isn't abused any more. */
  readonly #compromisedUntil: Uint16Array;
  readonly #leakedUntil: Uint16Array;
  readonly #randoms: Readonly<Record<FraudScenarioName, Random>>;
  readonly #startRandoms: Readonly<Record<FraudScenarioName, Random>>;
  #day = 0;
  #largeAmount = Number.POSITIVE_INFINITY;

  constructor(settings: SimulationSettings, world: SimulatedWorld, planned: PlannedPayments, random: Random) {
    this.#settings = settings;
    this.#runs = settings.scenarios;
    this.#world = world;
    this.#planned = planned;
    this.#compromisedUntil = new Uint16Array(world.merchantCount);
    this.#leakedUntil = new Uint16Array(settings.customers);
    const names = Object.keys(SCENARIO_NUMBERS) as FraudScenarioName[];
    const perName = (make: (name: FraudScenarioName) => Random) => {
      return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<FraudScenarioName, Random>;
    };
    this.#randoms = perName((name) => random.fork(name));
    this.#startRandoms = perName((name) => random.fork(name).fork('starts'));
  }

  /** Begins the day's episodes and plans what they add. */
  beginDay(day: number): void {
    this.#day = day;
    const { largeAmounts, compromisedTerminals, leakedCards, cardTesting, accountTakeovers } = this.#runs;
    const { customers, terminals, startMs } = this.#settings;
    const dayMs = startMs + day * 86_400_000;
    const isLarge = largeAmounts !== undefined && day >= largeAmounts.fromDay && day < largeAmounts.untilDay;
    this.#largeAmount = isLarge ? largeAmounts.above : Number.POSITIVE_INFINITY;
    this.#begin('compromisedTerminals', (random) => {
      this.#compromisedUntil[random.integer(terminals)] = day + compromisedTerminals!.days;
    });
    this.#begin('leakedCards', (random) => {
      this.#leakedUntil[random.integer(customers)] = day + leakedCards!.days;
    });
    this.#begin('cardTesting', (random) => planCardTest(cardTesting!, customers, this.#world, dayMs, random, this.#planned));
    this.#begin('accountTakeovers', (random) => {
      planAccountTakeover(accountTakeovers!, customers, this.#world, dayMs, random, this.#planned);
    });
  }

  /** The scenario that takes over a customer's payment, 0 for none; a thief with a leaked card changes its amount. */
  judge(customer: number, payment: DrawnPayment): number {
    if (this.#leakedUntil[customer]! > this.#day) {
      const { share, amountFactor } = this.#runs.leakedCards!;
      if (this.#randoms.leakedCards.next() < share) {
        payment.amount = roundToCents(payment.amount * amountFactor);
        return SCENARIO_NUMBERS.leakedCards;
      }
    }
    if (this.#compromisedUntil[payment.merchant]! > this.#day) return SCENARIO_NUMBERS.compromisedTerminals;
    return payment.amount > this.#largeAmount ? SCENARIO_NUMBERS.largeAmounts : 0;
  }

  #begin(name: EpisodicScenarioName, episode: (random: Random) => void): void {
    const run = this.#runs[name];
    if (run === undefined || this.#day < run.fromDay || this.#day >= run.untilDay) return;
    const rate = run.perDay * fraudRateOn(this.#settings.changes, this.#day);
    const starts = drawEpisodeStarts(name, rate, this.#startRandoms[name]);
    for (let count = starts; count > 0; count--) episode(this.#randoms[name]);
  }
}
