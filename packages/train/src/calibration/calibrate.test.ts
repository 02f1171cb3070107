import { featureMatrix, seededRandom } from '@fraudops/core';
import { linearModel } from '@fraudops/model';
import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.js';

/** A model that is three times as sure as it should be, and rows on which it is. */
function tooSureModel(rowCount: number) {
  const random = seededRandom(5);
  const amounts = Float32Array.from({ length: rowCount }, () => random.normal());
  const labels = Uint8Array.from(amounts, (amount) => (random.next() < 1 / (1 + Math.exp(2 - amount)) ? 1 : 0));
  const model = linearModel({ featureNames: ['AMOUNT'], weights: [3], intercept: 1, missingValues: [0] });
  return { model, matrix: featureMatrix(['AMOUNT'], [amounts]), labels };
}

describe('calibrate', () => {
  it.each(['platt', 'isotonic'] as const)('makes scores mean what they say, by %s', (method) => {
    const { model, matrix, labels } = tooSureModel(20_000);
    const { model: calibrated, calibration, rows, positives, warnings } = calibrate(model, matrix, labels, method);
    expect(calibrated.calibration).toEqual(calibration);
    expect({ rows, positives, warnings }).toEqual({
      rows: 20_000,
      positives: labels.reduce((sum, label) => sum + label, 0),
      warnings: [],
    });
    for (const amount of [-1, 0, 1]) {
      expect(Math.abs(calibrated.score([amount]) - 1 / (1 + Math.exp(2 - amount)))).toBeLessThan(0.03);
    }
    expect(model.calibration).toBeUndefined();
  });

  it('replaces the calibration that a model had', () => {
    const { model, matrix, labels } = tooSureModel(2000);
    const once = calibrate(model, matrix, labels);
    expect(calibrate(once.model, matrix, labels).calibration).toEqual(once.calibration);
  });

  it('says when the frauds are few', () => {
    const { model, matrix, labels } = tooSureModel(500);
    expect(calibrate(model, matrix, labels, 'isotonic').warnings).toEqual([
      expect.stringMatching(
        /^calibrate: \d+ frauds among the rows, isotonic is advised from 1000; use platt, or a longer window$/,
      ),
    ]);
    expect(calibrate(model, matrix, labels, 'platt').warnings).toEqual([]);
  });

  it('refuses labels that are not those of the rows, and other methods', () => {
    const { model, matrix, labels } = tooSureModel(10);
    expect(() => calibrate(model, matrix, labels.subarray(1))).toThrow('calibrate: 9 labels for 10 rows');
    expect(() => calibrate(model, matrix, labels, 'beta' as 'platt')).toThrow('method is "beta", expected platt or isotonic');
  });
});
