/**
 * Checks of arguments by their kind, for callers whose TypeScript did not look: JavaScript, spreads, parsed JSON. They come before all
 * checks of values, so that nothing fails further down with an error that names neither the argument nor the rule.
 */
import { type OptionKinds, isPlainObject, optionProblem, showValue } from '@fraudops/core';
import type { LinearModel } from './linear-model.js';
import type { Model } from './model.js';
import { ModelError } from './model-error.js';
import type { TreeModel } from './tree-model.js';

/**
 * Throws unless the options are an object that holds nothing but options, each of its kind. One that is undefined is left out.
 *
 * @param what the function, as messages call it
 * @param name what the object is called in messages; default `options`
 * @throws {ModelError} INVALID_OPTION, with the nearest name for one that is no option
 */
export function requireOptions<Options>(what: string, options: Options, kinds: OptionKinds<Options>, name?: string): void {
  const problem = optionProblem(options, kinds, name);
  if (problem !== undefined) throw new ModelError('INVALID_OPTION', `${what}: ${problem}`);
}

/** The number, or its default. @throws {ModelError} INVALID_OPTION unless it is a whole number from low to high */
export function requireCount(
  what: string,
  name: string,
  value: number | undefined,
  { low, high, default: byDefault }: { readonly low: number; readonly high: number; readonly default: number },
): number {
  const count = value === undefined ? byDefault : value;
  if (Number.isInteger(count) && count >= low && count <= high) return count;
  throw new ModelError(
    'INVALID_OPTION',
    `${what}: ${name} is ${showValue(value)}, expected a whole number from ${low} to ${high}`,
  );
}

/**
 * Throws unless the model is one of this package, whose parts can be read. They are not looked at one by one: whoever made the model did.
 *
 * @throws {ModelError} INVALID_MODEL
 */
export function requireOwnModel(what: string, model: Model): asserts model is LinearModel | TreeModel {
  if (isPlainObject(model) && hasParts(model)) return;
  throw new ModelError(
    'INVALID_MODEL',
    `${what}: model is ${showValue(model)}, expected what linearModel, treeModel or modelFromJson made`,
  );
}

function hasParts({ kind, featureNames, weights, missingValues, trees }: Record<string, unknown>): boolean {
  if (!Array.isArray(featureNames)) return false;
  if (kind === 'linear') return Array.isArray(weights) && Array.isArray(missingValues);
  return (
    kind === 'trees' &&
    Array.isArray(trees) &&
    trees.every((tree) => isPlainObject(tree) && tree['feature'] instanceof Int32Array)
  );
}

/** @throws {ModelError} INVALID_MODEL unless it has names and the method, of whatever make it is */
export function requireModel(what: string, model: Model, method: 'explain'): void {
  const value: unknown = model;
  if (typeof value === 'object' && value !== null && typeof model[method] === 'function' && Array.isArray(model.featureNames))
    return;
  throw new ModelError('INVALID_MODEL', `${what}: model is ${showValue(value)}, expected a model with the method ${method}`);
}
