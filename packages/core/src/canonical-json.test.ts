import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from './canonical-json.js';

describe('canonicalJson', () => {
  it('is JSON of the same value, and does not depend on the order of keys', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, member]) => [key, reversed(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('sorts keys, leaves undefined members out and writes typed arrays as arrays', () => {
    expect(canonicalJson({ b: 1, a: [true, null], c: undefined, d: Float32Array.of(0.5) })).toBe(
      '{"a":[true,null],"b":1,"d":[0.5]}',
    );
  });

  it('names the path of what JSON cannot hold', () => {
    expect(() => canonicalJson({ metrics: { auc: Number.NaN } })).toThrow("$.metrics.auc is NaN, which JSON can't hold");
    expect(() => canonicalJson({ runs: [1, { '2': [undefined] }] })).toThrow(
      "$.runs[1].2[0] is a undefined, which JSON can't hold",
    );
    expect(() => canonicalJson([1, 2, Number.POSITIVE_INFINITY])).toThrow("$[2] is Infinity, which JSON can't hold");
    expect(() => canonicalJson([1n])).toThrow("$[0] is a bigint, which JSON can't hold");
    expect(() => canonicalJson({ at: new Date(0) })).toThrow("$.at is a Date, which JSON can't hold");
    expect(() => canonicalJson({ seen: new Set() })).toThrow("$.seen is a Set, which JSON can't hold");
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    expect(() => canonicalJson([, 1])).toThrow("$[0] is a undefined, which JSON can't hold");
    const circle: Record<string, unknown> = {};
    circle['itself'] = circle;
    expect(() => canonicalJson(circle)).toThrow('nested more than 500 deep, perhaps in itself');
  });

  it('takes objects without a prototype, and numbers of typed arrays', () => {
    expect(canonicalJson(Object.assign(Object.create(null), { a: Uint8Array.of(1) }))).toBe('{"a":[1]}');
  });
});

describe('sha256Hex', () => {
  it('equals the published digest of abc (FIPS 180-4)', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
