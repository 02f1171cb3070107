import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { featureMatrix, seededRandom } from '@fraudops/core';
import { centerColumns } from './centered-columns.js';
import { kernelRowSums } from './kernel-row-sums.js';
import { BLOCK_ROWS, type LabelledRows, type RowSums, plainRowSums } from './row-sums.js';

/** Columns of all sizes, one value in ten missing, the first column complete; with weights or without. */
function randomRows(seed: number, rowCount: number, featureCount: number, isWeighted = true): LabelledRows {
  const random = seededRandom(seed);
  const columns = Array.from({ length: featureCount }, (_, j) =>
    Float32Array.from({ length: rowCount }, () =>
      j > 0 && random.next() < 0.1 ? Number.NaN : random.normal(j, Math.exp(random.normal(0, 3))),
    ),
  );
  const names = columns.map((_, j) => `x${j}`);
  return {
    columns: centerColumns(featureMatrix(names, columns))!,
    labels: Uint8Array.from({ length: rowCount }, () => random.integer(2)),
    weights: isWeighted ? Float64Array.from({ length: rowCount }, () => 2 * random.next()) : undefined,
  };
}

/** All that there is to sum up, of blocks of all rows. */
function allSums(sums: RowSums, rowCount: number, slopes: Float64Array) {
  const margins: number[] = [];
  const leverages: number[] = [];
  const losses: number[] = [];
  const gradient = new Float64Array(slopes.length + 1);
  for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - start);
    sums.load(start, count, slopes, -0.5);
    margins.push(...sums.factors.subarray(0, count));
    leverages.push(...sums.leverages().subarray(0, count));
    losses.push(sums.toResiduals());
    sums.addTo(gradient);
    sums.load(start, count, slopes, -0.5);
    sums.toCurvatures();
    sums.addProducts();
  }
  return { margins, leverages, losses, gradient, products: sums.takeProducts(), afterwards: sums.takeProducts() };
}

describe('kernelRowSums', () => {
  it('computes the same bits as TypeScript, for any numbers of rows and columns', () => {
    const rowCounts = fc.oneof(fc.integer({ min: 2, max: 200 }), fc.integer({ min: BLOCK_ROWS - 20, max: 2 * BLOCK_ROWS + 20 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        rowCounts,
        fc.integer({ min: 1, max: 13 }),
        fc.boolean(),
        (seed, rowCount, featureCount, isWeighted) => {
          const rows = randomRows(seed, rowCount, featureCount, isWeighted);
          const slopes = Float64Array.from(rows.columns.used, (_, j) => Math.sin(seed + j));
          const ours = allSums(kernelRowSums(rows)!, rowCount, slopes);
          expect(ours).toEqual(allSums(plainRowSums(rows), rowCount, slopes));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('says the same when the kernel is used again', () => {
    for (const isWeighted of [false, true]) {
      const slopes = new Float64Array(6).fill(0.25);
      const sums = kernelRowSums(randomRows(5, 3_000, 6, isWeighted))!;
      const first = allSums(sums, 3_000, slopes);
      expect(allSums(sums, 3_000, slopes)).toEqual(first);
    }
  });
});

it('kernelRowSums is not to be had without WebAssembly', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(kernelRowSums(randomRows(1, 10, 2))).toBeUndefined();
  vi.unstubAllGlobals();
});
