import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binOf, chooseCategories, chooseCuts } from './feature-bins.js';

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

describe('chooseCuts on many values', () => {
  /** The same, value after value. */
  function cutsOneByOne(values: Float32Array, maxBins: number): number[] {
    const kinds = [...new Set(values)];
    const counts = kinds.map((kind) => values.filter((value) => value === kind).length);
    const cuts: number[] = [];
    let valuesLeft = values.length;
    let inBin = 0;
    for (let kind = 0; kind + 1 < kinds.length && cuts.length + 1 < maxBins; kind++) {
      inBin += counts[kind]!;
      const share = valuesLeft / (maxBins - cuts.length);
      if (kinds.length > maxBins && inBin < share && counts[kind + 1]! < share) continue;
      cuts.push(Math.fround((kinds[kind]! + kinds[kind + 1]!) / 2));
      valuesLeft -= inBin;
      inBin = 0;
    }
    return cuts;
  }

  it('skips values and finds the same cuts', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.constant(1), fc.nat(40))), { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 2, max: 60 }),
        (runs, maxBins) => {
          const values = sorted(runs.flatMap(([value, times]) => Array.from({ length: times }, () => value)));
          expect(Array.from(chooseCuts(values, maxBins))).toEqual(cutsOneByOne(values, maxBins));
        },
      ),
      { numRuns: 500 },
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

describe('chooseCategories', () => {
  it('takes the most frequent codes, of equals the smallest, and cuts fractions off', () => {
    const codes = Float32Array.of(5, 5.9, 2, 2, 2, 7, 1, -3, 2e7, Number.POSITIVE_INFINITY);
    expect(Array.from(chooseCategories(codes, 255))).toEqual([2, 5, 1, 7]);
    expect(Array.from(chooseCategories(codes, 3))).toEqual([2, 5]);
  });
});
