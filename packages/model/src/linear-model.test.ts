import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLinearModel, anyRow } from './arbitrary-models.fixture.js';
import { linearModel } from './linear-model.js';

const parts = { featureNames: ['AMOUNT', 'NIGHT'], weights: [0.25, -1], intercept: 0.5, missingValues: [8, 0] };

describe('linearModel', () => {
  it('adds intercept and weighted features', () => {
    expect(linearModel(parts).margin([4, 1])).toBe(0.5);
    expect(linearModel(parts).score([4, 1.5])).toBe(0.5);
  });

  it('puts the given value where a feature is missing', () => {
    expect(linearModel(parts).margin([Number.NaN, 1])).toBe(1.5);
    expect(linearModel(parts).margin([undefined as never, 1])).toBe(1.5);
  });

  it('rounds features to float32 first', () => {
    const model = linearModel({ ...parts, weights: [1, 0], intercept: 0 });
    expect(model.margin([0.1, 0])).toBe(Math.fround(0.1));
  });

  it('scores a batch as it scores each row, bit for bit', () =>
    fc.assert(
      fc.property(anyLinearModel, fc.array(anyRow, { maxLength: 20 }), (model, rows) => {
        const matrix = featureMatrix(
          model.featureNames,
          model.featureNames.map((_, j) => Float32Array.from(rows, (row) => row[j]!)),
        );
        expect(Array.from(model.scoreBatch(matrix))).toEqual(rows.map((row) => model.score(row)));
      }),
    ));

  it('does not change when its parts do', () => {
    const weights = [1, 1];
    const model = linearModel({ ...parts, weights });
    weights[0] = 7;
    expect(model.margin([1, 1])).toBe(2.5);
  });

  it('refuses infinite features, naming them', () => {
    const model = linearModel({ ...parts, weights: [0, 1] });
    expect(() => model.margin([Number.POSITIVE_INFINITY, 1])).toThrow('feature AMOUNT: infinite as float32');
    expect(() => model.score([1, -1e39])).toThrow('feature NIGHT: infinite as float32');
    const matrix = featureMatrix(parts.featureNames, [Float32Array.of(1, 2), Float32Array.of(1, Number.NEGATIVE_INFINITY)]);
    expect(() => model.scoreBatch(matrix)).toThrow('feature NIGHT at row 1: infinite');
  });

  it('rounds doubles of a hand-made matrix as it rounds rows', () => {
    const model = linearModel(parts);
    const columns = [Float64Array.of(0.1), Float64Array.of(0.7)] as unknown as Float32Array[];
    expect(model.marginBatch({ names: parts.featureNames, rowCount: 1, columns })[0]).toBe(model.margin([0.1, 0.7]));
  });

  it('refuses other features than its own', () => {
    const model = linearModel(parts);
    expect(() => model.score([1])).toThrow('row: 1 values, the model takes 2');
    const column = new Float32Array(1);
    expect(() => model.scoreBatch(featureMatrix(['AMOUNT'], [column]))).toThrow(
      'matrix: 1 names and 1 columns, the model takes 2',
    );
    expect(() => model.scoreBatch(featureMatrix(['NIGHT', 'AMOUNT'], [column, column]))).toThrow(
      'feature 0 is NIGHT, the model takes AMOUNT there',
    );
    expect(() => model.scoreBatch({ names: parts.featureNames, rowCount: 2, columns: [column, column] })).toThrow(
      'AMOUNT has 1 values, rowCount is 2',
    );
  });

  it.each([
    [{ featureNames: [] }, 'featureNames: no names'],
    [{ featureNames: ['A', 'A'] }, 'featureNames[1]: A comes twice'],
    [{ featureNames: ['A', ''] }, 'featureNames[1]: expected a string of 1 to 200 characters'],
    [{ featureNames: Array.from({ length: 10_001 }, (_, i) => `f${i}`) }, 'featureNames: 10001 names, at most 10000'],
    [{ weights: [1] }, 'weights: 1 values for 2 features'],
    [{ weights: [1, Number.NaN] }, 'weights[1]: NaN, expected a number'],
    [{ intercept: 1e101 }, 'intercept: 1e+101, expected a number'],
    [{ missingValues: [Number.POSITIVE_INFINITY, 0] }, 'missingValues[0]: Infinity, expected a number'],
  ])('refuses %j', (change, message) => {
    expect(() => linearModel({ ...parts, ...change })).toThrow(message);
  });
});
