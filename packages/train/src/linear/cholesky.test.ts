import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from './cholesky.js';

describe('solvePositiveDefinite', () => {
  it('solves 4x + 2y = 2, 2x + 3y = 5', () => {
    const rightSide = Float64Array.of(2, 5);
    expect(solvePositiveDefinite(Float64Array.of(4, 0, 2, 3), rightSide)).toBe(true);
    expect(rightSide[0]).toBeCloseTo(-0.5, 14);
    expect(rightSide[1]).toBeCloseTo(2, 14);
  });

  it('solves A A^T + I for any A', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 12, maxLength: 12 }), (a) => {
        const size = 3;
        const matrix = Float64Array.from({ length: 9 }, (_, at) => {
          const [i, j] = [Math.floor(at / size), at % size];
          return a
            .slice(0, 9)
            .reduce((sum, _value, k) => (k < size ? sum + a[i * size + k]! * a[j * size + k]! : sum), i === j ? 1 : 0);
        });
        const expected = a.slice(9);
        const rightSide = Float64Array.from(expected, (_, i) =>
          expected.reduce((sum, x, j) => sum + matrix[i * size + j]! * x, 0),
        );
        expect(solvePositiveDefinite(matrix, rightSide)).toBe(true);
        rightSide.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 8));
      }),
    ));

  it('says no to a singular matrix', () => {
    expect(solvePositiveDefinite(Float64Array.of(1, 1, 1, 1), new Float64Array(2))).toBe(false);
    expect(solvePositiveDefinite(Float64Array.of(0), new Float64Array(1))).toBe(false);
  });
});
