import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestFloat32AtMost, largestFloat32Below, nextFloat32Above, nextFloat32Below } from './float32-neighbours.js';

const largest = 3.4028234663852886e38;
const smallest = 1.401298464324817e-45;
const anyFloat32 = fc.float({ noNaN: true });

describe('float32 neighbours', () => {
  it('equal numpy 2.4 nextafter', () => {
    expect(nextFloat32Above(1)).toBe(1.0000001192092896);
    expect(nextFloat32Below(1)).toBe(0.9999999403953552);
    expect(nextFloat32Above(-1)).toBe(-0.9999999403953552);
    expect(nextFloat32Above(0)).toBe(smallest);
    expect(nextFloat32Above(-0)).toBe(smallest);
    expect(nextFloat32Below(0)).toBe(-smallest);
    expect(nextFloat32Above(-smallest)).toBe(0);
    expect(nextFloat32Above(largest)).toBe(Number.POSITIVE_INFINITY);
    expect(nextFloat32Above(Number.NEGATIVE_INFINITY)).toBe(-largest);
    expect(nextFloat32Below(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('lie beside the number with nothing between', () =>
    fc.assert(
      fc.property(anyFloat32, (x) => {
        fc.pre(Number.isFinite(x));
        expect(nextFloat32Above(x)).toBeGreaterThan(x);
        expect(nextFloat32Below(nextFloat32Above(x))).toBe(x + 0);
      }),
    ));

  it('keep the answer of a comparison in double precision', () =>
    fc.assert(
      fc.property(fc.oneof(anyFloat32, fc.double({ noNaN: true })), anyFloat32, (threshold, other) => {
        const near = Math.fround(threshold);
        for (const x of [other, near, nextFloat32Above(near), nextFloat32Below(near)]) {
          expect(x <= largestFloat32AtMost(threshold)).toBe(x <= threshold);
          if (threshold > -Infinity) expect(x <= largestFloat32Below(threshold)).toBe(x < threshold);
        }
      }),
    ));
});
