import { describe, expect, it } from 'vitest';
import { showValue } from './show-value.js';

describe('showValue', () => {
  it.each([
    [5, '5'],
    ['5', '"5"'],
    [5n, '5n'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
    [[1, 2], 'an array of 2'],
    [new Float64Array(3), 'a Float64Array of 3'],
    [new Int32Array(1), 'an Int32Array of 1'],
    [{ a: 1 }, 'an object'],
    [new Map(), 'a Map'],
    [new Date(0), 'a Date'],
    [new DataView(new ArrayBuffer(1)), 'a DataView'],
  ])('shows %o as %s', (value, shown) => expect(showValue(value)).toBe(shown));

  it('is short, whatever the value', () => {
    expect(showValue('x'.repeat(1e6))).toBe(`"${'x'.repeat(100)}..."`);
    expect(showValue('a\nb')).toBe('"a\\nb"');
    expect(showValue(10n ** 1000n)).toHaveLength(101);
  });
});
