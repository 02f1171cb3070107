/** What an XGBoost model adds up before its first tree. The file holds it as the model puts it out, mostly as a probability. */
import { ModelError } from '../model-error.js';
import { parseDecimal } from './decimal-number.js';
import { describeValue, type ForeignObject } from './foreign-object.js';
import { unsupported } from './imported-model.js';

/** Objectives that score two classes by log-odds, and whether base_score is a probability. */
const OBJECTIVES: ReadonlyMap<string, { readonly baseIsProbability: boolean }> = new Map([
  ['binary:logistic', { baseIsProbability: true }],
  ['reg:logistic', { baseIsProbability: true }],
  ['binary:logitraw', { baseIsProbability: false }],
]);

/** The name of the objective. @throws {ModelError} UNSUPPORTED_MODEL unless it scores two classes by log-odds */
export function requireXgboostObjective(learner: ForeignObject): string {
  const name = learner.object('objective').text('name');
  if (OBJECTIVES.has(name)) return name;
  throw unsupported('fromXgboost', `the objective ${describeValue(name)}, expected ${[...OBJECTIVES.keys()].join(', ')}`);
}

/**
 * The base margin, computed in float32 as XGBoost does.
 *
 * @throws {ModelError} INVALID_MODEL unless base_score is one number that has a margin, UNSUPPORTED_MODEL for several numbers
 */
export function xgboostBaseMargin(parameters: ForeignObject, objective: string, version: readonly number[]): number {
  const base = readBaseScore(parameters);
  if (!OBJECTIVES.get(objective)!.baseIsProbability) return base;
  // From release 3 on XGBoost keeps away from 0 and 1.
  const probability = version[0]! >= 3 ? clampProbability(base) : base;
  if (!(probability > 0 && probability < 1)) {
    throw new ModelError('INVALID_MODEL', `fromXgboost: base_score is ${base}, expected a probability between 0 and 1`, {
      details: { base },
    });
  }
  return xgboostLogit(probability);
}

/** The log-odds of a probability, to the bit as XGBoost's -logf(1 / p - 1). */
export function xgboostLogit(probability: number): number {
  return -Math.fround(Math.log(Math.fround(Math.fround(1 / probability) - 1)));
}

/** The nearest probability that XGBoost 3 takes the log-odds of. */
export function clampProbability(probability: number): number {
  const smallest = Math.fround(1e-6);
  return Math.min(Math.fround(1 - smallest), Math.max(smallest, probability));
}

/** A float32; the text is a number, from release 3.1 on an array of one number an output. */
function readBaseScore(parameters: ForeignObject): number {
  const value = parameters.get('base_score');
  const inner = typeof value === 'string' ? /^\s*\[(.*)\]\s*$/.exec(value)?.[1] : undefined;
  const text = inner ?? value;
  if (typeof text === 'string' && text.includes(',')) {
    throw unsupported('fromXgboost', `base_score is ${describeValue(value)}, expected one number; train with one output`);
  }
  const base = typeof text === 'string' ? Math.fround(parseDecimal(text)) : text;
  if (typeof base !== 'number' || !Number.isFinite(base)) {
    throw new ModelError('INVALID_MODEL', `fromXgboost: base_score is ${describeValue(value)}, expected a number`);
  }
  return Math.fround(base);
}
