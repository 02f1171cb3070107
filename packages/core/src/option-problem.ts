/**
 * What is wrong with an options object that came from JavaScript, or from a spread that TypeScript did not look into: it is no object, it has
 * a member that is no option, or an option of another kind than stated. One rule holds for all functions of the packages: **an option whose
 * value is undefined is left out, so its default holds; null is a value, and refused** where the option's type doesn't name it.
 *
 * The packages throw the problem as an error of their own.
 */
import { nearestName } from './nearest-name.js';
import { showValue } from './show-value.js';

/**
 * What an option must be. `checked`: anything, since the function itself checks its range; `array`: numbers or other things by position;
 * `progress`: a {@link Progress}; `signal`: an AbortSignal.
 */
export type OptionKind = 'checked' | 'flag' | 'text' | 'array' | 'object' | 'function' | 'progress' | 'signal';

/** The kind of each option. TypeScript refuses a list that lacks one. */
export type OptionKinds<Options> = { readonly [Name in keyof Required<Options>]: OptionKind };

const EXPECTED: Readonly<Record<OptionKind, string>> = {
  checked: '',
  flag: 'true or false',
  text: 'a text',
  array: 'an array',
  object: 'an object',
  function: 'a function',
  progress: 'an object with a method task',
  signal: 'an AbortSignal',
};

/**
 * The first problem in words, to be put behind the name of the function; undefined when there is none.
 *
 * @param name what the caller calls the object, such as `options`
 * @example optionProblem({ learningrate: 0.1 }, { learningRate: 'checked' }); // 'options.learningrate is not an option; did you mean learningRate?'
 */
export function optionProblem<Options>(options: unknown, kinds: OptionKinds<Options>, name = 'options'): string | undefined {
  if (!isPlainObject(options)) return `${name} is ${showValue(options)}, expected an object`;
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const problem = Object.hasOwn(kinds, option)
      ? kindProblem(value, (kinds as Readonly<Record<string, OptionKind>>)[option]!)
      : `is not an option; ${suggestion(option, Object.keys(kinds))}`;
    if (problem) return `${name}.${memberName(option)} ${problem}`;
  }
  return undefined;
}

/** The same for an object that holds rows beside options: arrays and objects that it doesn't know may come with the rows, single values may not. */
export function rowsOptionProblem<Options>(rows: unknown, kinds: OptionKinds<Options>, name = 'options'): string | undefined {
  if (!isPlainObject(rows)) return `${name} is ${showValue(rows)}, expected an object`;
  const isColumn = ([member, value]: readonly [string, unknown]) => typeof value === 'object' && !Object.hasOwn(kinds, member);
  return optionProblem(Object.fromEntries(Object.entries(rows).filter((entry) => !isColumn(entry))), kinds, name);
}

/** An object with members by name: no array, no Map, no Date. True for instances of classes, too. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}

/** Whether a value has a length and entries by position: an array or a typed array, no text. */
export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  if (typeof value !== 'object' || value === null || !('length' in value)) return false;
  const { length } = value;
  return typeof length === 'number' && Number.isInteger(length) && length >= 0 && length <= LONGEST_ARRAY;
}

/** More entries than fit in memory; a length that is larger belongs to no array. */
const LONGEST_ARRAY = 2 ** 32 - 1;

function kindProblem(value: unknown, kind: OptionKind): string | undefined {
  return isOfKind(value, kind) ? undefined : `is ${showValue(value)}, expected ${EXPECTED[kind]}`;
}

function isOfKind(value: unknown, kind: OptionKind): boolean {
  switch (kind) {
    case 'flag':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'array':
      return Array.isArray(value) || (ArrayBuffer.isView(value) && isArrayLike(value));
    case 'object':
      return isPlainObject(value);
    case 'function':
      return typeof value === 'function';
    case 'progress':
      return hasMethod(value, 'task');
    case 'signal':
      return hasMethod(value, 'addEventListener') && 'aborted' in value;
    default:
      return true;
  }
}

function hasMethod(value: unknown, name: string): value is object {
  return typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[name] === 'function';
}

function suggestion(option: string, names: readonly string[]): string {
  const nearest = nearestName(option, names);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return names.length === 0 ? 'there are none' : `the options are ${names.join(', ')}`;
}

/** As in code; a name that is none is quoted. */
function memberName(name: string): string {
  return /^[\w$]{1,100}$/.test(name) ? name : showValue(name);
}
