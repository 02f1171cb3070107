import { baseScenarios, type FraudScenarios, type ScenarioRuns } from './fraud-scenarios.js';
import { OptionRules } from './option-rules.js';
import {
  fraudRateOn,
  requireObject,
  requireScenarios,
  requireValidChanges,
  type ScheduledChange,
  scheduledScenarios,
} from './scheduled-changes.js';

/** Options of {@link simulateTransactions} and {@link streamTransactions}. */
export interface SimulateTransactionsOptions {
  /**
   * Number of transactions that customers make: 0 to 20,000,000, streamed 0 to 1,000,000,000. The payments that fraudsters add
   * (scenarios 4 and 5) come on top.
   */
  readonly rows: number;
  /** Equal seeds give equal tables. */
  readonly seed: number | string;
  /**
   * `handbook`: the columns of {@link handbookTransactions}. `payments`: those of {@link simulatedPayments}, with categories, places,
   * channels and devices. Default `handbook`.
   */
  readonly world?: 'handbook' | 'payments';
  /** Midnight UTC of the first day, in epoch milliseconds. Default 2018-04-01. */
  readonly startMs?: number;
  /** Days that the transactions are spread over, 1 to 3,660. Default 90. */
  readonly days?: number;
  /**
   * Number of customers, 1 to 1,000,000. Default: so many that each makes 1.92 transactions a day on average, as in the handbook's
   * data, but at most 200,000.
   */
  readonly customers?: number;
  /** Number of terminals, or merchants, 1 to 1,000,000. Default: two for each customer. */
  readonly terminals?: number;
  /**
   * World `handbook` only: a customer pays at terminals closer than this, on a map of 100 x 100. Default: so far that about 78 are in
   * reach.
   */
  readonly radius?: number;
  /** Which frauds happen. Default: the handbook's three; all five in the world `payments`. */
  readonly scenarios?: FraudScenarios;
  /** How the world changes over time, at most 100 changes. Default: it doesn't. */
  readonly changes?: readonly ScheduledChange[];
  /** World `payments` only: when labels become known. */
  readonly labelDelay?: LabelDelay;
}

/** How long after a payment it is known whether it was fraud. */
export interface LabelDelay {
  /** Mean delay in milliseconds, 0 to 366 days. Default 7 days. */
  readonly meanMs?: number;
  /** `exponential`: each row has its own delay, exponentially distributed, in whole seconds; `fixed`: all have the mean. Default `exponential`. */
  readonly distribution?: 'exponential' | 'fixed';
}

/** Options, complete and checked. */
export interface SimulationSettings {
  readonly rows: number;
  readonly seed: number | string;
  readonly world: 'handbook' | 'payments';
  readonly startMs: number;
  readonly days: number;
  readonly customers: number;
  readonly terminals: number;
  readonly radius: number;
  readonly scenarios: ScenarioRuns;
  readonly changes: readonly ScheduledChange[];
  readonly labelDelay: Required<LabelDelay>;
  /** For what the population refuses. */
  readonly rules: OptionRules;
}

const MAX_DAYS = 3_660;
const MAX_ENTITIES = 1_000_000;
const MAX_DEFAULT_CUSTOMERS = 200_000;
const DAY_MS = 86_400_000;
/** What a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8.64e15;
/** Longest history, with labels and episodes that reach beyond it: an exponential delay of seeded numbers is below 40 times its mean. */
const MAX_REACH_MS = (MAX_DAYS + 40 * 366 + 366) * DAY_MS;
const TRANSACTIONS_PER_CUSTOMER_DAY = 1.92;
/**
 * Payments of fraudsters are planned on the day on which their episode begins and held until they happen, less than 5 days after its
 * midnight. The limit is on a day's mean, since the number of episodes is random.
 */
const MAX_PLANNED_PER_DAY = 1_000_000;

/** Columns that a change may make miss values. */
const CHANGEABLE_FIELDS = {
  handbook: ['CUSTOMER_ID', 'TERMINAL_ID', 'TX_AMOUNT'],
  payments: [
    'CUSTOMER_ID',
    'MERCHANT_ID',
    'TX_AMOUNT',
    'MERCHANT_CATEGORY',
    'CHANNEL',
    'DEVICE_ID',
    'HOME_LATITUDE',
    'HOME_LONGITUDE',
    'MERCHANT_LATITUDE',
    'MERCHANT_LONGITUDE',
  ],
} as const;

/**
 * @param where the function that got the options, for messages
 * @throws {FeatureError} INVALID_OPTION
 */
