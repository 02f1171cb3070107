import { type FeatureMatrix, featureMatrix } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { fillBinTable } from './bin-table.js';
import { CrewMember } from './training-crew.js';
import { TrainingMemory, allocate, layOut } from './training-memory.js';

function binned(matrix: FeatureMatrix, rules: { bins?: number; seed?: number; categorical?: number[] } = {}) {
  const bins = rules.bins ?? 255;
  const shape = { rowCount: matrix.rowCount, featureCount: matrix.names.length, bins, histograms: 4, threads: 1 };
  const layout = layOut({ ...shape, weighted: false, counted: false });
  const memory = new TrainingMemory(layout, allocate(layout));
  const all = { bins, seed: rules.seed ?? 0, categorical: new Set(rules.categorical) };
  const table = fillBinTable(matrix, all, memory, new CrewMember(new Int32Array(16), 0, 1));
  const column = (feature: number) =>
    Array.from({ length: matrix.rowCount }, (_, row) => memory.bytes[layout.columns + feature * layout.columnStride + row]!);
  const row = (at: number) =>
    Array.from({ length: table.columnCount }, (_, i) => memory.bytes[layout.rows + at * table.rowStride + i]!);
  return { table, column, row };
}

describe('fillBinTable', () => {
  it('gives missing values a bin behind the others, and holds bins by column and by row', () => {
    const { table, column, row } = binned(
      featureMatrix(['x', 'y'], [Float32Array.of(3, Number.NaN, 1), Float32Array.of(5, 5, 6)]),
    );
    expect([column(0), column(1)]).toEqual([
      [1, 2, 0],
      [0, 0, 1],
    ]);
    // Three bins each, so that both go into one column.
    expect([row(0), row(1), row(2)]).toEqual([[1], [2], [3]]);
    expect(table.features.map(({ missingBin }) => missingBin)).toEqual([2, 2]);
  });

  it('gives categories bins by frequency, the rare ones a common one', () => {
    const codes = Float32Array.of(4, 9, 9, 4, 9, 1, Number.NaN, -1);
    const { table, column } = binned(featureMatrix(['code'], [codes]), { bins: 3, categorical: [0] });
    expect(Array.from(table.features[0]!.cuts)).toEqual([9, 4]);
    expect(column(0)).toEqual([1, 0, 0, 1, 0, 2, 3, 2]);
  });

  it('samples rows beyond 200,000 by the seed', () => {
    const matrix = featureMatrix(['x'], [Float32Array.from({ length: 200_001 }, (_, i) => i)]);
    const cutsOf = (seed: number) => Array.from(binned(matrix, { bins: 8, seed }).table.features[0]!.cuts);
    expect(cutsOf(1)).toEqual(cutsOf(1));
    expect(cutsOf(1)).not.toEqual(cutsOf(2));
    cutsOf(1).forEach((cut, b) => expect(Math.abs(cut - 25_000 * (b + 1))).toBeLessThan(1500));
  });
});
