/**
 * Changes of the simulated world that begin on a given day, to rehearse drift. Nothing before that day changes: the rows up to it are
 * the same with and without the change.
 */
import {
  type FraudScenarioName,
  type FraudScenarios,
  type ScenarioRuns,
  type ScenarioScale,
  scenarioRuns,
} from './fraud-scenarios.js';
import { MERCHANT_CATEGORIES, type MerchantCategory } from './merchant-categories.js';
import type { OptionRules } from './option-rules.js';

/** One change of the simulated world. */
export type ScheduledChange = AmountsChange | MerchantMixChange | NewFraudChange | FraudRateChange | MissingValuesChange;

/** When a change happens. Days count from 0, the first of the history. */
export interface ChangeSpan {
  /** First day of the change, from 0. */
  readonly fromDay: number;
  /** First day without it. Default: it lasts to the end. */
  readonly untilDay?: number;
}

/** Genuine amounts are multiplied and rounded to cents. Frauds keep theirs, and nothing becomes or stops being fraud by it. */
export interface AmountsChange extends ChangeSpan {
  readonly type: 'amounts';
  /** More than 0 and at most 100. */
  readonly factor: number;
}

/** Customers pay elsewhere. */
export interface MerchantMixChange extends ChangeSpan {
  readonly type: 'merchantMix';
  /** A category's share of the payments is multiplied by this, 0 to 100, before shares add up to 1 again. World `payments` only. */
  readonly categoryFactors?: Readonly<Partial<Record<MerchantCategory, number>>>;
  /**
   * Merchants that didn't exist before take a share of the genuine payments: online shops in the world `payments`, terminals in reach
   * of everybody in `handbook`. Their codes follow those of the others.
   */
  readonly newMerchants?: {
    /** How many, 1 to 100,000. */
    readonly count: number;
    /** 0 to 1. */
    readonly share: number;
  };
}

/** Scenarios of fraud that haven't happened before begin; no episode begins from `untilDay` on. */
export interface NewFraudChange extends ChangeSpan {
  readonly type: 'newFraud';
  /** Each must be off in the options' `scenarios`, such as `{ cardTesting: false }`. */
  readonly scenarios: FraudScenarios;
}

/**
 * Episodes of the scenarios 2 to 5 begin `factor` times as often. With `untilDay` the factor grows evenly from 1, reaches its value on
 * that day, and stays.
 */
export interface FraudRateChange extends ChangeSpan {
  readonly type: 'fraudRate';
  /** 0 to 100. */
  readonly factor: number;
}

/** A field is missing in some rows, genuine or not, as when a feed breaks. */
export interface MissingValuesChange extends ChangeSpan {
  readonly type: 'missingValues';
  /** Any column but the id, the time and those about the label. */
  readonly field: string;
  /** Share of the rows, 0 to 1. */
  readonly share: number;
}

/** Most changes of a history. */
const MAX_CHANGES = 100;
/** Most days that a change may reach beyond the history: a ramp can be cut off by its end. */
const MAX_DAY = 100_000;
const MAX_NEW_MERCHANTS = 100_000;
const MAX_FACTOR = 100;
const CHANGE_TYPES: readonly string[] = ['amounts', 'merchantMix', 'newFraud', 'fraudRate', 'missingValues'];

/** What a schedule is checked against. */
export interface ScheduleLimits {
  readonly world: 'handbook' | 'payments';
  readonly days: number;
  /** Columns that may have missing values. */
  readonly fields: readonly string[];
}

/**
 * @throws {FeatureError} INVALID_OPTION naming the change by its place, such as `changes[0].factor`
 */
export function requireValidChanges(changes: readonly ScheduledChange[], limits: ScheduleLimits, rules: OptionRules): void {
  rules.require('changes', changes, Array.isArray(changes), 'a list of changes', 'put them into one');
  rules.require('changes', changes.length, changes.length <= MAX_CHANGES, `at most ${MAX_CHANGES} changes`, 'leave some out');
  for (const [i, change] of changes.entries()) requireValidChange(`changes[${i}]`, change, limits, rules);
}

function requireValidChange(path: string, change: ScheduledChange, limits: ScheduleLimits, rules: OptionRules): void {
  requireObject(path, change, rules);
  const { type, fromDay, untilDay } = change;
  rules.require(`${path}.type`, type, CHANGE_TYPES.includes(type), CHANGE_TYPES.join(', '), 'use one of these');
  rules.integer(`${path}.fromDay`, fromDay, 0, limits.days - 1);
  if (untilDay !== undefined) rules.integer(`${path}.untilDay`, untilDay, fromDay + 1, MAX_DAY);
  if (change.type === 'amounts') {
    const isFine = typeof change.factor === 'number' && change.factor > 0 && change.factor <= MAX_FACTOR;
    rules.require(`${path}.factor`, change.factor, isFine, `more than 0 and at most ${MAX_FACTOR}`);
  }
  if (change.type === 'fraudRate') requireNumber(`${path}.factor`, change.factor, 0, MAX_FACTOR, rules);
  if (change.type === 'newFraud') requireScenarios(`${path}.scenarios`, change.scenarios, rules);
  if (change.type === 'merchantMix') requireValidMix(path, change, limits, rules);
  if (change.type === 'missingValues') {
    const { field, share } = change;
    rules.require(
      `${path}.field`,
      field,
      limits.fields.includes(field),
      `one of ${limits.fields.join(', ')}`,
      'name one of these',
    );
    requireNumber(`${path}.share`, share, 0, 1, rules);
  }
}

