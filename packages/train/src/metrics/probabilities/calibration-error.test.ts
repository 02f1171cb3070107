import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { calibrationError, maximumCalibrationError } from './calibration-error.js';

describe('calibrationError', () => {
  it.each(goldenMetrics)('averages the gaps of scikit-learn 1.9.1 calibration_curve on $name', ({ score, label, expected }) => {
    expect(Math.abs(calibrationError(score, label, { binning: 'width' }) - expected.ece_width10)).toBeLessThan(1e-12);
    expect(Math.abs(maximumCalibrationError(score, label, { binning: 'width' }) - expected.mce_width10)).toBeLessThan(1e-12);
  });

  it('is 0 where frauds happen as often as promised', () => {
    expect(calibrationError([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0])).toBe(0);
    expect(maximumCalibrationError([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0])).toBe(0);
  });

  it('of the top says what the average over all rows hides', () => {
    const scores = Array.from({ length: 1000 }, (_, i) => (i < 10 ? 0.9 : 0));
    const labels = scores.map(() => 0);
    expect(calibrationError(scores, labels)).toBeCloseTo(0.009, 12);
    expect(calibrationError(scores, labels, { topShare: 0.01 })).toBeCloseTo(0.9, 12);
  });
});
