import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { upperIncompleteGamma } from './incomplete-gamma.js';

/** [degrees of freedom, x, chi-squared upper tail] by mpmath 1.3 with 60 digits; x by scipy 1.17.1 chi2.isf. */
const GOLDEN: readonly (readonly [number, number, number])[] = [
  [1, 1.570797149262492e-6, 0.999],
  [1, 1.0741941708575722, 0.300000000000003],
  [1, 19.51142096465757, 1.0000000000000008e-5],
  [1, 178.55925611137764, 9.999999999999932e-41],
  [1, 1373.8726312223944, 9.99999999999881e-301],
  [2, 184.20680743952366, 9.999999999999985e-41],
  [3, 0.02429758581569275, 0.999],
  [3, 3.6648707831703162, 0.30000000000000016],
  [3, 1388.3367738546858, 9.999999999999785e-301],
  [10, 1.4787434638356654, 0.999],
  [10, 41.29615796876022, 1.0000000000000008e-5],
  [10, 1427.7719561298886, 9.99999999999995e-301],
  [99, 61.13650621044779, 0.999],
  [99, 105.86845377187734, 0.29999999999999993],
  [99, 417.61396952321115, 1.0000000000000087e-40],
  [99, 1753.7367668480717, 9.999999999999181e-301],
  [500, 407.9469607459992, 0.999],
  [500, 646.4843852358142, 9.999999999999997e-6],
  [500, 2717.6708255289445, 9.999999999998392e-301],
  [2000, 2032.6765027573354, 0.2999999999999996],
  [2000, 5333.5041466039875, 1.0000000000009899e-300],
];

describe('upperIncompleteGamma', () => {
  it.each(GOLDEN)('has 12 digits at %s degrees of freedom and x = %s', (degrees, x, tail) => {
    expect(Math.abs(upperIncompleteGamma(degrees / 2, x / 2) / tail - 1)).toBeLessThan(1e-12);
  });

  it('is e^-x for a = 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(upperIncompleteGamma(1, x) / Math.exp(-x) - 1)).toBeLessThan(1e-13);
      }),
    );
  });

  it('falls as x grows, from 1 to 0', () => {
    const shape = fc.double({ min: 0.5, max: 500, noNaN: true });
    const point = fc.double({ min: 0, max: 1500, noNaN: true });
    fc.assert(
      fc.property(shape, point, point, (a, x, y) => {
        const near = upperIncompleteGamma(a, Math.min(x, y));
        const far = upperIncompleteGamma(a, Math.max(x, y));
        expect(near).toBeLessThanOrEqual(1);
        expect(far).toBeLessThanOrEqual(near * (1 + 1e-12));
        expect(far).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(upperIncompleteGamma(3, 0)).toBe(1);
    expect(upperIncompleteGamma(3, Number.POSITIVE_INFINITY)).toBe(0);
  });
});
