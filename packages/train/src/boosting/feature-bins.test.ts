import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinLookup } from './bin-lookup.js';
import { binOf, chooseCategories, chooseCuts } from './feature-bins.js';
import { FloatSorter } from './sorted-floats.js';

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

describe('BinLookup', () => {
  it('finds the bins that binOf finds, and that of missing values', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.float({ noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }), fc.constant(-0)), {
          minLength: 1,
        }),
        fc.integer({ min: 2, max: 255 }),
        (values, maxBins) => {
          const column = Float32Array.from(values);
          const cuts = chooseCuts(sorted(values.filter((value) => !Number.isNaN(value))), maxBins);
          const bins = new Uint8Array(column.length);
          new BinLookup().binColumn(column, cuts, cuts.length + 1, bins);
          column.forEach((value, i) => expect(bins[i]).toBe(Number.isNaN(value) ? cuts.length + 1 : binOf(value, cuts)));
        },
      ),
    ));
});

describe('FloatSorter', () => {
  it('sorts as numbers are sorted', () => {
    const sorter = new FloatSorter();
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), (numbers) => {
        const values = Float32Array.from(numbers);
        sorter.sort(values, values.length);
        expect(values).toEqual(Float32Array.from(numbers).sort());
      }),
    );
  });
});

describe('chooseCategories', () => {
  it('takes the most frequent codes, of equals the smallest, and cuts fractions off', () => {
    const codes = Float32Array.of(5, 5.9, 2, 2, 2, 7, 1, -3, 2e7, Number.POSITIVE_INFINITY);
    expect(Array.from(chooseCategories(codes, 255))).toEqual([2, 5, 1, 7]);
    expect(Array.from(chooseCategories(codes, 3))).toEqual([2, 5]);
  });
});