function requireValidMix(path: string, change: MerchantMixChange, { world }: ScheduleLimits, rules: OptionRules): void {
  const { categoryFactors, newMerchants } = change;
  if (categoryFactors !== undefined) requireObject(`${path}.categoryFactors`, categoryFactors, rules);
  const names = MERCHANT_CATEGORIES.map(({ name }) => name);
  for (const [name, factor] of Object.entries(categoryFactors ?? {})) {
    const categories = world === 'payments' ? names.join(', ') : 'none, as the world handbook has no categories';
    const isKnown = world === 'payments' && names.some((known) => known === name);
    rules.require(`${path}.categoryFactors`, name, isKnown, categories, 'name categories of the world payments');
    requireNumber(`${path}.categoryFactors.${name}`, factor, 0, MAX_FACTOR, rules);
  }
  if (categoryFactors !== undefined) {
    const keepsSome = MERCHANT_CATEGORIES.some(({ name }) => (categoryFactors[name] ?? 1) > 0);
    rules.require(`${path}.categoryFactors`, 'all 0', keepsSome, 'some factor above 0', 'leave customers a category');
  }
  if (newMerchants === undefined) return;
  requireObject(`${path}.newMerchants`, newMerchants, rules);
  rules.integer(`${path}.newMerchants.count`, newMerchants.count, 1, MAX_NEW_MERCHANTS);
  requireNumber(`${path}.newMerchants.share`, newMerchants.share, 0, 1, rules);
}

/** Scenarios by name, each with options or false. @throws {FeatureError} INVALID_OPTION */
export function requireScenarios(path: string, scenarios: unknown, rules: OptionRules): void {
  requireObject(path, scenarios, rules);
  for (const [name, scenario] of Object.entries(scenarios as object)) {
    if (scenario === false || scenario === undefined) continue;
    requireObject(`${path}.${name}`, scenario, rules);
    for (const [option, value] of Object.entries(scenario as object))
      rules.require(`${path}.${name}.${option}`, value, typeof value === 'number', 'a number');
  }
}

/** @throws {FeatureError} INVALID_OPTION unless the value is an object and no list */
export function requireObject(path: string, value: unknown, rules: OptionRules): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  rules.require(path, value, isObject, 'an object with its options', 'leave it out, or give one');
}

/** A comparison would take '2' for a number. */
function requireNumber(path: string, value: unknown, minimum: number, maximum: number, rules: OptionRules): void {
  rules.require(path, value, typeof value === 'number' || value === undefined, 'a number');
  rules.number(path, value as number, minimum, maximum);
}

/** Whether a change is on during a day. */
export function isActive({ fromDay, untilDay = Number.POSITIVE_INFINITY }: ChangeSpan, day: number): boolean {
  return day >= fromDay && day < untilDay;
}

/** What genuine amounts are multiplied by on a day. */
export function amountFactorOn(changes: readonly ScheduledChange[], day: number): number {
  let product = 1;
  for (const change of changes) if (change.type === 'amounts' && isActive(change, day)) product *= change.factor;
  return product;
}

/** What the rates of fraud are multiplied by on a day. */
export function fraudRateOn(changes: readonly ScheduledChange[], day: number): number {
  let product = 1;
  for (const change of changes) {
    if (change.type !== 'fraudRate' || day < change.fromDay) continue;
    const { fromDay, untilDay = fromDay, factor } = change;
    product *= day >= untilDay ? factor : 1 + ((factor - 1) * (day - fromDay)) / (untilDay - fromDay);
  }
  return product;
}

/** The categories' shares of the payments on a day, in the order of {@link MERCHANT_CATEGORIES}; they need not add up to 1. */
export function categorySharesOn(changes: readonly ScheduledChange[], day: number): Float64Array {
  return Float64Array.from(MERCHANT_CATEGORIES, ({ name, share }) => {
    let product = share;
    for (const change of changes) {
      if (change.type === 'merchantMix' && isActive(change, day)) product *= change.categoryFactors?.[name] ?? 1;
    }
    return product;
  });
}

/**
 * The scenarios of the options together with those that changes begin.
 *
 * @throws {FeatureError} INVALID_OPTION, also when a scenario begins twice
 */
export function scheduledScenarios(
  base: FraudScenarios,
  changes: readonly ScheduledChange[],
  scale: ScenarioScale,
  rules: OptionRules,
): ScenarioRuns {
  let runs = scenarioRuns('scenarios', base, { fromDay: 0, untilDay: Number.POSITIVE_INFINITY }, scale, rules);
  changes.forEach((change, i) => {
    if (change.type !== 'newFraud') return;
    const path = `changes[${i}].scenarios`;
    const { fromDay, untilDay = Number.POSITIVE_INFINITY } = change;
    const begun = scenarioRuns(path, change.scenarios, { fromDay, untilDay }, scale, rules);
    const names = Object.keys(begun) as FraudScenarioName[];
    rules.require(path, 'empty', names.length > 0, 'at least one scenario that begins', 'name it, such as { cardTesting: {} }');
    for (const name of names) {
      const advice = `set scenarios.${name} to false, or let it begin in one change only`;
      rules.require(path, name, runs[name] === undefined, 'scenarios that nothing else begins', advice);
    }
    runs = { ...runs, ...begun };
  });
  return runs;
}
