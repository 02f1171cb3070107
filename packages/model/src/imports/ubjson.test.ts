import { describe, expect, it } from 'vitest';
import { parseUbjson } from './ubjson.js';

/** Bytes from texts, as their characters, and numbers, as bytes. */
const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part)])));
/** A length of eight bytes, as XGBoost writes it. */
const int64 = (value: number): number[] => [0, 0, 0, 0, ...int32(value)];
const int32 = (value: number): number[] => [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];

describe('parseUbjson', () => {
  it('reads objects, strings and constants', () => {
    const file = bytes('{', 'L', ...int64(1), 'a', 'S', 'L', ...int64(2), 'é', 'L', ...int64(1), 'b', 'T', 'U', 1, 'c', 'Z', '}');
    expect({ ...(parseUbjson(file) as object) }).toEqual({ a: 'é', b: true, c: null });
  });

  it('reads numbers of every type', () => {
    const file = bytes(
      '[',
      'i',
      255,
      'U',
      255,
      'I',
      255,
      254,
      'l',
      ...int32(-3),
      'L',
      ...int64(70_000),
      'd',
      0x3f,
      0xc0,
      0,
      0,
      ']',
    );
    expect(parseUbjson(file)).toEqual([-1, 255, -2, -3, 70_000, 1.5]);
    expect(parseUbjson(bytes('D', 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a))).toBe(0.1);
  });

  it('reads arrays of one type as typed arrays, and counted ones without an end', () => {
    expect(parseUbjson(bytes('[', '$', 'l', '#', 'L', ...int64(2), ...int32(7), ...int32(-1)))).toEqual(Int32Array.of(7, -1));
    expect(parseUbjson(bytes('[', '$', 'L', '#', 'i', 1, ...int64(9)))).toEqual(Float64Array.of(9));
    expect(parseUbjson(bytes('[', '#', 'i', 2, 'i', 3, 'F'))).toEqual([3, false]);
  });

  it('holds declared lengths against the bytes that are left', () => {
    const huge = [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for (const file of [
      bytes('[', '$', 'D', '#', 'L', ...int64(1_000_000_000)),
      bytes('[', '$', 'D', '#', 'L', ...huge),
      bytes('[', '$', 'd', '#', 'i', 3, 0, 0, 0, 0),
      bytes('[', '#', 'l', ...int32(2_000_000_000), 'T'),
      bytes('[', '#', 'i', 0xff),
      bytes('S', 'L', ...int64(50), 'abc'),
      bytes('{', 'L', ...huge),
    ]) {
      expect(() => parseUbjson(file)).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
    }
  });

  it.each([
    ['a file cut off', bytes('{', 'i', 1, 'a'), 'bytes are left'],
    ['more after the end', bytes('{', '}', '}'), 'expected the end'],
    ['an unknown type', bytes('[', 'x', ']'), 'unknown type "x"'],
    ['a length that is no whole number', bytes('S', 'd', 0, 0, 0, 0), 'one that a length can have'],
    ['an array of objects of one type', bytes('[', '$', '{', '#', 'i', 1), 'expected one of numbers'],
    ['text that is not UTF-8', bytes('S', 'i', 1, 0xff), 'not UTF-8'],
  ])('refuses %s', (_, file, message) => {
    expect(() => parseUbjson(file)).toThrow(message);
    expect(() => parseUbjson(file)).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
  });

  it('refuses deep nesting and too many values', () => {
    const deep = new Uint8Array(1_000_000).fill('['.charCodeAt(0));
    expect(() => parseUbjson(deep)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    const many = new Uint8Array(4_100_000).fill('{'.charCodeAt(0));
    many[0] = '['.charCodeAt(0);
    for (let i = 2; i < many.length; i += 2) many[i] = '}'.charCodeAt(0);
    expect(() => parseUbjson(many)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    // Constants and numbers, which are no objects.
    const constants = new Uint8Array(20_000_001).fill('T'.charCodeAt(0));
    constants[0] = '['.charCodeAt(0);
    expect(() => parseUbjson(constants)).toThrow('more than 20000000 values');
  }, 60_000);
});
