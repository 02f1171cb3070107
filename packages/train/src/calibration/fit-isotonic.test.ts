import { readFileSync } from 'node:fs';
import { linearModel, withCalibration } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalibrationGolden, overlappingRows } from './calibration-rows.fixture.js';
import { fitIsotonic } from './fit-isotonic.js';

const golden = JSON.parse(readFileSync(new URL('./calibration.golden.json', import.meta.url), 'utf8')) as CalibrationGolden;
const cases = [
  ['plain', undefined],
  ['weighted', golden.weights],
] as const;

/** A model whose margin is its feature. */
const identity = linearModel({ featureNames: ['MARGIN'], weights: [1], intercept: 0, missingValues: [0] });

describe('fitIsotonic', () => {
  it.each(cases)('equals scikit-learn 1.9 IsotonicRegression to 1e-12, %s', (name, weights) => {
    const fit = fitIsotonic(golden.margins, golden.labels, weights);
    const expected = golden[name];
    expect(fit.margins).toEqual(expected.isotonic.margins);
    fit.probabilities.forEach((probability, i) => expect(probability).toBeCloseTo(expected.isotonic.probabilities[i]!, 12));
    const model = withCalibration(identity, fit);
    golden.query.forEach((margin, i) => {
      expect(Math.abs(model.score([margin]) - expected.isotonic.query[i]!)).toBeLessThan(1e-12);
      expect(Math.abs(model.score([margin]) - expected.classifier_isotonic[i]!)).toBeLessThan(1e-12);
    });
  });

  it('never falls, stays within 0 to 1, and keeps the share of frauds', () => {
    fc.assert(
      fc.property(overlappingRows, ({ margins, labels }) => {
        const fit = fitIsotonic(margins, labels);
        fit.margins.slice(1).forEach((margin, i) => expect(margin).toBeGreaterThan(fit.margins[i]!));
        fit.probabilities.slice(1).forEach((probability, i) => expect(probability).toBeGreaterThanOrEqual(fit.probabilities[i]!));
        for (const probability of fit.probabilities) expect(probability >= 0 && probability <= 1).toBe(true);
        const model = withCalibration(identity, fit);
        const mean = margins.reduce((sum, margin) => sum + model.score([margin]), 0) / margins.length;
        expect(mean).toBeCloseTo(labels.reduce((sum, label) => sum + label, 0) / labels.length, 9);
      }),
    );
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(overlappingRows, ({ margins, labels }) => {
        expect(fitIsotonic(margins.toReversed(), labels.toReversed())).toEqual(fitIsotonic(margins, labels));
      }),
    );
  });

  it('leaves out rows without weight', () => {
    expect(fitIsotonic([-9, -1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1])).toEqual(fitIsotonic([-1, 0, 1], [0, 1, 1]));
  });

  it('is one level where margins rank the wrong way', () => {
    expect(fitIsotonic([1, 2, 3, 4], [1, 1, 0, 0])).toEqual({ kind: 'isotonic', margins: [1, 4], probabilities: [0.5, 0.5] });
  });
});
