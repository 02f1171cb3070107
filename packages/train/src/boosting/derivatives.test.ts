import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { focalDerivatives } from './derivatives.js';

/** -a (1 - p)^gamma ln p, p the probability of the true class. */
function focalLoss(margin: number, label: number, gamma: number, alpha: number): number {
  const p = 1 / (1 + Math.exp(label === 1 ? -margin : margin));
  return -(label === 1 ? alpha : 1 - alpha) * (1 - p) ** gamma * Math.log(p);
}

const near = { min: -4, max: 4, noNaN: true };

describe('focalDerivatives', () => {
  it('has the slope of the focal loss', () =>
    fc.assert(
      fc.property(fc.double(near), fc.nat(1), fc.double({ min: 0, max: 5, noNaN: true }), (margin, label, gamma) => {
        const [gradient] = focalDerivatives(margin, label, { gamma, alpha: 0.3 });
        const step = 1e-5;
        const rise = focalLoss(margin + step, label, gamma, 0.3) - focalLoss(margin - step, label, gamma, 0.3);
        expect(gradient).toBeCloseTo(rise / (2 * step), 6);
      }),
    ));

  it('has its curvature where it is convex, and is never flat', () =>
    fc.assert(
      fc.property(fc.double(near), fc.nat(1), fc.double({ min: 0, max: 5, noNaN: true }), (margin, label, gamma) => {
        const [, hessian] = focalDerivatives(margin, label, { gamma, alpha: 0.3 });
        const step = 1e-3;
        const gradientAt = (at: number) => focalDerivatives(at, label, { gamma, alpha: 0.3 })[0];
        const curvature = (gradientAt(margin + step) - gradientAt(margin - step)) / (2 * step);
        const p = 1 / (1 + Math.exp(label === 1 ? -margin : margin));
        const least = (label === 1 ? 0.3 : 0.7) * (1 - p) ** (gamma + 1) * p;
        expect(hessian).toBeCloseTo(Math.max(curvature, least), 4);
      }),
    ));
});