export function completeSettings(where: string, options: SimulateTransactionsOptions, maxRows: number): SimulationSettings {
  const rules = new OptionRules(where);
  requireObject('options', options, rules);
  const { rows, seed, world = 'handbook', startMs = Date.UTC(2018, 3, 1), days = 90, changes = [], labelDelay = {} } = options;
  rules.integer('rows', rows, 0, maxRows);
  rules.integer('days', days, 1, MAX_DAYS);
  const isSeed = typeof seed === 'string' || Number.isFinite(seed);
  rules.require('seed', seed, isSeed, 'a finite number or a string', 'give one, such as 7');
  rules.require('world', world, world === 'handbook' || world === 'payments', 'handbook or payments', 'use one of these');
  const isMidnight = Number.isSafeInteger(startMs) && startMs % DAY_MS === 0;
  rules.require('startMs', startMs, isMidnight, 'a midnight UTC in epoch milliseconds', 'use for example Date.UTC(2018, 3, 1)');
  const isInDate = Math.abs(startMs) <= MAX_DATE_MS - MAX_REACH_MS;
  rules.require('startMs', startMs, isInDate, 'a time whose history a Date can hold', 'use for example Date.UTC(2018, 3, 1)');
  const usualCustomers = Math.round(rows / days / TRANSACTIONS_PER_CUSTOMER_DAY);
  const { customers = Math.min(Math.max(1, usualCustomers), MAX_DEFAULT_CUSTOMERS) } = options;
  rules.integer('customers', customers, 1, MAX_ENTITIES);
  const { terminals = Math.min(MAX_ENTITIES, 2 * customers) } = options;
  rules.integer('terminals', terminals, 1, MAX_ENTITIES);
  requireValidChanges(changes, { world, days, fields: CHANGEABLE_FIELDS[world] }, rules);
  const scale = { world, customers, terminals };
  if (options.scenarios !== undefined) requireScenarios('scenarios', options.scenarios, rules);
  const scenarios = scheduledScenarios(baseScenarios(world, options.scenarios ?? {}), changes, scale, rules);
  requireFewPlanned(scenarios, changes, days, rules);
  return {
    rows,
    seed,
    world,
    startMs,
    days,
    customers,
    terminals,
    radius: completeRadius(options, world, terminals, rules),
    scenarios,
    changes,
    labelDelay: completeLabelDelay(options, world, labelDelay, rules),
    rules,
  };
}

function completeRadius(options: SimulateTransactionsOptions, world: string, terminals: number, rules: OptionRules): number {
  // The book's radius of 5 among 10,000 terminals; among fewer it grows, so that as many terminals are in reach.
  const { radius = 5 * Math.sqrt(10_000 / terminals) } = options;
  const isTaken = options.radius === undefined || world === 'handbook';
  rules.require('radius', radius, isTaken, 'nothing in the world payments, where customers pay in their town', 'leave it out');
  rules.require('radius', radius, typeof radius === 'number', 'a number');
  rules.number('radius', radius, 0.01, 1000);
  return radius;
}

function completeLabelDelay(
  options: SimulateTransactionsOptions,
  world: string,
  labelDelay: LabelDelay,
  rules: OptionRules,
): Required<LabelDelay> {
  const isTaken = options.labelDelay === undefined || world === 'payments';
  rules.require('labelDelay', 'given', isTaken, 'nothing in the world handbook, which has no column for it', 'leave it out');
  requireObject('labelDelay', labelDelay, rules);
  const { meanMs = 7 * DAY_MS, distribution = 'exponential' } = labelDelay;
  rules.integer('labelDelay.meanMs', meanMs, 0, 366 * DAY_MS);
  const isKnown = distribution === 'exponential' || distribution === 'fixed';
  rules.require('labelDelay.distribution', distribution, isKnown, 'exponential or fixed', 'use one of these');
  return { meanMs, distribution };
}

function requireFewPlanned(
  { cardTesting, accountTakeovers }: ScenarioRuns,
  changes: readonly ScheduledChange[],
  days: number,
  rules: OptionRules,
): void {
  const tests = cardTesting ? cardTesting.perDay * cardTesting.cards * 2 : 0;
  const takeovers = accountTakeovers ? accountTakeovers.perDay * accountTakeovers.mostPayments : 0;
  const highestRate = Array.from({ length: days }, (_, day) => fraudRateOn(changes, day)).reduce((a, b) => Math.max(a, b), 1);
  const planned = Math.ceil((tests + takeovers) * highestRate);
  const rule = `at most ${MAX_PLANNED_PER_DAY} payments a day on average that fraudsters add`;
  rules.require(
    'scenarios',
    planned,
    planned <= MAX_PLANNED_PER_DAY,
    rule,
    'lower perDay, the sizes, or the factors of fraudRate',
  );
}
