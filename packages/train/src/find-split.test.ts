import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MISSING_BIN, binFeatures } from './feature-bins.js';
import { findSplit } from './find-split.js';
import { FEATURE_STRIDE, buildHistogram, subtractHistogram } from './histogram.js';

const cell = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN));
const anyRows = fc.array(
  fc.record({
    x: cell,
    y: cell,
    gradient: fc.integer({ min: -8, max: 8 }).map((step) => step / 8),
    hessian: fc.integer({ min: 1, max: 4 }).map((step) => step / 16),
  }),
  { minLength: 1, maxLength: 30 },
);

type Rows = { x: number; y: number; gradient: number; hessian: number }[];

function histogramOf(rows: Rows) {
  const bins = binFeatures(
    featureMatrix(['x', 'y'], [Float32Array.from(rows, (row) => row.x), Float32Array.from(rows, (row) => row.y)]),
    255,
    0,
  );
  const pairs = Float64Array.from(rows.flatMap((row) => [row.gradient, row.hessian]));
  const order = Uint32Array.from(rows, (_, i) => i);
  const histogram = new Float64Array(2 * FEATURE_STRIDE);
  buildHistogram(bins, pairs, order, { start: 0, end: rows.length }, histogram);
  return { bins, pairs, order, histogram };
}

const sumsOf = (rows: Rows) => ({
  gradient: rows.reduce((sum, row) => sum + row.gradient, 0),
  hessian: rows.reduce((sum, row) => sum + row.hessian, 0),
});

describe('findSplit', () => {
  it('finds the best of all partings, tried one by one', () =>
    fc.assert(
      fc.property(anyRows, fc.constantFrom(0, 0.25), fc.constantFrom(0, 1), (rows, minChildWeight, l2) => {
        const { bins, histogram } = histogramOf(rows);
        const node = sumsOf(rows);
        const strength = ({ gradient, hessian }: { gradient: number; hessian: number }) => gradient ** 2 / (hessian + l2);
        let best = 0;
        for (const feature of ['x', 'y'] as const) {
          for (let threshold = 0; threshold <= 5; threshold++) {
            for (const missingLeft of [false, true]) {
              const goesLeft = (row: Rows[number]) => (Number.isNaN(row[feature]) ? missingLeft : row[feature] <= threshold);
              const left = sumsOf(rows.filter(goesLeft));
              const right = sumsOf(rows.filter((row) => !goesLeft(row)));
              if (Math.min(left.hessian, right.hessian) < Math.max(minChildWeight, 1e-9)) continue;
              best = Math.max(best, (strength(left) + strength(right) - strength(node)) / 2);
            }
          }
        }
        const split = findSplit(histogram, node, bins, { l2, minChildWeight, minGain: 0 });
        expect(split?.gain ?? 0).toBeCloseTo(best < 1e-6 ? 0 : best, 9);
        if (!split) return;
        const column = bins.columns[split.feature]!;
        const goesLeft = rows.filter((_, i) => (column[i] === MISSING_BIN ? split.missingLeft : column[i]! <= split.bin));
        expect(split.left).toEqual(sumsOf(goesLeft));
      }),
      { numRuns: 500 },
    ));

  it('sends missing values, when it saw none, to the heavier side', () => {
    const rows = [1, 1, 1, 5].map((x) => ({ x, y: 0, gradient: x === 5 ? -1 : 1, hessian: 0.25 }));
    const { bins, histogram } = histogramOf(rows);
    expect(findSplit(histogram, sumsOf(rows), bins, { l2: 1, minChildWeight: 0, minGain: 0 })).toMatchObject({
      bin: 0,
      missingLeft: true,
    });
  });

  it('respects minGain', () => {
    const rows = [0, 1].map((x) => ({ x, y: 0, gradient: 2 * x - 1, hessian: 1 }));
    const { bins, histogram } = histogramOf(rows);
    expect(findSplit(histogram, sumsOf(rows), bins, { l2: 0, minChildWeight: 0, minGain: 0.9 })?.gain).toBe(1);
    expect(findSplit(histogram, sumsOf(rows), bins, { l2: 0, minChildWeight: 0, minGain: 1 })).toBeUndefined();
  });
});

describe('subtractHistogram', () => {
  it('leaves exactly the histogram of the other rows', () =>
    fc.assert(
      fc.property(anyRows, fc.nat(30), (rows, at) => {
        const { bins, pairs, order, histogram } = histogramOf(rows);
        const part = new Float64Array(histogram.length);
        const rest = new Float64Array(histogram.length);
        const middle = Math.min(at, rows.length);
        buildHistogram(bins, pairs, order, { start: 0, end: middle }, part);
        buildHistogram(bins, pairs, order, { start: middle, end: rows.length }, rest);
        subtractHistogram(histogram, part);
        expect(histogram).toEqual(rest);
      }),
    ));
});
