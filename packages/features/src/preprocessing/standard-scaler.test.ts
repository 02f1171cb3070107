import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitStandardScaler, scalerFromJson } from './standard-scaler.js';

const matrix = (columns: Record<string, ArrayLike<number>>) =>
  featureMatrix(
    Object.keys(columns),
    Object.values(columns).map((column) => Float32Array.from(column)),
  );

describe('fitStandardScaler', () => {
  it("equals the example in scikit-learn 1.2's documentation of StandardScaler", () => {
    const scaler = fitStandardScaler(matrix({ a: [0, 0, 1, 1], b: [0, 0, 1, 1] }));
    expect(scaler.means).toEqual([0.5, 0.5]);
    expect(scaler.apply(matrix({ a: [0, 0, 1, 1], b: [2, 2, 2, 2] })).columns.map((column) => [...column])).toEqual([
      [-1, -1, 1, 1],
      [3, 3, 3, 3],
    ]);
  });

  it('divides by the population deviation: 2 for 2 4 4 4 5 5 7 9', () => {
    const { means, scales } = fitStandardScaler(matrix({ a: [2, 4, 4, 4, 5, 5, 7, 9] }));
    expect([means, scales]).toEqual([[5], [2]]);
  });

  it('leaves missing values out and keeps them', () => {
    const scaler = fitStandardScaler(matrix({ a: [Number.NaN, 1, 3], b: [Number.NaN, Number.NaN, Number.NaN] }));
    expect([scaler.means, scaler.scales]).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect([...scaler.apply(matrix({ a: [Number.NaN, 1, 3], b: [7, 7, 7] })).columns[0]!]).toEqual([Number.NaN, -1, 1]);
  });

  it('makes a constant feature 0, also one whose mean is not exact', () => {
    const scaler = fitStandardScaler(matrix({ a: Array.from({ length: 1000 }, () => 0.1) }));
    expect(scaler.scales).toEqual([1]);
    expect(scaler.apply(matrix({ a: [Math.fround(0.1)] })).columns[0]![0]).toBeCloseTo(0, 12);
  });

  it('gives mean 0 and deviation 1', () => {
    const numbers = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(numbers, (column) => {
        fc.pre(Math.max(...column) - Math.min(...column) > 1);
        const [scaled] = fitStandardScaler(matrix({ a: column })).apply(matrix({ a: column })).columns;
        const mean = scaled!.reduce((sum, value) => sum + value, 0) / column.length;
        const variance = scaled!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
        expect(mean).toBeCloseTo(0, 4);
        expect(variance).toBeCloseTo(1, 4);
      }),
    );
  });
});

describe('a scaler', () => {
  const scaler = fitStandardScaler(matrix({ a: [1, 2, 4], b: [10, 20.5, 7] }));

  it('scales a row of doubles, a row of floats and a matrix to the same bits', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (a, b) => {
        const [columnA, columnB] = scaler.apply(matrix({ a: [a], b: [b] })).columns;
        const row = Float64Array.of(a, b);
        const floats = Float32Array.of(a, b);
        scaler.applyRow(row);
        scaler.applyRow(floats);
        expect([...row]).toEqual([columnA![0], columnB![0]]);
        expect([...floats]).toEqual([...row]);
      }),
    );
  });

  it('comes back from JSON with the same bits', () => {
    const restored = scalerFromJson(JSON.parse(JSON.stringify(scaler.toJson())));
    expect([restored.names, restored.means, restored.scales]).toEqual([scaler.names, scaler.means, scaler.scales]);
  });

  it('refuses other features, another order and another length', () => {
    expect(() => scaler.apply(matrix({ b: [1], a: [2] }))).toThrow('scaler: feature 0 is b, expected a');
    expect(() => scaler.apply(matrix({ a: [1], b: [2], c: [3] }))).toThrow('scaler: feature 2 is c, expected undefined');
    expect(() => scaler.applyRow(new Float32Array(3))).toThrow('the row has 3 features, expected 2');
  });

  it('refuses saved data of another form', () => {
    expect(() => scalerFromJson({ ...(scaler.toJson() as object), means: [1] })).toThrow('2 names, 1 means and 2 scales');
    expect(() => scalerFromJson({ ...(scaler.toJson() as object), scales: [1, 0] })).toThrow('scales');
  });
});
