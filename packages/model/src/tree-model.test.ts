import { existsSync, readFileSync } from 'node:fs';
import { featureMatrix } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRow, anyTreeModel } from './arbitrary-models.fixture.js';
import type { TreeArrays } from './tree-arrays.js';
import { treeModel } from './tree-model.js';

/** AMOUNT <= 220 ? -1 : 4, missing goes left. */
const stump: TreeArrays = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(220, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, -1, 4),
  cover: Float64Array.of(10, 9, 1),
};
const model = treeModel({ featureNames: ['AMOUNT'], baseMargin: -3, trees: [stump] });

describe('treeModel', () => {
  it('sends values up to the threshold left, larger ones right', () => {
    const nextAbove = 220 + 2 ** -16;
    expect(Math.fround(nextAbove)).toBe(nextAbove);
    expect(model.margin([220])).toBe(-4);
    expect(model.margin([nextAbove])).toBe(1);
    expect(model.margin([-0])).toBe(-4);
  });

  it('compares features as float32', () => {
    expect(model.margin([220 + 2 ** -18])).toBe(-4);
  });

  it('sends infinities to their side and missing values where the split says', () => {
    expect(model.margin([Number.NEGATIVE_INFINITY])).toBe(-4);
    expect(model.margin([Number.POSITIVE_INFINITY])).toBe(1);
    expect(model.margin([Number.NaN])).toBe(-4);
    const missingRight = treeModel({
      featureNames: ['AMOUNT'],
      baseMargin: 0,
      trees: [{ ...stump, missingLeft: new Uint8Array(3) }],
    });
    expect(missingRight.margin([Number.NaN])).toBe(4);
  });

  it('scores by the base margin alone without trees', () => {
    expect(treeModel({ featureNames: ['AMOUNT'], baseMargin: 0, trees: [] }).score([1])).toBe(0.5);
  });

  it('scores a batch as it scores each row, bit for bit', () =>
    fc.assert(
      fc.property(anyTreeModel, fc.array(anyRow, { maxLength: 150 }), (trees, rows) => {
        const matrix = featureMatrix(
          trees.featureNames,
          trees.featureNames.map((_, j) => Float32Array.from(rows, (row) => row[j]!)),
        );
        expect(Array.from(trees.scoreBatch(matrix))).toEqual(rows.map((row) => trees.score(row)));
      }),
      { numRuns: 50 },
    ));

  it('does not change when its parts do', () => {
    const value = Float64Array.of(0, -1, 4);
    const copied = treeModel({ featureNames: ['AMOUNT'], baseMargin: 0, trees: [{ ...stump, value }] });
    value[1] = 99;
    expect(copied.margin([1])).toBe(-1);
    expect(copied.trees[0]!.value[1]).toBe(-1);
  });

  it('refuses other features than its own', () => {
    expect(() => model.score([1, 2])).toThrow('row: 2 values, the model takes 1');
    expect(() => model.scoreBatch(featureMatrix(['TX_AMOUNT'], [new Float32Array(1)]))).toThrow(
      'feature 0 is TX_AMOUNT, the model takes AMOUNT',
    );
  });

  it('refuses more trees or nodes than its limits', () => {
    const trees = Array.from({ length: 20_001 }, () => stump);
    expect(() => treeModel({ featureNames: ['AMOUNT'], baseMargin: 0, trees })).toThrow('20001 trees, at most 20000');
    const wide = { ...stump, feature: new Int32Array(2_100_000).fill(-1) };
    expect(() => treeModel({ featureNames: ['AMOUNT'], baseMargin: 0, trees: [wide, wide] })).toThrow(
      '4200000 nodes or more, at most 4000000',
    );
  });
});

const golden = (name: string) => new URL(`../../../../shared/golden/${name}`, import.meta.url);

/** The form must hold what other libraries train: XGBoost's `x < t` is `x <= previous float32 of t`. */
describe.skipIf(!existsSync(golden('xgb_numeric.json')))('an XGBoost model in this form', () => {
  it('has the margins of xgboost 1.7.4', () => {
    const { learner } = JSON.parse(readFileSync(golden('xgb_numeric.json'), 'utf8')) as XgboostJson;
    const baseScore = Number(learner.learner_model_param.base_score);
    const xgboost = treeModel({
      featureNames: ['a', 'b', 'c', 'd'],
      baseMargin: Math.log(baseScore / (1 - baseScore)),
      trees: learner.gradient_booster.model.trees.map((tree) => ({
        feature: Int32Array.from(tree.split_indices, (feature, i) => (tree.left_children[i] === -1 ? -1 : feature)),
        threshold: Float32Array.from(tree.split_conditions, previousFloat32),
        left: Int32Array.from(tree.left_children),
        right: Int32Array.from(tree.right_children),
        missingLeft: Uint8Array.from(tree.default_left, Number),
        value: Float64Array.from(tree.split_conditions, (value, i) => (tree.left_children[i] === -1 ? value : 0)),
        cover: Float64Array.from(tree.sum_hessian),
      })),
    });
    const expected = JSON.parse(readFileSync(golden('xgb_numeric.expected.json'), 'utf8')) as {
      rows: (number | null)[][];
      margin: number[];
    };
    const margins = expected.rows.map((row) => xgboost.margin(row.map((value) => value ?? Number.NaN)));
    expect(Math.max(...margins.map((margin, i) => Math.abs(margin - expected.margin[i]!)))).toBeLessThan(1e-6);
  });
});

interface XgboostJson {
  learner: {
    learner_model_param: { base_score: string };
    gradient_booster: {
      model: {
        trees: Record<
          'split_indices' | 'split_conditions' | 'left_children' | 'right_children' | 'default_left' | 'sum_hessian',
          number[]
        >[];
      };
    };
  };
}

function previousFloat32(value: number): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  if (float[0] === 0) return -(2 ** -149);
  bits[0]! += float[0]! > 0 ? -1 : 1;
  return float[0]!;
}
