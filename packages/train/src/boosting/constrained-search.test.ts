import { featureMatrix } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { trainBoosting } from './train-boosting.js';

describe('minRowsPerLeaf', () => {
  it('counts missing rows of no weight on the side that they go to', () => {
    // Seven genuine rows, three frauds, and three rows without value and weight, which follow the heavier side.
    const column = Float32Array.from({ length: 13 }, (_, row) => (row < 7 ? 0 : row < 10 ? 1 : Number.NaN));
    const labels = Uint8Array.from(column, (value) => Number(value === 1));
    const weights = Float64Array.from(column, (value) => Number(!Number.isNaN(value)));
    const leavesOf = (minRowsPerLeaf: number) => {
      const options = { trees: 1, minChildWeight: 0, weights, minRowsPerLeaf };
      return trainBoosting(featureMatrix(['x'], [column]), labels, options).trees[0]!;
    };
    const { missingLeft, feature } = leavesOf(3);
    expect(feature.length).toBe(3);
    expect(missingLeft[0]).toBe(1);
    expect(leavesOf(4).feature.length).toBe(1);
  });
});
