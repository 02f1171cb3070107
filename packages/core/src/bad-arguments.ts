/**
 * Bad arguments for a function, made from good ones: what a caller without types passes by mistake. Each argument, each member of an object
 * and the first entry of each array is in turn left out, of another kind, of another length, or an odd number.
 *
 * A package that walks through them for all it exports shows that every mistake ends in an error of its own, and not in a TypeError from
 * somewhere within.
 */
import { isFraudOpsError } from './errors.js';
import { showValue } from './show-value.js';

/** A call that may be bad. */
export interface BadCall {
  /** What was changed, such as `arguments[2].trees is "5"`. */
  readonly change: string;
  readonly args: readonly unknown[];
}

/** A good call of a function, of which bad ones are made. */
export interface GoodCall {
  readonly args: readonly unknown[];
  /** Positions of arguments that hold options, or options beside data. */
  readonly options?: readonly number[];
  /** Whether the function passes on what it is given, NaN as well, which is looked at later. */
  readonly passesOn?: boolean;
  /** Whether the call can't be made for want of something that is no argument, such as a file. */
  readonly lacksMore?: boolean;
}

/** Names of the functions of a module, classes left out. @example const CALLS: Record<FunctionName<typeof api>, GoodCall> = { ... }; */
export type FunctionName<Api> = {
  [Name in keyof Api]: Api[Name] extends abstract new (
    ...args: never[]
  ) => unknown
    ? never
    : Api[Name] extends (...args: never[]) => unknown
      ? Name
      : never;
}[keyof Api];

/** A function of a module, whatever it takes. */
export type Callable = (...args: unknown[]) => unknown;

/** Objects within objects that are looked into. */
const MAX_DEPTH = 3;

const oddValues = (): unknown[] => [
  undefined,
  null,
  true,
  '',
  '5',
  'constructor',
  5n,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0,
  0.5,
  2 ** 53,
  1e300,
  {},
  [],
  [Number.NaN],
  ['a'],
  [null],
  [[1, 2]],
  new Float64Array(2),
  new BigInt64Array(2),
  new Map(),
  new Date(0),
  { length: 2 },
  { length: -1 },
  () => 1,
];

/** Calls with bad arguments, one mistake in each. Models and other objects of a class are replaced as a whole only. @param args good ones */
export function* badCalls(args: readonly unknown[]): Iterable<BadCall> {
  for (let count = 0; count < args.length; count++) yield { change: `${count} arguments`, args: args.slice(0, count) };
  for (let position = 0; position < args.length; position++) {
    for (const { place, value } of variants(args[position], 0)) {
      yield { change: `arguments[${position}]${place} is ${showValue(value.shown)}`, args: args.with(position, value.whole) };
    }
  }
}

interface Variant {
  readonly place: string;
  readonly value: { readonly whole: unknown; readonly shown: unknown };
}

function* variants(good: unknown, depth: number): Iterable<Variant> {
  for (const odd of oddValues()) yield { place: '', value: { whole: odd, shown: odd } };
  if (depth === MAX_DEPTH) return;
  if (Array.isArray(good)) yield* entryVariants(good, depth);
  else if (isNumbers(good)) yield* numberVariants(good);
  else if (isLiteral(good)) yield* memberVariants(good, depth);
}

function* entryVariants(good: readonly unknown[], depth: number): Iterable<Variant> {
  yield { place: '', value: { whole: good.slice(1), shown: good.slice(1) } };
  yield { place: '', value: { whole: [...good, good[0]], shown: [...good, good[0]] } };
  if (good.length === 0) return;
  for (const { place, value } of variants(good[0], depth + 1)) {
    yield { place: `[0]${place}`, value: { ...value, whole: good.with(0, value.whole) } };
  }
}

function* numberVariants(good: Float64Array): Iterable<Variant> {
  const shorter = good.slice(1);
  yield { place: '', value: { whole: shorter, shown: shorter } };
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) {
    const whole = good.slice();
    if (whole.length > 0) whole[0] = odd;
    yield { place: '[0]', value: { whole, shown: odd } };
  }
}

function* memberVariants(good: Readonly<Record<string, unknown>>, depth: number): Iterable<Variant> {
  for (const [name, member] of Object.entries(good)) {
    const { [name]: _, ...without } = good;
    yield { place: `.${name}`, value: { whole: without, shown: undefined } };
    for (const { place, value } of variants(member, depth + 1)) {
      yield { place: `.${name}${place}`, value: { ...value, whole: { ...good, [name]: value.whole } } };
    }
  }
}

function isNumbers(value: unknown): value is Float64Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array);
}

function isLiteral(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * What is wrong with how a call ended, in words; undefined when it gave something, or refused with an error of this project. NaN where a
 * number should be counts as wrong, at the top and among the members of an object.
 */
export async function failureOf(call: () => unknown): Promise<string | undefined> {
  try {
    const result = await call();
    const members = isLiteral(result) ? Object.entries(result) : [['', result] as const];
    const nan = members.find(([, value]) => Number.isNaN(value));
    return nan && `gave NaN ${nan[0]}`.trim();
  } catch (error) {
    return isFraudOpsError(error) ? undefined : `threw ${String((error as Error | undefined)?.stack ?? error).slice(0, 400)}`;
  }
}

/** The functions of a module by name, errors and other classes left out. */
export function functionsOf(api: object): ReadonlyMap<string, Callable> {
  const isClass = (value: Callable) => /^class\b/.test(Function.prototype.toString.call(value));
  return new Map(
    Object.entries(api).flatMap(([name, value]) => (typeof value === 'function' && !isClass(value) ? [[name, value]] : [])),
  );
}

/** Failures that are told of a function; more would be the same again. */
const MAX_FAILURES = 10;

/**
 * What is wrong with how a function takes {@link badCalls}, in words as {@link failureOf} gives them; nothing is as it should be.
 *
 * @throws what the good call throws
 * @example expect(await badCallFailures(rocAuc, { args: [[0.1, 0.9], [0, 1]] })).toEqual([]);
 */
export async function badCallFailures(call: Callable, good: GoodCall): Promise<string[]> {
  if (!good.lacksMore) await call(...good.args);
  const failures: string[] = [];
  for (const { change, args } of badCalls(good.args)) {
    const failure = await failureOf(() => call(...args));
    if (failure && !(good.passesOn && failure.startsWith('gave NaN'))) failures.push(`${change}: ${failure}`);
    if (failures.length === MAX_FAILURES) break;
  }
  return failures;
}

/**
 * What is wrong with how a function takes an option that it doesn't know, in words: it must name it in an INVALID_OPTION error, and may
 * take it as left out where it is undefined.
 *
 * @throws what the function throws where the option is undefined
 */
export async function unknownOptionFailures(call: Callable, { args, options = [], lacksMore }: GoodCall): Promise<string[]> {
  const failures: string[] = [];
  for (const position of options) {
    const withMisspelt = (misspelt: unknown) => args.with(position, { ...(args[position] as object), misspelt });
    if (!lacksMore) await call(...withMisspelt(undefined));
    const outcome = await outcomeOf(() => call(...withMisspelt(1)));
    if (!/^INVALID_(?:OPTION|ARGUMENT) .*misspelt is not an option/.test(outcome))
      failures.push(`arguments[${position}].misspelt is 1: ${outcome}`);
  }
  return failures;
}

async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'was taken';
  } catch (error) {
    return isFraudOpsError(error) ? `${error.code} ${error.message}` : `threw ${String(error)}`;
  }
}
