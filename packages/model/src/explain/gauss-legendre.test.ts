import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussLegendre } from './gauss-legendre.js';

describe('gaussLegendre', () => {
  it('equals numpy 2.4 leggauss(4), moved to [0, 1]', () => {
    const { points, weights } = gaussLegendre(4);
    [0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970262].forEach((point, i) =>
      expect(points[i]).toBeCloseTo(point, 15),
    );
    [0.17392742256872684, 0.3260725774312731, 0.3260725774312731, 0.17392742256872684].forEach((weight, i) =>
      expect(weights[i]).toBeCloseTo(weight, 14),
    );
  });

  it('integrates t^k over [0, 1] exactly for k up to 2n - 1', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(79), (n, degree) => {
        const k = degree % (2 * n);
        const { points, weights } = gaussLegendre(n);
        const integral = points.reduce((sum, point, i) => sum + weights[i]! * point ** k, 0);
        expect(Math.abs(integral - 1 / (k + 1))).toBeLessThan(1e-14);
      }),
    ));

  it('holds for the most points that a tree can need', () => {
    const { points, weights } = gaussLegendre(500);
    expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-13);
    points.forEach((point, i) => {
      expect(point).toBeGreaterThan(i === 0 ? 0 : points[i - 1]!);
      expect(Math.abs(point + points[499 - i]! - 1)).toBeLessThan(1e-15);
    });
  });
});
