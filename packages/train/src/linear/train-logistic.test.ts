import { featureMatrix, seededRandom, takeRows } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenRows } from '../golden-rows.js';
import { trainLogistic } from './train-logistic.js';

const { matrix, labels, weights } = goldenRows();

/** Features that share a common part, the first of which matter; about one fraud in six. */
function correlatedRows(seed: number, rowCount: number, featureCount: number) {
  const random = seededRandom(seed);
  const columns = Array.from({ length: featureCount }, () => new Float32Array(rowCount));
  const rowLabels = new Uint8Array(rowCount);
  const rowWeights = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const shared = random.normal();
    for (const column of columns) column[i] = 0.7 * shared + random.normal();
    const margin = columns[0]![i]! - 0.5 * columns[1]![i]! - 2.5;
    rowLabels[i] = Number(random.next() < 1 / (1 + Math.exp(-margin)));
    rowWeights[i] = random.integer(3);
  }
  const names = columns.map((_, j) => `x${j}`);
  return { matrix: featureMatrix(names, columns), labels: rowLabels, weights: rowWeights };
}

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

/** scikit-learn 1.9.1 LogisticRegression(solver='saga', C=1 / (l1 + l2), l1_ratio=l1 / (l1 + l2), tol=1e-13); slopes below 5e-10 there. */
const goldenElasticNet = [
  {
    l1: 1,
    l2: 0,
    weighted: false,
    coefficients: [1.886842408502636, 0.023115757881066602, 0.1306039621088378],
    intercept: -1.1563356057287486,
  },
  {
    l1: 4,
    l2: 0,
    weighted: false,
    coefficients: [1.4097416316596734, 0.013266102787858964, 0.0],
    intercept: -0.8260596357895132,
  },
  {
    l1: 0.5,
    l2: 1,
    weighted: false,
    coefficients: [1.6824878617204295, 0.020979750183444234, 0.24185039690940438],
    intercept: -1.135727552742956,
  },
  {
    l1: 2,
    l2: 2,
    weighted: true,
    coefficients: [1.5368275616788296, 0.02836245320513777, 0.22109192990209614],
    intercept: -1.414901227180333,
  },
  {
    l1: 8,
    l2: 0.5,
    weighted: true,
    coefficients: [1.2105525586961738, 0.015837168973119535, 0.0],
    intercept: -1.0497124316753954,
  },
];

describe('trainLogistic', () => {
  it.each(goldenElasticNet)(
    "equals scikit-learn's elastic net for l1 $l1, l2 $l2, weighted $weighted",
    ({ l1, l2, weighted, coefficients, intercept }) => {
      const model = trainLogistic(matrix, labels, { l1, l2, ...(weighted ? { weights } : {}) });
      coefficients.forEach((coefficient, j) => {
        expect(Math.abs(model.weights[j]! - coefficient)).toBeLessThan(1e-8);
        expect(model.weights[j] === 0).toBe(coefficient === 0);
      });
      expect(Math.abs(model.intercept - intercept)).toBeLessThan(1e-8);
    },
  );

  it('leaves only the intercept under a large l1', () => {
    const model = trainLogistic(matrix, labels, { l1: 1000, l2: 0 });
    expect(model.weights).toEqual([0, 0, 0]);
    const frauds = labels.filter((label) => label === 1).length;
    expect(model.intercept).toBeCloseTo(Math.log(frauds / (60 - frauds)), 12);
  });

  it('meets the conditions of a minimum on many correlated features, where l1 leaves few of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0, 0.3, 5), fc.constantFrom(0.5, 3, 12), (seed, l2, l1) => {
        const rows = correlatedRows(seed, 300, 12);
        const model = trainLogistic(rows.matrix, rows.labels, { l1, l2 });
        const residuals = model.scoreBatch(rows.matrix).map((score, i) => score - rows.labels[i]!);
        rows.matrix.columns.forEach((column, j) => {
          const weight = model.weights[j]!;
          const slope = column.reduce((sum, value, i) => sum + value * residuals[i]!, 0) + l2 * weight;
          if (weight === 0) expect(Math.abs(slope)).toBeLessThan(l1 + 1e-4);
          else expect(Math.abs(slope + l1 * Math.sign(weight))).toBeLessThan(1e-4);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('finds the same solution of many rows, where samples lead the way, as with a far stricter tolerance', () => {
    const rows = correlatedRows(3, 60_000, 8);
    for (const options of [{ l2: 1 }, { l2: 0.5, l1: 20 }, { l2: 1, weights: rows.weights }]) {
      const model = trainLogistic(rows.matrix, rows.labels, options);
      const exact = trainLogistic(rows.matrix, rows.labels, { ...options, tolerance: 1e-14 });
      exact.weights.forEach((weight, j) => expect(Math.abs(model.weights[j]! - weight)).toBeLessThan(1e-6));
      const residuals = exact.scoreBatch(rows.matrix).map((score, i) => (score - rows.labels[i]!) * (options.weights?.[i] ?? 1));
      expect(Math.abs(residuals.reduce((sum, residual) => sum + residual, 0))).toBeLessThan(1e-4);
    }
  });

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

  it('penalises standardised features if asked, and takes the features as they are', () => {
    const means = matrix.columns.map((column) => column.reduce((sum, value) => sum + value, 0) / 60);
    const scales = matrix.columns.map((column, j) =>
      Math.sqrt(column.reduce((sum, value) => sum + (value - means[j]!) ** 2, 0) / 60),
    );
    const scaled = matrix.columns.map((column, j) => column.map((value) => (value - means[j]!) / scales[j]!));
    for (const penalties of [{ l2: 3 }, { l2: 0.5, l1: 2 }]) {
      const onScaled = trainLogistic(featureMatrix(matrix.names, scaled), labels, penalties);
      const model = trainLogistic(matrix, labels, { ...penalties, standardise: true });
      // The scaled columns are rounded to float32.
      model.weights.forEach((weight, j) => expect(weight * scales[j]!).toBeCloseTo(onScaled.weights[j]!, 6));
    }
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
