/**
 * Where parameters are searched: a kind and bounds for each name. Samples depend on the seed, the trial's number and the parameter's name
 * alone, so another parameter in the space doesn't change the values of the others.
 */
import { type OptionKinds, type Random, seededRandom, showValue } from '@fraudops/core';
import { requireOptions } from '../required-arguments.js';
import { TrainError } from '../train-error.js';

/** Real numbers, uniform between both ends. */
export interface UniformRange {
  readonly kind: 'uniform';
  readonly low: number;
  readonly high: number;
}

/** Positive real numbers, uniform in their logarithm: 0.01 to 0.1 is as likely as 0.1 to 1. */
export interface LogUniformRange {
  readonly kind: 'log_uniform';
  readonly low: number;
  readonly high: number;
}

/** Whole numbers, both ends included; with `log` uniform in their logarithm, ends then being 1 or more. */
export interface IntegerRange {
  readonly kind: 'integer';
  readonly low: number;
  readonly high: number;
  readonly log?: boolean;
}

/** One of some values, each as likely. */
export interface Choice<Value extends ParameterValue = ParameterValue> {
  readonly kind: 'choice';
  readonly values: readonly Value[];
}

/** What a parameter can be. */
export type ParameterValue = number | string | boolean | null;

/** Parameters by name. */
export type SearchSpace = Readonly<Record<string, UniformRange | LogUniformRange | IntegerRange | Choice>>;

/** A sample of a space: numbers for ranges, one of the values for choices. */
export type SampledParameters<Space extends SearchSpace> = {
  readonly [Name in keyof Space]: Space[Name] extends Choice<infer Value> ? Value : number;
};

/** Real numbers from low to high. @example uniform(0.5, 1) */
export function uniform(low: number, high: number): UniformRange {
  return { kind: 'uniform', low, high };
}

/** Positive numbers from low to high, uniform in their logarithm. @example logUniform(0.01, 0.3) */
export function logUniform(low: number, high: number): LogUniformRange {
  return { kind: 'log_uniform', low, high };
}

const INTEGER_OPTIONS: OptionKinds<{ readonly log?: boolean }> = { log: 'flag' };

/** Whole numbers from low to high, both included. @example integer(2, 8) */
export function integer(low: number, high: number, options: { readonly log?: boolean } = {}): IntegerRange {
  requireOptions('integer', options, INTEGER_OPTIONS);
  return { kind: 'integer', low, high, ...options };
}

/** One of the values. @example choice('gini', 'entropy') */
export function choice<const Value extends ParameterValue>(...values: Value[]): Choice<Value> {
  return { kind: 'choice', values };
}

/** Most parameters of a space. */
const MAX_PARAMETERS = 100;

/** @throws {TrainError} INVALID_OPTION naming the parameter whose range is none */
export function requireSpace(space: SearchSpace): void {
  const names = Object.keys(space);
  if (names.length === 0 || names.length > MAX_PARAMETERS) {
    throw new TrainError('INVALID_OPTION', `tune: space has ${names.length} parameters, expected 1 to ${MAX_PARAMETERS}`);
  }
  for (const name of names) {
    const problem = name === '__proto__' ? NO_PROTO : problemOf(space[name]);
    if (problem) throw new TrainError('INVALID_OPTION', `tune: space.${name}: ${problem}`, { details: { name } });
  }
}

/** It would be lost where a journal is read back. */
const NO_PROTO = 'the name has a meaning of its own in JavaScript; choose another name';

const KINDS: readonly unknown[] = ['uniform', 'log_uniform', 'integer', 'choice'];

function problemOf(range: SearchSpace[string] | null | undefined): string | undefined {
  if (!range || !KINDS.includes(range.kind)) return `kind is ${showValue(range?.kind)}, expected one of ${KINDS.join(', ')}`;
  if (range.kind === 'choice') return choiceProblem(range.values);
  const { kind, low, high } = range;
  const ends = `from ${showValue(low)} to ${showValue(high)}`;
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) return `${ends}, expected finite ends in order`;
  if (high - low === Number.POSITIVE_INFINITY) return `${ends}, expected a width that is a finite number`;
  if (kind === 'integer' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) return `${ends}, expected whole numbers`;
  const least = kind === 'log_uniform' ? Number.MIN_VALUE : kind === 'integer' && range.log ? 1 : Number.NEGATIVE_INFINITY;
  return low >= least ? undefined : `${ends}, expected a low end above 0, since it is searched by logarithm`;
}

function choiceProblem(values: unknown): string | undefined {
  if (!Array.isArray(values) || values.length === 0) return 'no values, expected at least one';
  const allowed = (value: unknown) => value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  const bad = values.findIndex((value: unknown) => !allowed(value));
  if (bad === -1) return undefined;
  const found: unknown = values[bad];
  return `values[${bad}] is ${showValue(found)}, expected a finite number, a string, a boolean or null, which a journal can hold`;
}

/** The parameters of a trial. */
export function sampleParameters<Space extends SearchSpace>(
  space: Space,
  seed: number | string,
  trial: number,
): SampledParameters<Space> {
  const random = seededRandom(seed).fork(`trial ${trial}`);
  const sample = Object.entries(space).map(([name, range]) => [name, sampleOne(range, random.fork(name))] as const);
  return Object.fromEntries(sample) as SampledParameters<Space>;
}

function sampleOne(range: SearchSpace[string], random: Random): ParameterValue {
  if (range.kind === 'choice') return range.values[random.integer(range.values.length)]!;
  const { kind, low, high } = range;
  if (kind === 'uniform') return random.between(low, high);
  if (kind === 'log_uniform') return within(Math.exp(random.between(Math.log(low), Math.log(high))), low, high);
  // Half a unit beyond each end, so that the ends are as likely as the others.
  if (range.log) return within(Math.round(Math.exp(random.between(Math.log(low - 0.5), Math.log(high + 0.5)))), low, high);
  return within(low + Math.floor(random.next() * (high - low + 1)), low, high);
}

/** Logarithms and back may leave the range by their last bits. */
function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
