/**
 * Checks of arguments by their kind, for callers whose TypeScript did not look: JavaScript, spreads, parsed JSON. They come before all
 * checks of values, so that nothing fails further down with an error that names neither the argument nor the rule.
 */
import {
  type FeatureMatrix,
  type OptionKinds,
  isArrayLike,
  isPlainObject,
  optionProblem,
  rowsOptionProblem,
  showValue,
} from '@fraudops/core';
import type { Model } from '@fraudops/model';
import { TrainError } from './train-error.js';

/**
 * Throws unless the options are an object that holds nothing but options, each of its kind. One that is undefined is left out.
 *
 * @param what the function, as messages call it
 * @param name what the object is called in messages; default `options`
 * @throws {TrainError} INVALID_OPTION, with the nearest name for one that is no option
 */
export function requireOptions<Options>(what: string, options: Options, kinds: OptionKinds<Options>, name?: string): void {
  refuse('INVALID_OPTION', what, optionProblem(options, kinds, name));
}

/** As {@link requireOptions}, for rows that hold options beside: arrays and objects that it doesn't know may come with the rows. */
export function requireRowsOptions<Options>(what: string, rows: Options, kinds: OptionKinds<Options>, name?: string): void {
  refuse('INVALID_OPTION', what, rowsOptionProblem(rows, kinds, name));
}

function refuse(code: 'INVALID_OPTION' | 'INVALID_VALUE', what: string, problem: string | undefined): void {
  if (problem !== undefined) throw new TrainError(code, `${what}: ${problem}`);
}

/** @throws {TrainError} INVALID_VALUE unless it is an array or a typed array */
export function requireArray(what: string, name: string, value: unknown): void {
  if (!isArrayLike(value))
    refuse('INVALID_VALUE', what, `${name} is ${showValue(value)}, expected an array with one entry a row`);
}

/** @throws {TrainError} INVALID_VALUE unless it is an array of the type, which threads and kernels take as it is */
export function requireTypedArray(
  what: string,
  name: string,
  value: unknown,
  type: Uint8ArrayConstructor | Float64ArrayConstructor,
): void {
  if (value instanceof type) return;
  const advice = isArrayLike(value) ? `; pass ${type.name}.from(${name})` : '';
  refuse('INVALID_VALUE', what, `${name} is ${showValue(value)}, expected a ${type.name} with one entry a row${advice}`);
}

/** {@link requireArray} for each member that is given. */
export function requireArrays(what: string, arrays: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(arrays)) if (value !== undefined) requireArray(what, name, value);
}

/** @throws {TrainError} INVALID_VALUE unless it is an object with members by name */
export function requireObject(what: string, name: string, value: unknown, expected: string): void {
  if (!isPlainObject(value)) refuse('INVALID_VALUE', what, `${name} is ${showValue(value)}, expected ${expected}`);
}

/** @throws {TrainError} INVALID_VALUE unless it has the members of a matrix, of the right kinds; lengths and values are not looked at */
export function requireMatrixForm(what: string, matrix: FeatureMatrix, name = 'matrix'): void {
  requireObject(what, name, matrix, 'a FeatureMatrix; make one by featureMatrix or toFeatureMatrix');
  const { names, columns, rowCount } = matrix;
  const count: unknown = rowCount;
  const problem = !Array.isArray(names)
    ? `names is ${showValue(names)}, expected an array of names`
    : !Array.isArray(columns)
      ? `columns is ${showValue(columns)}, expected an array of Float32Arrays`
      : typeof count === 'number' && Number.isInteger(count) && count >= 0
        ? columnProblem(names, columns)
        : `rowCount is ${showValue(rowCount)}, expected a whole number of 0 or more`;
  refuse('INVALID_VALUE', what, problem && `${name}.${problem}`);
}

function columnProblem(names: readonly unknown[], columns: readonly unknown[]): string | undefined {
  const badName = names.findIndex((name) => typeof name !== 'string');
  if (badName >= 0) return `names[${badName}] is ${showValue(names[badName])}, expected a text`;
  const badColumn = columns.findIndex((column) => !(column instanceof Float32Array));
  return badColumn < 0 ? undefined : `columns[${badColumn}] is ${showValue(columns[badColumn])}, expected a Float32Array`;
}

/** @throws {TrainError} INVALID_VALUE unless it has the method that is needed of a model */
export function requireModel(what: string, model: Model, method: 'scoreBatch' | 'marginBatch'): void {
  const value: unknown = model;
  const isModel = typeof value === 'object' && value !== null && method in value && typeof model[method] === 'function';
  if (!isModel) refuse('INVALID_VALUE', what, `model is ${showValue(value)}, expected a model with the method ${method}`);
}

/** The seed, or 0. @throws {TrainError} INVALID_OPTION unless it is a finite number or a text */
export function requireSeed(what: string, seed: number | string | undefined): number | string {
  const isSeed = seed === undefined || typeof seed === 'string' || Number.isFinite(seed);
  if (!isSeed) refuse('INVALID_OPTION', what, `seed is ${showValue(seed)}, expected a finite number or a text`);
  return seed ?? 0;
}

/** The value. @throws {TrainError} INVALID_OPTION unless it is one of those allowed */
export function requireOneOf<Value extends string>(what: string, name: string, value: Value, allowed: readonly Value[]): Value {
  if (allowed.includes(value)) return value;
  throw new TrainError(
    'INVALID_OPTION',
    `${what}: ${name} is ${showValue(value)}, expected ${allowed.map(showValue).join(' or ')}`,
    {
      details: { name, value: showValue(value) },
    },
  );
}
