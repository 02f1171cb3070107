import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32Below } from './cart-tree.js';

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('float32Below', () => {
  it('makes x <= threshold the same question as x < value, for every float32', () => {
    fc.assert(
      fc.property(float32, float32, fc.boolean(), (x, y, isMiddle) => {
        const value = isMiddle ? (x + y) / 2 : y;
        expect(x <= float32Below(value)).toBe(x < value);
        expect(y <= float32Below(value)).toBe(y < value);
      }),
    );
  });

  it('knows the ends and zero', () => {
    expect(float32Below(Number.POSITIVE_INFINITY)).toBe(3.4028234663852886e38);
    expect(float32Below(0)).toBe(-(2 ** -149));
    expect(float32Below(-0)).toBe(-(2 ** -149));
    expect(float32Below(2 ** -149)).toBe(0);
    expect(float32Below(1)).toBe(1 - 2 ** -24);
    expect(float32Below(-1)).toBe(-1 - 2 ** -23);
  });
});
