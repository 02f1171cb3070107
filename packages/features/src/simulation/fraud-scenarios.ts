/**
 * The five ways in which simulated fraud happens, as options. The first three are those of the Fraud Detection Handbook and turn
 * customers' own payments into fraud; the other two add payments that fraudsters make.
 *
 * Episodes begin at the rate that `perDay` says. Those that fraudsters add come at random: their number a day is Poisson distributed, so
 * nobody can tell the next from the last. Of the handbook's, that many begin each day; a rate that isn't whole is rounded at random, so .5
 * gives one on about every other day. Where several scenarios claim one payment, the one of the highest number has it.
 */
import type { OptionRules } from './option-rules.js';

/** Which frauds happen. A scenario given as `{}` has its defaults, `false` turns it off. */
export interface FraudScenarios {
  /** TX_FRAUD_SCENARIO 1. On by default. */
  readonly largeAmounts?: LargeAmounts | false;
  /** TX_FRAUD_SCENARIO 2. On by default. */
  readonly compromisedTerminals?: CompromisedTerminals | false;
  /** TX_FRAUD_SCENARIO 3. On by default. */
  readonly leakedCards?: LeakedCards | false;
  /** TX_FRAUD_SCENARIO 4. On by default in the world `payments`, off in `handbook`. */
  readonly cardTesting?: CardTesting | false;
  /** TX_FRAUD_SCENARIO 5. On by default in the world `payments`, off in `handbook`. */
  readonly accountTakeovers?: AccountTakeovers | false;
}

/** Large payments are fraud: a plain pattern that any model must find. */
export interface LargeAmounts {
  /** Payments above this amount are fraud. Default 220 in the world `handbook`, 1,500 in `payments`. */
  readonly above?: number;
}

/** Everything paid at a compromised terminal is fraud. Only the terminal's recent history tells. */
export interface CompromisedTerminals {
  /** Terminals compromised a day. Default 2 for 10,000 terminals. */
  readonly perDay?: number;
  /** Days that it lasts. Default 28. */
  readonly days?: number;
}

/** Some payments with a leaked card are the thief's, and larger. Only the customer's usual amounts tell. */
export interface LeakedCards {
  /** Cards leaked a day. Default 3 for 5,000 customers. */
  readonly perDay?: number;
  /** Days that a card is abused. Default 14. */
  readonly days?: number;
  /** Each payment of the customer is fraud with this probability. Default 1/3. */
  readonly share?: number;
  /** The fraud's amount is so many times the payment's. Default 5. */
  readonly amountFactor?: number;
}

/**
 * A burst of tiny payments on many cards at one merchant shows which cards work (online, from one device, in the world `payments`); soon
 * larger purchases follow on some of them.
 */
export interface CardTesting {
  /** Mean number of bursts a day. Default 1 for 10,000 customers. */
  readonly perDay?: number;
  /** Cards tested in a burst. Default 30. */
  readonly cards?: number;
  /** A burst is over after so many minutes. Default 20. */
  readonly minutes?: number;
  /** The tested amounts lie between these. Default 0.50. */
  readonly smallestAmount?: number;
  /** Default 2.00. */
  readonly largestAmount?: number;
  /** Share of the cards on which a purchase follows. Default 0.3. */
  readonly purchaseShare?: number;
  /** Purchases follow within so many hours after the burst. Default 12. */
  readonly purchaseHours?: number;
  /** A purchase's amount is about so many times what the customer usually pays. Default 4. */
  readonly amountFactor?: number;
}

/**
 * Somebody else has the customer's account for some hours and buys several expensive things: online from a device that isn't the
 * customer's, or in another town (in the world `handbook`, at terminals anywhere on the map).
 */
export interface AccountTakeovers {
  /** Mean number of accounts taken over a day. Default 2 for 5,000 customers. */
  readonly perDay?: number;
  /** A takeover lasts so many hours. Default 6. */
  readonly hours?: number;
  /** Fewest payments of a takeover. Default 3. */
  readonly leastPayments?: number;
  /** Most payments of a takeover. Default 8. */
  readonly mostPayments?: number;
  /** A payment's amount is about so many times what the customer usually pays. Default 4. */
  readonly amountFactor?: number;
}

/** Name of a scenario. */
export type FraudScenarioName = keyof FraudScenarios;

/** Value of TX_FRAUD_SCENARIO by scenario; 0 is no fraud. */
export const SCENARIO_NUMBERS: Readonly<Record<FraudScenarioName, number>> = {
  largeAmounts: 1,
  compromisedTerminals: 2,
  leakedCards: 3,
  cardTesting: 4,
  accountTakeovers: 5,
};

/** A scenario's options, complete, and the days [fromDay, untilDay) on which its episodes begin. */
type ScenarioRun<Options> = Required<Options> & { readonly fromDay: number; readonly untilDay: number };

