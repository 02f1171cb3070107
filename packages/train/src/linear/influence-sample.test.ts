import { featureMatrix, seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centerColumns } from './centered-columns.js';
import { sampleByInfluence, totalInfluence } from './influence-sample.js';
import { rowSums } from './kernel-row-sums.js';
import { plainRowSums } from './row-sums.js';

/** Three features with long tails and gaps, one fraud in twenty. */
function someRows(seed: number, rowCount: number, isWeighted: boolean) {
  const random = seededRandom(seed);
  const columns = [0, 1, 2].map((j) =>
    Float32Array.from({ length: rowCount }, () => (j === 2 && random.next() < 0.1 ? Number.NaN : Math.exp(random.normal(j)))),
  );
  return {
    columns: centerColumns(featureMatrix(['a', 'b', 'c'], columns))!,
    labels: Uint8Array.from({ length: rowCount }, () => Number(random.next() < 0.05)),
    weights: isWeighted ? Float64Array.from({ length: rowCount }, () => 2 * random.next()) : undefined,
  };
}

const at = { slopes: Float64Array.of(0.3, -0.1, 0.02), intercept: -3 };

describe('totalInfluence', () => {
  it('is the sum of weight, distance of the label and leverage', () => {
    const columns = centerColumns(featureMatrix(['a'], [Float32Array.of(1, 3)]))!;
    const rows = { columns, labels: Uint8Array.of(0, 1), weights: Float64Array.of(2, 5) };
    // Deviation 1, so both leverages are 2; margins are 0 and 4.
    const expected = 2 * 0.5 * 2 + 5 * (1 - 1 / (1 + Math.exp(-4))) * 2;
    expect(totalInfluence(rows, plainRowSums(rows), { slopes: Float64Array.of(2), intercept: 2 })).toBeCloseTo(expected, 14);
  });
});

describe('sampleByInfluence', () => {
  it('stands for the influence of all rows, in order, none weighing less than by itself', () => {
    const numbers = { seed: fc.integer({ min: 1, max: 1000 }), rowCount: fc.integer({ min: 300, max: 9_000 }) };
    fc.assert(
      fc.property(numbers.seed, numbers.rowCount, fc.boolean(), (seed, rowCount, isWeighted) => {
        const rows = someRows(seed, rowCount, isWeighted);
        const total = totalInfluence(rows, rowSums(rows), at);
        const share = total / 100;
        const sample = sampleByInfluence(rows, rowSums(rows), at, { share, maxRows: 101 })!;
        expect(sample.labels).toHaveLength(sample.weights!.length);
        expect(sample.columns.matrix.rowCount).toBe(sample.labels.length);
        const sampled = totalInfluence(sample, rowSums(sample), at);
        expect(Math.abs(sampled - total)).toBeLessThan(share * (1 + 1e-9));
        if (!isWeighted) expect(Math.min(...sample.weights!)).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });

  it('takes every row as it is when each has its share', () => {
    const rows = someRows(1, 5_000, true);
    const sample = sampleByInfluence(rows, rowSums(rows), at, { share: 1e-300, maxRows: 5_000 })!;
    expect(sample.labels).toEqual(rows.labels);
    expect(sample.weights).toEqual(rows.weights);
    expect(sample.columns.matrix.columns).toEqual(rows.columns.matrix.columns);
    const plain = sampleByInfluence(rows, plainRowSums(rows), at, { share: 1e-300, maxRows: 5_000 })!;
    expect(plain.columns.matrix.columns).toEqual(rows.columns.matrix.columns);
  });

  it('is undefined rather than empty or too large', () => {
    const rows = someRows(1, 500, false);
    expect(sampleByInfluence(rows, rowSums(rows), at, { share: 1e9, maxRows: 500 })).toBeUndefined();
    expect(sampleByInfluence(rows, rowSums(rows), at, { share: 1e-300, maxRows: 499 })).toBeUndefined();
  });
});
