import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLinearModel, anyRow, anyTreeModel } from './arbitrary-models.fixture.js';
import { type Calibration, withCalibration } from './calibrated-model.js';
import { calibrationFunction, requireCalibration } from './calibration.js';
import { logistic } from './logistic.js';
import { modelFromJson } from './model-from-json.js';

const number = fc.double({ min: -50, max: 50, noNaN: true });

/** Points of an isotonic calibration, in order. */
const isotonic: fc.Arbitrary<Calibration> = fc
  .uniqueArray(number, { minLength: 1, maxLength: 8 })
  .chain((margins) =>
    fc.tuple(
      fc.constant(margins),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: margins.length, maxLength: margins.length }),
    ),
  )
  .map(([margins, probabilities]) => ({
    kind: 'isotonic',
    margins: [...new Set(margins.map((margin) => margin + 0))].sort((a, b) => a - b),
    probabilities: probabilities.slice(0, new Set(margins.map((margin) => margin + 0)).size).sort((a, b) => a - b),
  }));

const anyCalibration: fc.Arbitrary<Calibration> = fc.oneof(
  isotonic,
  fc.record({ kind: fc.constant('platt' as const), slope: fc.double({ min: 0.01, max: 5, noNaN: true }), intercept: number }),
  fc.record({ kind: fc.constant('prior' as const), logOddsShift: number }),
);

describe('calibrationFunction', () => {
  it('is the logistic function of a line for Platt, of a shift for a prior', () => {
    expect(calibrationFunction({ kind: 'platt', slope: 2, intercept: -1 })(3)).toBe(logistic(5));
    expect(calibrationFunction({ kind: 'prior', logOddsShift: -1 })(3)).toBe(logistic(2));
  });

  it('undoes undersampling as Dal Pozzolo et al. (2015): p = beta ps / (beta ps - ps + 1)', () => {
    const [beta, sampled] = [0.01, 0.5];
    const corrected = calibrationFunction({ kind: 'prior', logOddsShift: Math.log(beta) })(Math.log(sampled / (1 - sampled)));
    expect(corrected).toBeCloseTo((beta * sampled) / (beta * sampled - sampled + 1), 15);
  });

  it('interpolates between points and is constant outside them', () => {
    const calibrate = calibrationFunction({ kind: 'isotonic', margins: [-1, 0, 2], probabilities: [0.25, 0.25, 0.5] });
    expect([-9, -1, -0.5, 0, 1, 2, 9].map(calibrate)).toEqual([0.25, 0.25, 0.25, 0.25, 0.375, 0.5, 0.5]);
  });

  it('never descends and stays a probability', () => {
    fc.assert(
      fc.property(anyCalibration, fc.array(number), (calibration, margins) => {
        const scores = margins.sort((a, b) => a - b).map(calibrationFunction(requireCalibration(calibration)));
        expect(scores.every((score, i) => score >= 0 && score <= 1 && (i === 0 || score >= scores[i - 1]!))).toBe(true);
      }),
    );
  });
});

describe('withCalibration', () => {
  it('changes scores, not margins, one row as in a batch, and survives JSON', () => {
    fc.assert(
      fc.property(fc.oneof(anyTreeModel, anyLinearModel), anyCalibration, anyRow, (plain, calibration, row) => {
        const model = withCalibration(plain, calibration);
        const floats = row.map(Math.fround);
        const matrix = featureMatrix(
          ['a', 'b', 'c'],
          floats.map((value) => Float32Array.of(value)),
        );
        expect(model.margin(row)).toBe(plain.margin(row));
        expect(model.score(row)).toBe(calibrationFunction(requireCalibration(calibration))(plain.margin(row)));
        expect([...model.scoreBatch(matrix)]).toEqual([model.score(row)]);
        expect([...model.marginBatch(matrix)]).toEqual([model.margin(row)]);
        expect(modelFromJson(JSON.parse(JSON.stringify(model.toJson()))).score(row)).toBe(model.score(row));
        expect(withCalibration(model, undefined).score(row)).toBe(plain.score(row));
      }),
    );
  });
});

describe('requireCalibration', () => {
  it.each([
    [{ kind: 'platt', slope: 0, intercept: 1 }, 'calibration.slope: 0, expected above 0'],
    [{ kind: 'platt', slope: 1, intercept: Number.NaN }, 'calibration.intercept: NaN'],
    [{ kind: 'prior', logOddsShift: Number.POSITIVE_INFINITY }, 'calibration.logOddsShift: Infinity'],
    [{ kind: 'isotonic', margins: [], probabilities: [] }, '0 margins and 0 probabilities'],
    [{ kind: 'isotonic', margins: [1, 1], probabilities: [0, 1] }, 'calibration.margins[1]: 1, expected more than'],
    [{ kind: 'isotonic', margins: [1, 2], probabilities: [0.5, 0.4] }, 'calibration.probabilities[1]: 0.4, expected no less'],
    [{ kind: 'isotonic', margins: [1], probabilities: [1.5] }, 'calibration.probabilities[0]: 1.5, expected 0 to 1'],
    [{ kind: 'beta' }, 'calibration.kind: "beta", expected platt, isotonic or prior'],
  ])('refuses %j', (calibration, message) => {
    expect(() => requireCalibration(calibration as Calibration)).toThrow(message);
  });

  it('bounds the points', () => {
    const points = Array.from({ length: 100_001 }, (_, i) => i);
    expect(() => requireCalibration({ kind: 'isotonic', margins: points, probabilities: points.map(() => 0) })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });
});
