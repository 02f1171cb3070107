/**
 * Checks of the options that gates are made with. They come when the gate is made, before any promotion: an option that is misspelt must not
 * become a bound that nothing fails.
 */
import { type OptionKinds, isPlainObject, optionProblem, showValue } from '@fraudops/core';
import { FIELD_LIMITS } from '../bounded-fields.js';
import { RegistryError } from '../registry-error.js';

/** What the options of all gates have. */
export interface NamedGateOptions {
  /** What the gate is called in the record of the promotion. Needed where two gates of one kind are asked in the same promotion. */
  readonly name?: string;
}

/** The range of an option. */
interface NumberRange {
  readonly low: number;
  readonly high: number;
  /** Whether it counts something. */
  readonly whole?: boolean;
}

/**
 * Throws unless the options are an object that holds nothing but options.
 *
 * @param functions names of options that must be functions
 * @throws {RegistryError} INVALID_ARGUMENT, with the nearest name
 */
export function requireGateOptions<Options>(
  gate: string,
  options: Options,
  kinds: OptionKinds<Options>,
  functions: readonly (keyof Options & string)[] = [],
): void {
  const problem = optionProblem(options, kinds);
  if (problem !== undefined) throw invalid(gate, problem);
  for (const name of functions) requireFunction(gate, name, options[name]);
}

/** The gate's name, given or usual. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireGateName(gate: string, options: NamedGateOptions, usual: string): string {
  const { name } = options;
  return name === undefined ? usual : requireLabel(gate, 'name', name);
}

/** A text of 1 to 250 characters. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireLabel(gate: string, option: string, value: unknown): string {
  if (typeof value !== 'string' || value.length === 0) {
    throw invalid(gate, `${option} is ${showValue(value)}, expected a text of at least one character`);
  }
  if (value.length <= FIELD_LIMITS.labelLength) return value;
  throw new RegistryError(
    'LIMIT_EXCEEDED',
    `${gate}: ${option} has ${value.length} characters, at most ${FIELD_LIMITS.labelLength} are allowed`,
  );
}

/** A number within its range; `usual` where it is left out. @throws {RegistryError} INVALID_ARGUMENT */
export function requireNumber(gate: string, option: string, value: unknown, range: NumberRange, usual?: number): number {
  if (value === undefined && usual !== undefined) return usual;
  const isNumber = typeof value === 'number' && Number.isFinite(value) && value >= range.low && value <= range.high;
  if (isNumber && (!range.whole || Number.isInteger(value))) return value;
  const kind = range.whole ? 'a whole number' : 'a number';
  const expected =
    range.high === Number.MAX_VALUE ? `${kind} of ${range.low} or more` : `${kind} from ${range.low} to ${range.high}`;
  throw invalid(gate, `${option} is ${showValue(value)}, expected ${range.low === -Number.MAX_VALUE ? kind : expected}`);
}

/** {@link requireNumber} where leaving out means that nothing is asked for. */
export function optionalNumber(gate: string, option: string, value: unknown, range: NumberRange): number | undefined {
  return value === undefined ? undefined : requireNumber(gate, option, value, range);
}

/** One of some texts; the first where it is left out. @throws {RegistryError} INVALID_ARGUMENT */
export function requireChoice<const Choice extends string>(
  gate: string,
  option: string,
  value: unknown,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (value === undefined) return choices[0];
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw invalid(gate, `${option} is ${showValue(value)}, expected one of ${choices.join(', ')}`);
}

/** @throws {RegistryError} INVALID_ARGUMENT unless it is a function */
export function requireFunction(gate: string, option: string, value: unknown): void {
  if (typeof value !== 'function') throw invalid(gate, `${option} is ${showValue(value)}, expected a function`);
}

/** A number or a text that seeds randomness; 0 where it is left out. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireSeed(gate: string, seed: unknown): number | string {
  if (seed === undefined) return 0;
  if (typeof seed === 'string') return requireLabel(gate, 'seed', seed);
  return requireNumber(gate, 'seed', seed, ANY_NUMBER);
}

/** @throws {RegistryError} INVALID_ARGUMENT unless it tells the time */
export function requireClock(gate: string, clock: unknown): void {
  if (isPlainObject(clock) && typeof clock['now'] === 'function') return;
  throw invalid(gate, `clock is ${showValue(clock)}, expected an object with a function now`);
}

/** An INVALID_ARGUMENT error of a gate's options. */
export function invalid(gate: string, problem: string): RegistryError {
  return new RegistryError('INVALID_ARGUMENT', `${gate}: ${problem}`);
}

/** Any finite number. */
export const ANY_NUMBER: NumberRange = { low: -Number.MAX_VALUE, high: Number.MAX_VALUE };
/** 0 or more. */
export const NOT_NEGATIVE: NumberRange = { low: 0, high: Number.MAX_VALUE };
/** From 0 to 1. */
export const SHARE: NumberRange = { low: 0, high: 1 };
/** A number of things, 1 or more. */
export const COUNT: NumberRange = { low: 1, high: Number.MAX_SAFE_INTEGER, whole: true };
/** How sure a gate is that its bound is kept, one-sided: 0.95 is wrong in at most 5 of 100 cases at the bound. */
export const CONFIDENCE: NumberRange = { low: 0.75, high: 0.9995 };
/** Where confidence is left out. */
export const USUAL_CONFIDENCE = 0.95;
