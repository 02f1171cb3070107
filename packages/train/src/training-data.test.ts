import { featureMatrix } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { requireTrainingData } from './training-data.js';

const matrix = featureMatrix(['x', 'y'], [Float32Array.of(1, Number.NaN), Float32Array.of(0, 1)]);
const labels = Uint8Array.of(0, 1);
const columns = matrix.columns;

describe('requireTrainingData', () => {
  it('accepts missing features', () => {
    expect(() => requireTrainingData('train', matrix, labels, Float64Array.of(0.5, 2))).not.toThrow();
  });

  it.each([
    [{ matrix: featureMatrix(['x'], [new Float32Array(0)]), labels: new Uint8Array(0) }, 'EMPTY', 'train: 0 rows of 1 features'],
    [{ matrix: { names: [], columns: [], rowCount: 2 } }, 'EMPTY', 'train: 2 rows of 0 features'],
    [{ matrix: { names: ['x'], columns, rowCount: 2 } }, 'LENGTH_MISMATCH', 'train: 1 feature names for 2 columns'],
    [{ matrix: { names: ['x', 'x'], columns, rowCount: 2 } }, 'DUPLICATE_FEATURE', 'train: feature x comes twice'],
    [{ matrix: { names: ['x', ''], columns, rowCount: 2 } }, 'INVALID_OPTION', 'train: names[1] has 0 characters'],
    [
      { matrix: { names: ['x', 'y'], columns: [columns[0]!, new Float32Array(1)], rowCount: 2 } },
      'LENGTH_MISMATCH',
      'feature y has 1 rows',
    ],
    [{ matrix: { names: ['x'], columns: [new Float32Array(0)], rowCount: 60_000_000 } }, 'INVALID_OPTION', 'at most 50000000'],
    [{ labels: Uint8Array.of(0) }, 'LENGTH_MISMATCH', 'train: 1 labels for 2 rows'],
    [{ labels: Uint8Array.of(0, 255) }, 'INVALID_LABEL', 'train: labels[1] is 255, expected 0 or 1'],
    [{ labels: Float64Array.of(Number.NaN, 1) as never }, 'INVALID_LABEL', 'train: labels[0] is NaN'],
    [{ labels: Uint8Array.of(0, 0) }, 'ONE_CLASS', 'train: no fraud (label 1) rows among 2'],
    [{ labels: Uint8Array.of(1, 1) }, 'ONE_CLASS', 'train: no genuine (label 0) rows among 2'],
    [{ weights: Float64Array.of(1) }, 'LENGTH_MISMATCH', 'train: 1 weights for 2 rows'],
    [{ weights: Float64Array.of(1, -1) }, 'INVALID_WEIGHT', 'train: weights[1] is -1'],
    [{ weights: Float64Array.of(Number.NaN, 1) }, 'INVALID_WEIGHT', 'train: weights[0] is NaN'],
    [{ weights: Float64Array.of(1, 0) }, 'ONE_CLASS', 'train: no fraud (label 1) rows'],
    [{ weights: Float64Array.of(0, 0) }, 'ONE_CLASS', 'train: no weighted rows'],
    [
      { weights: Float64Array.of(1e-310, 1e-310) },
      'INVALID_WEIGHT',
      'train: weights of the rows with label 0 add up to 1e-310, expected at least 1e-100; scale them up',
    ],
    [{ weights: Float64Array.of(1, 1e-13) }, 'INVALID_WEIGHT', 'label 1 add up to 1e-13, expected at least 1.0000000000001e-12'],
    [
      { matrix: featureMatrix(['x'], [Float32Array.of(1, Number.NEGATIVE_INFINITY)]) },
      'NOT_FINITE',
      'train: feature x, row 1 is -Infinity, expected a finite float32 or NaN',
    ],
  ])('refuses case %#', (change, code, message) => {
    const all: { matrix: typeof matrix; labels: Uint8Array; weights?: Float64Array } = { matrix, labels, ...change };
    expect(() => requireTrainingData('train', all.matrix, all.labels, all.weights)).toThrow(
      expect.objectContaining({ name: 'TrainError', code, message: expect.stringContaining(message) }),
    );
  });
});
