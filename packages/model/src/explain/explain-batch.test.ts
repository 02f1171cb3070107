import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLinearModel, anyRow, anyTreeModel } from '../arbitrary-models.fixture.js';
import { linearModel } from '../linear-model.js';
import { MAX_BATCH_CONTRIBUTIONS, explainBatch, meanAbsoluteContributions } from './explain-batch.js';
import { topContributions } from './top-contributions.js';

const FEATURES = ['a', 'b', 'c'];
const matrixOf = (rows: readonly (readonly number[])[]) =>
  featureMatrix(
    FEATURES,
    FEATURES.map((_, j) => Float32Array.from(rows, (row) => row[j]!)),
  );

describe('explainBatch', () => {
  it('holds what explain gives for each row, to the bit', () =>
    fc.assert(
      fc.property(fc.oneof(anyTreeModel, anyLinearModel), fc.array(anyRow, { minLength: 1, maxLength: 5 }), (model, rows) => {
        const batch = explainBatch(model, matrixOf(rows));
        rows.forEach((row, i) => {
          const { method, space, base, contributions, margin } = model.explain(row);
          expect(batch).toMatchObject({ method, space, base, rowCount: rows.length, names: FEATURES });
          expect(batch.contributions.map((column) => column[i])).toEqual([...contributions]);
          expect(batch.margins[i]).toBe(margin);
        });
      }),
    ));

  it('holds base and contributions that add up to margins', () =>
    fc.assert(
      fc.property(fc.oneof(anyTreeModel, anyLinearModel), anyRow, (model, row) => {
        const { base, contributions, margins } = explainBatch(model, matrixOf([row]));
        const terms = [base, ...contributions.map((column) => column[0]!)];
        const scale = terms.reduce((sum, term) => sum + Math.abs(term), 1);
        expect(Math.abs(terms.reduce((sum, term) => sum + term, 0) - margins[0]!)).toBeLessThan(1e-12 * scale);
      }),
    ));

  const model = linearModel({ featureNames: FEATURES, weights: [1, 0, -2], intercept: 0, missingValues: [1, 1, 1] });

  it('refuses a matrix without rows, another matrix, and one too large', () => {
    expect(() => explainBatch(model, matrixOf([]))).toThrow('explainBatch: matrix has no rows');
    expect(() => explainBatch(model, featureMatrix(['a'], [new Float32Array(1)]))).toThrow('matrix: 1 names and 1 columns');
    const rowCount = Math.ceil(MAX_BATCH_CONTRIBUTIONS / 3) + 1;
    const column = new Float32Array(rowCount);
    expect(() => explainBatch(model, { names: FEATURES, columns: [column, column, column], rowCount })).toThrow(
      `explainBatch: ${rowCount} rows of 3 features, at most 50000000 values are allowed; draw fewer rows`,
    );
  });

  it('measures linear models by the distance from the mean, which a missing feature has', () => {
    const { base, contributions } = explainBatch(model, matrixOf([[3, 9, Number.NaN]]));
    expect([base, ...contributions.map((column) => column[0])]).toEqual([-1, 2, 0, 0]);
  });

  it('gives mean absolute contributions', () => {
    const batch = explainBatch(
      model,
      matrixOf([
        [0, 5, 1],
        [4, 5, 2],
      ]),
    );
    expect([...meanAbsoluteContributions(batch)]).toEqual([2, 0, 1]);
  });
});

describe('topContributions', () => {
  const contributions = Float64Array.of(0.5, -2, 0, 2);

  it('ranks by size, the first of equal ones first, without zeros', () =>
    expect(topContributions({ contributions }, ['a', 'b', 'c', 'd'])).toEqual([
      { feature: 'b', contribution: -2 },
      { feature: 'd', contribution: 2 },
      { feature: 'a', contribution: 0.5 },
    ]));

  it('keeps as many as asked for', () =>
    expect(topContributions({ contributions }, ['a', 'b', 'c', 'd'], 1)).toEqual([{ feature: 'b', contribution: -2 }]));

  it('refuses names of another model', () =>
    expect(() => topContributions({ contributions }, ['a'])).toThrow('topContributions: 4 contributions for 1 names'));
});
