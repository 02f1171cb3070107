import { featureMatrix } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { centerColumns } from './centered-columns.js';
import { plainRowSums } from './row-sums.js';

/** Means 2 and 5; centred: -1, 0, 1, 0 and -4, 0, 0, 4. */
const columns = centerColumns(
  featureMatrix(['a', 'b'], [Float32Array.of(1, 2, 3, Number.NaN), Float32Array.of(1, 5, Number.NaN, 9)]),
);

describe('plainRowSums', () => {
  it('equals sums by hand, a missing value counting as the mean', () => {
    const sums = plainRowSums(columns);
    sums.load(0, 4, Float64Array.of(10, 0.5), 100);
    expect([...sums.factors.subarray(0, 4)]).toEqual([88, 100, 110, 102]);
    sums.factors.set([1, 2, 3, 4]);
    const gradient = Float64Array.of(1000, 0, 7);
    sums.addTo(gradient);
    expect([...gradient]).toEqual([1002, 12, 7]);
    sums.addProducts();
    // Lower triangle of the sum of factor * (a, b, 1) (a, b, 1)^T.
    expect([...sums.takeProducts()]).toEqual([4, 0, 0, 4, 80, 0, 2, 12, 10]);
    expect([...sums.takeProducts()]).toEqual(Array(9).fill(0));
  });

  it('takes any rows for a block', () => {
    const sums = plainRowSums(columns);
    sums.load(2, 1, Float64Array.of(10, 0.5), 100);
    const gradient = new Float64Array(3);
    sums.addTo(gradient);
    expect([...gradient]).toEqual([110, 0, 0]);
  });
});
