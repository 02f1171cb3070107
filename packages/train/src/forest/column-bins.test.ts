import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MISSING, balancedCuts, binColumns } from './column-bins.js';

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('binColumns', () => {
  it('puts every value into the bin whose ends enclose it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyFloat, fc.constant(Number.NaN), fc.integer({ min: -3, max: 3 })), { minLength: 1 }),
        fc.integer({ min: 2, max: 255 }),
        (values, bins) => {
          const column = Float32Array.from(values);
          const labels = Uint8Array.from(values, (_, i) => i % 2);
          const binned = binColumns(featureMatrix(['x'], [column]), labels, bins, 0);
          const cuts = binned.cuts[0]!;
          expect(cuts.length).toBeLessThan(bins);
          column.forEach((value, i) => {
            const expected = Number.isNaN(value) ? MISSING : cuts.filter((cut) => cut < value).length;
            expect(binned.columns[0]![i]).toBe(expected);
          });
        },
      ),
    );
  });

  it('takes at most 100,000 rows of a class, whichever the seed draws, for cuts of about equal counts', () => {
    const column = Float32Array.from({ length: 150_000 }, (_, i) => (i * 7919) % 150_000);
    const labels = Uint8Array.from(column, (_, i) => Number(i < 10));
    const { columns, cuts } = binColumns(featureMatrix(['x'], [column]), labels, 11, 5);
    const counts = new Array<number>(cuts[0]!.length + 1).fill(0);
    for (const bin of columns[0]!) counts[bin]!++;
    expect(counts.reduce((sum, count) => sum + count)).toBe(150_000);
    expect(binColumns(featureMatrix(['x'], [column]), labels, 11, 5).cuts).toEqual(cuts);
    expect(binColumns(featureMatrix(['x'], [column]), labels, 11, 6).cuts).not.toEqual(cuts);
  });
});

describe('balancedCuts', () => {
  const floats = (...values: number[]): Float32Array => Float32Array.from(values);

  it('cuts halfway between all distinct values when there are few', () => {
    expect([...balancedCuts(floats(1, 1, 2, 4), floats(2, 8), 255)]).toEqual([1.5, 3, 6]);
    expect([...balancedCuts(floats(3, 3), floats(3), 255)]).toEqual([]);
    expect([...balancedCuts(floats(), floats(), 255)]).toEqual([]);
  });

  it('gives frauds as much room as genuine rows, however few they are', () => {
    const genuine = Float32Array.from({ length: 10_000 }, (_, i) => i);
    const fraud = Float32Array.from({ length: 10 }, (_, i) => 9_900 + 10 * i);
    const cuts = balancedCuts(genuine, fraud, 20);
    expect(cuts.length).toBe(19);
    expect(cuts.filter((cut) => cut >= 9_900).length).toBeGreaterThanOrEqual(9);
  });

  it('cuts between floats that have none between them', () => {
    const low = Math.fround(1);
    const high = Math.fround(1 + 2 ** -23);
    expect([...balancedCuts(floats(low), floats(high), 2)]).toEqual([low]);
    const largest = Math.fround(3.4028234663852886e38);
    expect([...balancedCuts(floats(-largest), floats(largest), 2)]).toEqual([0]);
  });
});
