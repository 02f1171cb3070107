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
  return write(value, '$', 0);
}

/** SHA-256 of bytes or of a UTF-8 string, as 64 lower-case hexadecimal digits. */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Deeper values are refused, and with them values that hold themselves. */
const MAX_DEPTH = 500;

function write(value: unknown, path: string, depth: number): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refused(path, value);
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw refused(path, `a ${typeof value}`);
  if (depth > MAX_DEPTH) throw refused(path, `nested more than ${MAX_DEPTH} deep, perhaps in itself`);
  if (Array.isArray(value))
    return `[${Array.from(value, (item: unknown, i) => write(item, `${path}[${i}]`, depth + 1)).join(',')}]`;
  if (isNumberArray(value)) return write(Array.from(value), path, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  // A Date or a Map would become {} and hash like any other of its kind.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw refused(path, `a ${value.constructor?.name ?? 'class instance'}`);
  return writeObject(value as Record<string, unknown>, path, depth);
}

function writeObject(value: Record<string, unknown>, path: string, depth: number): string {
  const members: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${write(member, `${path}.${key}`, depth + 1)}`);
  }
  return `{${members.join(',')}}`;
}

function isNumberArray(value: object): value is ArrayLike<number> & object {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

function refused(path: string, what: unknown): TypeError {
  return new TypeError(`canonicalJson: ${path} is ${String(what)}, which JSON can't hold`);
}
