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
