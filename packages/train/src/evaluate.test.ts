import { featureMatrix } from '@fraudops/core';
import { linearModel } from '@fraudops/model';
import { describe, expect, it } from 'vitest';
import { evaluate, evaluateScores } from './evaluate.js';

const model = linearModel({ featureNames: ['x'], weights: [1], intercept: 0, missingValues: [0] });
const matrix = featureMatrix(['x'], [Float32Array.of(3, -2, 1, 0)]);
const truth = { labels: Uint8Array.of(1, 0, 0, 0), entityCodes: Int32Array.of(1, 2, 3, 4), times: new Float64Array(4) };

describe('evaluate', () => {
  it('gives all metrics of a model', () => {
    expect(evaluate(model, matrix, truth)).toEqual({
      rocAuc: 1,
      averagePrecision: 1,
      cardPrecisionAt100: 0.01,
      rows: 4,
      positives: 1,
      prevalence: 0.25,
    });
  });

  it('refuses a matrix of other features', () => {
    expect(() => evaluate(model, featureMatrix(['y'], matrix.columns), truth)).toThrow('feature 0 is y, the model takes x');
  });
});

describe('evaluateScores', () => {
  it('leaves out card precision without cards', () => {
    expect(evaluateScores({ scores: [0.9, 0.1], labels: [1, 0] })).toMatchObject({ rocAuc: 1, cardPrecisionAt100: null });
  });

  it('has nothing to say about ranking with one class', () => {
    const { rocAuc, averagePrecision, cardPrecisionAt100, prevalence } = evaluateScores({
      ...truth,
      scores: [1, 2, 3, 4],
      labels: [0, 0, 0, 0],
    });
    expect([rocAuc, averagePrecision, cardPrecisionAt100, prevalence]).toEqual([null, null, null, 0]);
  });
});
