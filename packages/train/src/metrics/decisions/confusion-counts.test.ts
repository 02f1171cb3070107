import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { balancedAccuracy } from './balanced-accuracy.js';
import { confusionCounts } from './confusion-counts.js';
import { fBeta } from './f-beta.js';
import { falsePositiveRatio } from './false-positive-ratio.js';
import { geometricMean } from './geometric-mean.js';
import { matthewsCorrelation } from './matthews-correlation.js';

const nothingCaught = { truePositives: 0, falsePositives: 0, trueNegatives: 5, falseNegatives: 2 };
const onlyGenuine = { truePositives: 0, falsePositives: 0, trueNegatives: 5, falseNegatives: 0 };

describe('confusionCounts', () => {
  it('counts a score at the threshold as an alert', () => {
    const counts = confusionCounts([0.9, 0.5, 0.5, 0.4], [1, 1, 0, 1], 0.5);
    expect(counts).toEqual({ truePositives: 2, falsePositives: 1, trueNegatives: 0, falseNegatives: 1 });
  });

  it('refuses a threshold that is no number', () => {
    expect(() => confusionCounts([0.9], [1], Number.NaN)).toThrow('confusionCounts: threshold is NaN, expected a number');
  });
});

describe.each(goldenMetrics)('metrics of decisions on $name', ({ score, label, threshold, expected }) => {
  const counts = confusionCounts(score, label, threshold);

  it.each([
    ['matthews_corrcoef', matthewsCorrelation(counts), expected.mcc],
    ['f1_score', fBeta(counts), expected.f1],
    ['fbeta_score 2', fBeta(counts, 2), expected.f2],
    ['fbeta_score 0.5', fBeta(counts, 0.5), expected.f_half],
    ['balanced_accuracy_score', balancedAccuracy(counts), expected.balanced_accuracy],
    ['the root of recall and specificity', geometricMean(counts), Math.sqrt(expected.recall * expected.specificity)],
  ])('equal scikit-learn 1.9.1 %s', (_, actual, value) => {
    expect(Math.abs(actual! - value)).toBeLessThan(1e-12);
  });
});

describe('metrics of decisions at their ends', () => {
  it('are 0 when nothing is caught', () => {
    expect(matthewsCorrelation(nothingCaught)).toBe(0);
    expect(fBeta(nothingCaught)).toBe(0);
    expect(balancedAccuracy(nothingCaught)).toBe(0.5);
    expect(geometricMean(nothingCaught)).toBe(0);
    expect(falsePositiveRatio(nothingCaught)).toBeNull();
  });

  it('are undefined with one class', () => {
    expect(fBeta(onlyGenuine)).toBeNull();
    expect(balancedAccuracy(onlyGenuine)).toBeNull();
    expect(geometricMean(onlyGenuine)).toBeNull();
  });

  it('hold for counts whose product leaves the whole numbers', () => {
    const many = { truePositives: 4e9, falsePositives: 0, trueNegatives: 4e9, falseNegatives: 0 };
    expect(matthewsCorrelation(many)).toBe(1);
  });

  it('give false alarms a fraud', () => {
    expect(falsePositiveRatio({ truePositives: 2, falsePositives: 10, trueNegatives: 0, falseNegatives: 0 })).toBe(5);
  });
});
