import { seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainColumnSums } from './column-sums.js';
import { kernelColumnSums } from './kernel-column-sums.js';

describe('plainColumnSums', () => {
  it('equals sums by hand, leaving out what is missing', () => {
    expect(plainColumnSums(Float32Array.of(1, Number.NaN, 4, 6, 2), 3)).toEqual({ sum: 1, squares: 15, present: 4 });
    expect(plainColumnSums(Float32Array.of(Number.NaN), 0)).toEqual({ sum: 0, squares: 0, present: 0 });
  });

  it('has infinite squares if a value is infinite', () => {
    const column = Float32Array.of(1, Number.POSITIVE_INFINITY, Number.NaN, Number.NEGATIVE_INFINITY);
    expect(plainColumnSums(column, 1).squares).toBe(Number.POSITIVE_INFINITY);
    expect(kernelColumnSums()!(column, 1).squares).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('kernelColumnSums', () => {
  it('computes the same bits as TypeScript, complete columns and those with gaps, of any length', () => {
    const sums = kernelColumnSums()!;
    const shares = fc.constantFrom(0, 0.0005, 0.1, 1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 9_000 }), shares, (seed, rowCount, missing) => {
        const random = seededRandom(seed);
        const column = Float32Array.from({ length: rowCount }, () =>
          random.next() < missing ? Number.NaN : random.normal(5, Math.exp(random.normal(0, 3))),
        );
        const shift = random.normal(5, 1);
        expect(sums(column, shift)).toEqual(plainColumnSums(column, shift));
      }),
      { numRuns: 60 },
    );
  });
});
