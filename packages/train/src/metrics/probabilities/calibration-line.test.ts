import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { calibrationLine } from './calibration-line.js';

describe('calibrationLine', () => {
  it.each(goldenMetrics)(
    'equals scikit-learn 1.9.1 LogisticRegression without penalty on $name',
    ({ score, label, expected }) => {
      const line = calibrationLine(score, label)!;
      expect(line.slope).toBeCloseTo(expected.calibration_slope, 8);
      expect(line.intercept).toBeCloseTo(expected.calibration_intercept, 8);
    },
  );

  it('is slope 1 and intercept 0 where frauds happen as often as promised', () => {
    const scores = [...Array.from({ length: 10 }, () => 0.1), ...Array.from({ length: 10 }, () => 0.6)];
    const labels = scores.map((score, i) => Number(i % 10 < score * 10));
    const line = calibrationLine(scores, labels)!;
    expect(line.slope).toBeCloseTo(1, 9);
    expect(line.intercept).toBeCloseTo(0, 9);
  });

  it('finds its way from far off', () => {
    const scores = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1e-14 : 1 - 1e-14));
    const labels = scores.map((_, i) => Number(i % 5 === 0));
    const line = calibrationLine(scores, labels)!;
    expect(line.slope).toBeCloseTo(0, 6);
    expect(line.intercept).toBeCloseTo(Math.log(0.25), 6);
  });

  it.each<[number[], number[]]>([
    [
      [0.1, 0.2],
      [0, 0],
    ],
    [
      [0.5, 0.5],
      [0, 1],
    ],
    [
      [0.1, 0.2, 0.8, 0.9],
      [0, 0, 1, 1],
    ],
    [
      [0.1, 0.5, 0.5, 0.9],
      [0, 0, 1, 1],
    ],
    [
      [0.9, 0.1],
      [0, 1],
    ],
  ])('is undefined for %j %j', (scores, labels) => expect(calibrationLine(scores, labels)).toBeNull());
});
