import { featureMatrix, takeRows } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { goldenRows } from './golden-rows.js';
import { trainLogistic } from './train-logistic.js';

const { matrix, labels, weights } = goldenRows();

/** scikit-learn 1.9.1 LogisticRegression(C=1 / l2, solver='newton-cholesky', tol=1e-14) on the golden rows. */
const golden = [
  {
    l2: 1,
    weighted: false,
    coefficients: [1.7656330340353752, 0.023140926829063678, 0.42458983716834603],
    intercept: -1.287604288035273,
  },
  {
    l2: 10,
    weighted: false,
    coefficients: [0.9088415303691912, 0.01157788852585013, 0.08370778985284619],
    intercept: -0.7532266501854012,
  },
  {
    l2: 1,
    weighted: true,
    coefficients: [2.021242773500067, 0.044640099450328374, 1.0006521128093573],
    intercept: -2.19769506062775,
  },
];

describe('trainLogistic', () => {
  it.each(golden)(
    "equals scikit-learn's solution for l2 $l2, weighted $weighted",
    ({ l2, weighted, coefficients, intercept }) => {
      const model = trainLogistic(matrix, labels, { l2, ...(weighted ? { weights } : {}) });
      coefficients.forEach((coefficient, j) => expect(model.weights[j]).toBeCloseTo(coefficient, 8));
      expect(model.intercept).toBeCloseTo(intercept, 8);
    },
  );

  it('has no slope left at the solution', () => {
    const model = trainLogistic(matrix, labels, { l2: 0.5 });
    const residuals = model.scoreBatch(matrix).map((score, i) => score - labels[i]!);
    const slopes = matrix.columns.map(
      (column, j) => column.reduce((sum, value, i) => sum + value * residuals[i]!, 0) + 0.5 * model.weights[j]!,
    );
    for (const slope of [...slopes, residuals.reduce((sum, residual) => sum + residual, 0)]) expect(slope).toBeCloseTo(0, 9);
  });

  it('counts a row of weight 2 as two rows, of weight 0 as none', () => {
    const kept = Uint32Array.from({ length: 50 }, (_, i) => i);
    const doubled = Uint32Array.from([...kept, 7]);
    const twice = trainLogistic(
      takeRows(matrix, doubled),
      Uint8Array.from(doubled, (row) => labels[row]!),
    );
    const weighted = trainLogistic(matrix, labels, {
      weights: Float64Array.from(labels, (_, i) => (i === 7 ? 2 : Number(i < 50))),
    });
    twice.weights.forEach((weight, j) => expect(weighted.weights[j]).toBeCloseTo(weight, 9));
  });

  it('finds the same solution whatever the units, when nothing is penalised', () => {
    const far = featureMatrix(matrix.names, [
      matrix.columns[0]!,
      matrix.columns[1]!.map((b) => b * 1024 + 2 ** 20),
      matrix.columns[2]!,
    ]);
    const near = trainLogistic(matrix, labels, { l2: 0 });
    const model = trainLogistic(far, labels, { l2: 0 });
    expect(model.weights[0]).toBeCloseTo(near.weights[0]!, 8);
    expect(model.weights[1]! * 1024).toBeCloseTo(near.weights[1]!, 8);
    // scikit-learn 1.9.1, newton-cholesky, C = 1e15
    expect(near.weights[0]).toBeCloseTo(2.17139524, 7);
  });

  it('takes missing values for the mean of the others', () => {
    const gaps = matrix.columns[1]!.map((value, i) => (i < 10 ? Number.NaN : value));
    const mean = gaps.slice(10).reduce((sum, value) => sum + value, 0) / 50;
    const filled = gaps.map((value) => (Number.isNaN(value) ? mean : value));
    const withGaps = trainLogistic(featureMatrix(matrix.names, [matrix.columns[0]!, gaps, matrix.columns[2]!]), labels);
    const withMean = trainLogistic(featureMatrix(matrix.names, [matrix.columns[0]!, filled, matrix.columns[2]!]), labels);
    withMean.weights.forEach((weight, j) => expect(withGaps.weights[j]).toBeCloseTo(weight, 6));
    expect(withGaps.missingValues[1]).toBe(mean);
    expect(withGaps.margin([0, Number.NaN, 0])).toBeCloseTo(withGaps.margin([0, mean, 0]), 7);
  });

  it('gives constant and empty features no weight', () => {
    const constant = featureMatrix(
      ['x', 'same', 'none'],
      [Float32Array.of(0, 1, 2, 3), new Float32Array(4).fill(0.1), new Float32Array(4).fill(Number.NaN)],
    );
    const model = trainLogistic(constant, Uint8Array.of(0, 1, 0, 1));
    expect(model.weights.slice(1)).toEqual([0, 0]);
    expect(model.missingValues.slice(1)).toEqual([Math.fround(0.1), 0]);
    expect(model.weights[0]).toBeGreaterThan(0);
  });

  it('gives the same bits every time', () => {
    expect(trainLogistic(matrix, labels).toJson()).toEqual(trainLogistic(matrix, labels).toJson());
  });

  it('stops with finite weights when classes separate and nothing is penalised', () => {
    const separable = featureMatrix(['x'], [Float32Array.of(0, 1, 2, 3)]);
    const model = trainLogistic(separable, Uint8Array.of(0, 0, 1, 1), { l2: 0 });
    expect(model.score([1])).toBeLessThan(1e-6);
    expect(model.score([2])).toBeGreaterThan(1 - 1e-6);
  });

  it('says when there is no one solution, or no time to reach it', () => {
    const twins = featureMatrix(['x', 'twin'], [matrix.columns[0]!, matrix.columns[0]!]);
    expect(() => trainLogistic(twins, labels, { l2: 0 })).toThrow(expect.objectContaining({ code: 'SINGULAR' }));
    expect(trainLogistic(twins, labels, { l2: 1 }).weights[0]).toBeCloseTo(
      trainLogistic(twins, labels, { l2: 1 }).weights[1]!,
      9,
    );
    expect(() => trainLogistic(matrix, labels, { maxIterations: 1 })).toThrow(expect.objectContaining({ code: 'NOT_CONVERGED' }));
  });

  it('shares the weight between equal features in large units, where float64 hardly sees the penalty', () => {
    for (const unit of [1e6, 1e8, 1e12]) {
      const column = matrix.columns[0]!.map((value) => value * unit);
      const twins = trainLogistic(featureMatrix(['x', 'twin'], [column, column.slice()]), labels);
      // Two equal weights under one penalty are one weight under half of it.
      const alone = trainLogistic(featureMatrix(['x'], [column]), labels, { l2: 0.5 });
      expect((twins.weights[0]! + twins.weights[1]!) / alone.weights[0]!).toBeCloseTo(1, 8);
      expect(twins.weights[0]! / twins.weights[1]!).toBeCloseTo(1, 2);
      expect(twins.intercept).toBeCloseTo(alone.intercept, 7);
    }
  });

  it('does not advise a penalty where there is one', () => {
    const column = matrix.columns[0]!.map((value) => value * 1e7);
    const near = column.map((value, i) => (i % 7 === 0 ? value * 1.0000002 : value));
    const train = () => trainLogistic(featureMatrix(['x', 'near'], [column, near]), labels, { maxIterations: 2 });
    expect(train).toThrow('standardise the features, or drop one of two that say nearly the same');
  });

  it('refuses options outside their ranges and bad rows, before any work', () => {
    expect(() => trainLogistic(matrix, labels, { l2: -1 })).toThrow(
      'trainLogistic: l2: -1, expected a number from 0 to 1000000000000',
    );
    expect(() => trainLogistic(matrix, labels, { tolerance: 0 })).toThrow('trainLogistic: tolerance: 0');
    expect(() => trainLogistic(matrix, labels, { maxIterations: 1.5 })).toThrow('expected a whole number');
    expect(() => trainLogistic(matrix, labels.slice(1))).toThrow('trainLogistic: 59 labels for 60 rows');
  });
});