/** The scenarios that happen at some time. */
export type ScenarioRuns = { readonly [Name in FraudScenarioName]?: ScenarioRun<Exclude<Required<FraudScenarios>[Name], false>> };

/** What a scenario's defaults depend on. */
export interface ScenarioScale {
  readonly world: 'handbook' | 'payments';
  readonly customers: number;
  readonly terminals: number;
}

/** The scenarios that run from the first day on unless the options say otherwise. */
export function baseScenarios(world: ScenarioScale['world'], scenarios: FraudScenarios): FraudScenarios {
  const handbook: FraudScenarios = { largeAmounts: {}, compromisedTerminals: {}, leakedCards: {} };
  const all = world === 'handbook' ? handbook : { ...handbook, cardTesting: {}, accountTakeovers: {} };
  return { ...all, ...scenarios };
}

/**
 * Completes scenarios with their defaults.
 *
 * @param path where the scenarios come from, for messages: `scenarios` or `changes[2].scenarios`
 * @throws {FeatureError} INVALID_OPTION
 */
export function scenarioRuns(
  path: string,
  scenarios: FraudScenarios,
  span: { readonly fromDay: number; readonly untilDay: number },
  scale: ScenarioScale,
  rules: OptionRules,
): ScenarioRuns {
  const defaults = defaultScenarios(scale);
  const known = Object.keys(SCENARIO_NUMBERS).join(', ');
  const runs = Object.entries(scenarios).flatMap(([name, options]: [string, object | false | undefined]) => {
    rules.require(path, name, Object.hasOwn(SCENARIO_NUMBERS, name), `scenarios among ${known}`, 'use one of these names');
    if (options === false || options === undefined) return [];
    const usual = defaults[name as FraudScenarioName];
    const odd = Object.keys(options).find((option) => !Object.hasOwn(usual, option));
    rules.require(`${path}.${name}`, odd, odd === undefined, `options among ${Object.keys(usual).join(', ')}`, 'use these names');
    const run = { ...usual, ...options };
    requireValidOptions(`${path}.${name}`, run, rules);
    return [[name, { ...run, ...span }]];
  });
  return Object.fromEntries(runs) as ScenarioRuns;
}

function defaultScenarios({ world, customers, terminals }: ScenarioScale): Readonly<Record<FraudScenarioName, object>> {
  return {
    largeAmounts: { above: world === 'handbook' ? 220 : 1500 },
    compromisedTerminals: { perDay: (terminals * 2) / 10_000, days: 28 },
    leakedCards: { perDay: (customers * 3) / 5000, days: 14, share: 1 / 3, amountFactor: 5 },
    cardTesting: {
      perDay: customers / 10_000,
      cards: 30,
      minutes: 20,
      smallestAmount: 0.5,
      largestAmount: 2,
      purchaseShare: 0.3,
      purchaseHours: 12,
      amountFactor: 4,
    },
    accountTakeovers: { perDay: (customers * 2) / 5000, hours: 6, leastPayments: 3, mostPayments: 8, amountFactor: 4 },
  };
}

/** Smallest and largest value by option; the third member marks whole numbers. */
const LIMITS: Readonly<Record<string, readonly [minimum: number, maximum: number, kind?: 'whole']>> = {
  above: [0, 1_000_000_000],
  perDay: [0, 100_000],
  days: [1, 366, 'whole'],
  share: [0, 1],
  amountFactor: [0.01, 100],
  cards: [1, 1000, 'whole'],
  minutes: [1, 1440],
  smallestAmount: [0.01, 1000],
  largestAmount: [0.01, 1000],
  purchaseShare: [0, 1],
  purchaseHours: [0.01, 72],
  hours: [0.01, 72],
  leastPayments: [1, 100, 'whole'],
  mostPayments: [1, 100, 'whole'],
};

function requireValidOptions(path: string, options: Readonly<Record<string, unknown>>, rules: OptionRules): void {
  for (const [name, value] of Object.entries(options)) {
    const [minimum, maximum, kind] = LIMITS[name]!;
    rules[kind === 'whole' ? 'integer' : 'number'](`${path}.${name}`, value as number, minimum, maximum);
  }
  requireOrder(path, options, 'smallestAmount', 'largestAmount', rules);
  requireOrder(path, options, 'leastPayments', 'mostPayments', rules);
}

function requireOrder(
  path: string,
  options: Readonly<Record<string, unknown>>,
  low: string,
  high: string,
  rules: OptionRules,
): void {
  const [least, most] = [options[low] as number, options[high] as number];
  rules.require(`${path}.${high}`, most, !(most < least), `at least ${low}, which is ${least}`, 'raise it, or lower the other');
}
