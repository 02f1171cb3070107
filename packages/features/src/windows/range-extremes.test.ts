import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeExtremes } from './range-extremes.js';

const cells = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, -0, 1, -1));

describe('RangeExtremes', () => {
  it.each(['min', 'max'] as const)('finds the %s of a range while places get their values in any order', (extreme) => {
    const drawn = fc.uniqueArray(fc.tuple(fc.nat(20), cells), { selector: ([place]) => place });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 21 }), drawn, fc.nat(21), fc.nat(21), (size, added, one, other) => {
        const extremes = new RangeExtremes(extreme, 21);
        extremes.clear(21);
        extremes.add(0, extreme === 'max' ? Infinity : -Infinity);
        extremes.clear(size);
        const [from, to] = [Math.min(one, other, size), Math.min(Math.max(one, other), size)];
        const within: number[] = [];
        for (const [place, value] of added) {
          if (place >= size) continue;
          extremes.add(place, value);
          if (place >= from && place < to && !Number.isNaN(value)) within.push(value);
          expect(extremes.extreme(from, to)).toBe(within.length === 0 ? Number.NaN : Math[extreme](...within) + 0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
