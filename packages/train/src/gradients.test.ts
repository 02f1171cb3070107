import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gradients } from './gradients.js';

describe('Gradients', () => {
  it('are weight (p - label) and weight p (1 - p)', () => {
    const gradients = new Gradients(Uint8Array.of(1, 0), Float64Array.of(1, 3));
    gradients.update(Float64Array.of(0, Math.log(3)));
    const expected = [-0.5, 0.25, 2.25, 0.5625];
    gradients.pairs.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));
  });

  it('have sums that do not depend on their order, to the bit', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -30, max: 30, noNaN: true }), fc.nat(1)), { minLength: 1, maxLength: 300 }),
        (rows) => {
          const gradients = new Gradients(Uint8Array.from(rows, ([, label]) => label));
          gradients.update(Float64Array.from(rows, ([margin]) => margin));
          const forward = gradients.pairs.reduce((sum, value) => sum + value, 0);
          expect(gradients.pairs.toReversed().reduce((sum, value) => sum + value, 0)).toBe(forward);
          expect(gradients.pairs.toSorted().reduce((sum, value) => sum + value, 0)).toBe(forward);
        },
      ),
    ));
});
