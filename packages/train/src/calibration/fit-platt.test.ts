import { readFileSync } from 'node:fs';
import { logistic } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalibrationGolden, overlappingRows } from './calibration-rows.fixture.js';
import { fitPlatt } from './fit-platt.js';

const golden = JSON.parse(readFileSync(new URL('./calibration.golden.json', import.meta.url), 'utf8')) as CalibrationGolden;
const cases = [
  ['plain', undefined],
  ['weighted', golden.weights],
] as const;

describe('fitPlatt', () => {
  it.each(cases)('equals scikit-learn 1.9 _SigmoidCalibration, %s', (name, weights) => {
    const { slope, intercept } = fitPlatt(golden.margins, golden.labels, weights);
    const expected = golden[name];
    // scikit-learn stops at a gradient of 1e-6; its own objective, minimised to the last digit, is met to 1e-12.
    expect(slope).toBeCloseTo(expected.platt.slope, 12);
    expect(intercept).toBeCloseTo(expected.platt.intercept, 12);
    expect(Math.abs(slope - expected.platt.sklearnSlope)).toBeLessThan(1e-8);
    expect(Math.abs(intercept - expected.platt.sklearnIntercept)).toBeLessThan(1e-8);
    golden.query.forEach((margin, i) =>
      expect(Math.abs(logistic(slope * margin + intercept) - expected.classifier_sigmoid[i]!)).toBeLessThan(1e-8),
    );
  });

  it('stays finite when margins separate the classes', () => {
    const { slope, intercept } = fitPlatt([-3, -2, 1, 2], [0, 0, 1, 1]);
    expect(logistic(slope * 2 + intercept)).toBeLessThan(0.9);
    expect(logistic(slope * -3 + intercept)).toBeGreaterThan(0.1);
  });

  it('follows the unit and the origin of the margins', () => {
    fc.assert(
      fc.property(
        overlappingRows,
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.integer({ min: -1000, max: 1000 }),
        ({ margins, labels }, unit, origin) => {
          const own = fitPlatt(margins, labels);
          const moved = margins.map((margin) => margin * unit + origin);
          const other = fitPlatt(moved, labels);
          margins.forEach((margin, i) =>
            expect(other.slope * moved[i]! + other.intercept).toBeCloseTo(own.slope * margin + own.intercept, 6),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes a weight as that many rows', () => {
    const rows = { margins: [-2, -1, 0, 1, 0.5], labels: [0, 0, 1, 1, 0], weights: [3, 1, 2, 1, 0] };
    const repeated = rows.margins.flatMap((_, i) => Array<number>(rows.weights[i]!).fill(i));
    const expected = fitPlatt(
      repeated.map((i) => rows.margins[i]!),
      repeated.map((i) => rows.labels[i]!),
    );
    const weighted = fitPlatt(rows.margins, rows.labels, rows.weights);
    expect(weighted.slope).toBeCloseTo(expected.slope, 12);
    expect(weighted.intercept).toBeCloseTo(expected.intercept, 12);
  });

  it('takes extreme margins', () => {
    const { slope, intercept } = fitPlatt([-1e90, -1e89, 0, 1e90, 1e90], [0, 0, 1, 1, 0]);
    expect(slope).toBeGreaterThan(0);
    expect(Number.isFinite(intercept)).toBe(true);
  });

  it('refuses margins that say nothing or the opposite', () => {
    expect(() => fitPlatt([1, 1, 1], [0, 1, 0])).toThrow('margins differ by 0');
    expect(() => fitPlatt([1, 2, 3, 4], [1, 1, 0, 0])).toThrow("don't rank frauds above genuine rows");
  });

  it('refuses rows that do not fit together', () => {
    expect(() => fitPlatt([], [])).toThrow('fitPlatt: no rows');
    expect(() => fitPlatt([1, 2], [0])).toThrow('1 labels for 2 rows');
    expect(() => fitPlatt([1, 2], [0, 0])).toThrow('no fraud (label 1) rows');
    expect(() => fitPlatt([1, Number.NaN], [0, 1])).toThrow('margins[1] is NaN, expected a finite number');
    expect(() => fitPlatt([1, 2], [0, 1], [1, -1])).toThrow('weights[1] is -1');
  });
});
