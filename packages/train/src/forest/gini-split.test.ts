import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIMES_BITS } from './bag.js';
import { MISSING } from './column-bins.js';
import { GiniSearch } from './gini-split.js';

interface Row {
  readonly bin: number;
  readonly label: number;
  readonly times: number;
}

const rowsOf = fc.array(
  fc.record({
    bin: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(MISSING)),
    label: fc.integer({ min: 0, max: 1 }),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 2, maxLength: 40 },
);

function search(rows: readonly Row[], leastRows: number, weights?: Float64Array) {
  const entries = (label: number) =>
    Int32Array.from(rows.flatMap((row, i) => (row.label === label ? [(i << TIMES_BITS) | row.times] : [])));
  const weigh = (label: number) =>
    rows.reduce((sum, row, i) => sum + (row.label === label ? row.times * (weights?.[i] ?? 1) : 0), 0);
  const bag = { genuine: entries(0), fraud: entries(1) };
  const bins = {
    rowCount: rows.length,
    columns: [Uint8Array.from(rows, ({ bin }) => bin)],
    cuts: [Float32Array.of(0, 1, 2, 3, 4, 5)],
  };
  const node = {
    genuineStart: 0,
    genuineEnd: bag.genuine.length,
    fraudStart: 0,
    fraudEnd: bag.fraud.length,
    genuine: weigh(0),
    fraud: weigh(1),
  };
  const gini = new GiniSearch(bins, bag, weights, leastRows);
  gini.begin(node);
  return { found: gini.tryFeature(0, node), best: gini.best() };
}

/** F G / N of a side. */
function impurity(rows: readonly Row[]): number {
  const weight = (label: number) => rows.filter((row) => row.label === label).reduce((sum, { times }) => sum + times, 0);
  const [genuine, fraud] = [weight(0), weight(1)];
  return (genuine * fraud) / (genuine + fraud || 1);
}

const weightOf = (rows: readonly Row[]): number => rows.reduce((sum, { times }) => sum + times, 0);

function part(rows: readonly Row[], bin: number, missingLeft: boolean): [Row[], Row[]] {
  const goesLeft = (row: Row): boolean => (row.bin === MISSING ? missingLeft : row.bin <= bin);
  return [rows.filter(goesLeft), rows.filter((row) => !goesLeft(row))];
}

describe('GiniSearch', () => {
  it('finds a split that no other bin and no other side for missing values beats', () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 1, max: 5 }), (rows, leastWeight) => {
        const { found, best } = search(rows, leastWeight);
        const gains: number[] = [];
        for (let bin = 0; bin <= 6; bin++) {
          for (const missingLeft of [false, true]) {
            const [left, right] = part(rows, bin, missingLeft);
            if (left.length === 0 || right.length === 0) continue;
            if (weightOf(left) < leastWeight || weightOf(right) < leastWeight) continue;
            gains.push(impurity(rows) - impurity(left) - impurity(right));
          }
        }
        expect(found).toBe(gains.length > 0);
        if (gains.length === 0) return;
        expect(best!.gain).toBeCloseTo(Math.max(...gains), 9);
        const [left] = part(rows, best!.bin, best!.missingLeft);
        expect(best!.genuine + best!.fraud).toBe(weightOf(left));
      }),
    );
  });

  it('counts rows, not weights, against the least number of rows', () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 0, max: 5 }), fc.integer({ min: -9, max: 9 }), (rows, leastRows, exponent) => {
        const weights = new Float64Array(rows.length).fill(2 ** exponent);
        const { found, best } = search(rows, leastRows, weights);
        const plain = search(rows, leastRows);
        expect(found).toBe(plain.found);
        expect(best?.bin).toBe(plain.best?.bin);
        expect(best?.missingLeft).toBe(plain.best?.missingLeft);
      }),
    );
  });

  it('cuts halfway between the bins that hold rows', () => {
    const rows = [
      { bin: 0, label: 0, times: 1 },
      { bin: 6, label: 1, times: 1 },
    ];
    expect(search(rows, 1).best!.bin).toBe(2);
  });

  it('sends later missing values to the heavier side where none came by', () => {
    const rows = [
      { bin: 0, label: 0, times: 1 },
      { bin: 6, label: 1, times: 3 },
    ];
    expect(search(rows, 1).best!.missingLeft).toBe(false);
  });
});
