import { createHash } from 'node:crypto';

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON with object keys in code unit order and no white space, so that equal values give equal bytes and can be hashed
 * (the ordering and number rules of RFC 8785, JSON Canonicalization Scheme). Members whose value is undefined are left out.
 *
 * @throws {TypeError} on NaN, infinities, functions, symbols, bigints, holes in arrays, objects of a class (typed arrays of numbers are
 *   written as arrays) and values nested more than 500 deep, naming the path
 * @example canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  try {
    return write(value, 0);
  } catch (error) {
    throw error instanceof Refusal ? error.toTypeError() : error;
  }
}

/** SHA-256 of bytes or of a UTF-8 string, as 64 lower-case hexadecimal digits. */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Deeper values are refused, and with them values that hold themselves. */
const MAX_DEPTH = 500;

/** What is refused. Its path grows from the inside out, so that a value that is not refused costs none. */
class Refusal {
  path = '';
  readonly what: string;

  constructor(what: unknown) {
    this.what = String(what);
  }

  toTypeError(): TypeError {
    return new TypeError(`canonicalJson: $${this.path} is ${this.what}, which JSON can't hold`);
  }
}

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Refusal(value);
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw new Refusal(`a ${typeof value}`);
  if (depth > MAX_DEPTH) throw new Refusal(`nested more than ${MAX_DEPTH} deep, perhaps in itself`);
  if (Array.isArray(value)) return hasOnlyScalars(value) ? JSON.stringify(value) : writeArray(value, depth);
  if (isNumberArray(value)) return write(Array.from(value), depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  // A Date or a Map would become {} and hash like any other of its kind.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new Refusal(`a ${value.constructor?.name ?? 'class instance'}`);
  }
  return writeObject(value as Record<string, unknown>, depth);
}

/** Whether items need no further look: long arrays of numbers are then written at once. */
function hasOnlyScalars(items: readonly unknown[]): boolean {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const isScalar = typeof item === 'number' ? Number.isFinite(item) : item === null || typeof item === 'string';
    if (!isScalar) return false;
  }
  return !('toJSON' in items);
}

function writeArray(items: readonly unknown[], depth: number): string {
  // Holes become undefined, and are refused like it.
  return `[${Array.from(items, (item, i) => writeAt(`[${i}]`, item, depth)).join(',')}]`;
}

function writeAt(step: string, item: unknown, depth: number): string {
  try {
    return write(item, depth + 1);
  } catch (error) {
    throw within(step, error);
  }
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  let text = '{';
  let key = '';
  try {
    for (key of inOrder(Object.keys(value))) {
      const member = value[key];
      if (member !== undefined) text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${write(member, depth + 1)}`;
    }
  } catch (error) {
    throw within(`.${key}`, error);
  }
  return `${text}}`;
}

function inOrder(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return keys.toSorted();
  return keys;
}

function within(step: string, error: unknown): unknown {
  if (error instanceof Refusal) error.path = `${step}${error.path}`;
  return error;
}

function isNumberArray(value: object): value is ArrayLike<number> & object {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}
