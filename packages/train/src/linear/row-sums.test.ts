import { featureMatrix } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { centerColumns } from './centered-columns.js';
import { plainRowSums } from './row-sums.js';

/** Means 2 and 5; centred: -1, 0, 1, 0 and -4, 0, 0, 4. */
const columns = centerColumns(
  featureMatrix(['a', 'b'], [Float32Array.of(1, 2, 3, Number.NaN), Float32Array.of(1, 5, Number.NaN, 9)]),
)!;
const labels = Uint8Array.of(0, 1, 1, 0);
const plain = { columns, labels, weights: undefined };

describe('plainRowSums', () => {
  it('equals sums by hand, a missing value counting as the mean', () => {
    const sums = plainRowSums(plain);
    sums.load(0, 4, Float64Array.of(10, 0.5), 100);
    expect([...sums.factors.subarray(0, 4)]).toEqual([88, 100, 110, 102]);
    sums.factors.set([1, 2, 3, 4]);
    const gradient = Float64Array.of(1000, 0, 7);
    sums.addTo(gradient);
    expect([...gradient]).toEqual([1002, 12, 17]);
    sums.addProducts();
    // Lower triangle of the sum of factor * (a, b, 1) (a, b, 1)^T.
    expect([...sums.takeProducts()]).toEqual([4, 0, 0, 4, 80, 0, 2, 12, 10]);
    expect([...sums.takeProducts()]).toEqual(Array(9).fill(0));
  });

  it('takes any rows for a block', () => {
    const sums = plainRowSums(plain);
    sums.load(2, 1, Float64Array.of(10, 0.5), 100);
    const gradient = new Float64Array(3);
    sums.addTo(gradient);
    expect([...gradient]).toEqual([110, 0, 110]);
  });

  it('turns margins into the log loss and its derivatives', () => {
    // Margins are 2, -1, 0 and -1000, probabilities p = 1 / (1 + e^-margin).
    const [two, one] = [1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(1))];
    const margins = [2, -1, 0, -1000];
    const weights = Float64Array.of(3, 0.5, 1, 2);
    const losses = [-Math.log(1 - two), -Math.log(one), Math.LN2, 0];
    const residuals = [two, one - 1, -0.5, 0];
    const curvatures = [two * (1 - two), one * (1 - one), 0.25, 0];
    for (const rows of [plain, { ...plain, weights }]) {
      const sums = plainRowSums(rows);
      const weightOf = (i: number): number => rows.weights?.[i] ?? 1;
      const weighted = (values: number[]): number[] => values.map((value, i) => weightOf(i) * value);
      sums.load(0, 4, Float64Array.of(0, 0), 0);
      sums.factors.set(margins);
      expect(sums.toResiduals()).toBeCloseTo(
        weighted(losses).reduce((sum, loss) => sum + loss),
        14,
      );
      weighted(residuals).forEach((residual, i) => expect(sums.factors[i]).toBeCloseTo(residual, 15));
      sums.factors.set(margins);
      sums.toCurvatures();
      weighted(curvatures).forEach((curvature, i) => expect(sums.factors[i]).toBeCloseTo(curvature, 15));
    }
  });
});
