import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MISSING_BIN, binFeatures, binOf, chooseCuts } from './feature-bins.js';

const floats = fc.array(fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 })), {
  minLength: 1,
  maxLength: 200,
});
const sorted = (values: number[]) => Float32Array.from(values).sort();

describe('chooseCuts', () => {
  it('gives each value a bin when there are enough', () => {
    expect(Array.from(chooseCuts(Float32Array.of(1, 1, 2, 4), 255))).toEqual([1.5, 3]);
    expect(chooseCuts(Float32Array.of(7, 7), 255).length).toBe(0);
    expect(chooseCuts(new Float32Array(0), 255).length).toBe(0);
  });

  it('cuts into equal counts otherwise', () => {
    const hundred = Float32Array.from({ length: 100 }, (_, i) => i);
    expect(Array.from(chooseCuts(hundred, 4))).toEqual([24.5, 49.5, 74.5]);
  });

  it('gives a frequent value a bin to itself, and the others divide the rest', () => {
    const mostlyZero = sorted([...Array.from({ length: 80 }, () => 0), ...Array.from({ length: 20 }, (_, i) => i + 1)]);
    expect(Array.from(chooseCuts(mostlyZero, 5))).toEqual([0.5, 5.5, 10.5, 15.5]);
  });

  it('cuts at the lower of two neighbouring floats', () => {
    const next = 1 + 2 ** -23;
    expect(Array.from(chooseCuts(Float32Array.of(1, next), 255))).toEqual([1]);
  });

  it('makes at most the bins asked for, none of them empty, with finite ascending cuts', () =>
    fc.assert(
      fc.property(floats, fc.integer({ min: 2, max: 255 }), (values, maxBins) => {
        const cuts = chooseCuts(sorted(values), maxBins);
        expect(cuts.length).toBeLessThan(maxBins);
        expect(new Set(values.map((value) => binOf(Math.fround(value), cuts))).size).toBe(cuts.length + 1);
        for (let i = 0; i < cuts.length; i++) expect(Number.isFinite(cuts[i]) && (i === 0 || cuts[i]! > cuts[i - 1]!)).toBe(true);
      }),
    ));
});

describe('binOf', () => {
  it('asks the same question as the scorer: bin <= b is x <= cuts[b]', () =>
    fc.assert(
      fc.property(floats, fc.integer({ min: 2, max: 20 }), fc.float({ noNaN: true }), (values, maxBins, probe) => {
        const cuts = chooseCuts(sorted(values), maxBins);
        for (const x of [...cuts, ...values.map(Math.fround), probe]) {
          cuts.forEach((cut, b) => expect(binOf(x, cuts) <= b).toBe(x <= cut));
        }
      }),
    ));
});

describe('binFeatures', () => {
  it('gives missing values their own bin and holds bins by row and by column', () => {
    const bins = binFeatures(featureMatrix(['x', 'y'], [Float32Array.of(3, Number.NaN, 1), Float32Array.of(5, 5, 6)]), 255, 0);
    expect(bins.columns.map((column) => Array.from(column))).toEqual([
      [1, MISSING_BIN, 0],
      [0, 0, 1],
    ]);
    expect(Array.from(bins.rows)).toEqual([1, 0, MISSING_BIN, 0, 0, 1]);
  });

  it('samples rows beyond 200,000 by the seed', () => {
    const matrix = featureMatrix(['x'], [Float32Array.from({ length: 200_001 }, (_, i) => i)]);
    const cutsOf = (seed: number) => Array.from(binFeatures(matrix, 8, seed).cuts[0]!);
    expect(cutsOf(1)).toEqual(cutsOf(1));
    expect(cutsOf(1)).not.toEqual(cutsOf(2));
    cutsOf(1).forEach((cut, b) => expect(Math.abs(cut - 25_000 * (b + 1))).toBeLessThan(1500));
  });
});
