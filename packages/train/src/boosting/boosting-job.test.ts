import { featureMatrix, seededRandom } from '@fraudops/core';
import type { TreeArrays } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
import type { BoostingOptions } from './boosting-options.js';
import { paymentLikeRows } from './payment-like-rows.fixture.js';
import { trainBoosting } from './train-boosting.js';
import { TreeWriter } from './tree-writer.js';

const { matrix, labels } = paymentLikeRows(31)(1500);
const bytesOf = (options: BoostingOptions) => JSON.stringify(trainBoosting(matrix, labels, options).toJson());

/** A tree of one node, or of a split by the first feature, whose codes are listed. */
function treeOf(codes: number): TreeArrays {
  const split = codes > 0;
  return {
    feature: split ? Int32Array.of(0, -1, -1) : Int32Array.of(-1),
    threshold: new Float32Array(split ? 3 : 1),
    left: split ? Int32Array.of(1, -1, -1) : Int32Array.of(-1),
    right: split ? Int32Array.of(2, -1, -1) : Int32Array.of(-1),
    missingLeft: new Uint8Array(split ? 3 : 1),
    value: new Float64Array(split ? 3 : 1),
    cover: split ? Float64Array.of(2, 1, 1) : Float64Array.of(2),
    ...(split && {
      categoryStarts: Int32Array.of(0, codes, codes, codes),
      categories: Int32Array.from({ length: codes }, (_, i) => i),
    }),
  };
}

const modelOf = (trees: readonly TreeArrays[]) => ({
  featureNames: matrix.names,
  baseMargin: -1,
  trees,
  link: 'logistic' as const,
  calibration: undefined,
});

describe('a tree without a split', () => {
  it('does not end the training while it moves the rows: the focal loss learns from rare frauds', () => {
    const random = seededRandom('rare');
    const x = Float32Array.from({ length: 3000 }, () => random.normal(0, 1));
    const rare = Uint8Array.from(x, (value) => Number(value > 2.3));
    const rows = featureMatrix(['x'], [x]);
    const model = trainBoosting(rows, rare, { objective: { focal: {} } });
    // Where p (1 - p) is this small, no side has minChildWeight of hessian until the first trees have raised the margin.
    expect(model.trees[0]!.feature.length).toBe(1);
    expect(rocAuc(model.scoreBatch(rows), rare)).toBeGreaterThan(0.99);
  });

  it('nor while a loss of one’s own has a better constant', () => {
    const gradients = (margins: Float64Array, _labels: Uint8Array, g: Float64Array, h: Float64Array) => {
      margins.forEach((margin, row) => (g[row] = margin - 5));
      h.fill(1);
    };
    const same = featureMatrix(['same'], [new Float32Array(100)]);
    const model = trainBoosting(same, labels.slice(0, 100), { objective: { gradients }, trees: 200 });
    expect(model.margin([0])).toBeCloseTo(5, 4);
  });

  it('ends it when it only repeats how gradients were rounded', () => {
    for (let frauds = 1; frauds < 60; frauds++) {
      const same = featureMatrix(['same'], [new Float32Array(1001)]);
      expect(trainBoosting(same, new Uint8Array(1001).fill(1, 0, frauds)).trees.length).toBe(1);
    }
  });
});

describe('continueFrom', () => {
  it.each<BoostingOptions>([{ rowSampling: 0.5 }, { columnSampling: 0.5 }, { rowSampling: 0.4, columnSampling: 0.7, seed: 3 }])(
    'goes on with the draws that would have come: %j',
    (options) => {
      const first = trainBoosting(matrix, labels, { ...options, trees: 3 });
      expect(bytesOf({ ...options, trees: 4, continueFrom: first })).toBe(bytesOf({ ...options, trees: 7 }));
    },
  );

  it.each([
    [
      'a broken tree',
      modelOf([{ ...treeOf(2), feature: Int32Array.of(99, -1, -1) }]),
      'continueFrom: trees[0]: feature[0] is 99',
    ],
    ['too many trees', modelOf(Array<TreeArrays>(19_999).fill(treeOf(0))), 'trees: 2 after the 19999 of continueFrom'],
  ])('is refused before any work: %s', (_, continueFrom, message) => {
    const progress = { task: () => expect.fail('work has begun') };
    expect(() => trainBoosting(matrix, labels, { trees: 2, continueFrom, progress })).toThrow(
      expect.objectContaining({ name: 'TrainError', code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });
});

describe('what a model holds', () => {
  it('bounds the listed categories', () => {
    const options = { categorical: ['kind', 'place'], continueFrom: modelOf([treeOf(3_999_999)]) };
    expect(() => trainBoosting(matrix, labels, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('a model holds at most 4000000') }),
    );
  });

  it('bounds the nodes of one tree while it grows', () => {
    const writer = new TreeWriter();
    for (let i = 0; i < 4_000_000; i++) writer.add(1);
    expect(() => writer.add(1)).toThrow(expect.objectContaining({ name: 'TrainError', code: 'INVALID_OPTION' }));
  });
});

describe('weights', () => {
  it('as small as one likes: only their ratio to l2 and minChildWeight matters', () => {
    const grown = (weight: number) => {
      const weights = Float64Array.from(labels, (_, row) => weight * (row % 3 === 0 ? 0.5 : 1));
      const model = trainBoosting(matrix, labels, { trees: 10, depth: 4, weights, l2: weight, minChildWeight: weight });
      return model.marginBatch(matrix);
    };
    const margins = grown(1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (halvings) => {
        expect(grown(2 ** -halvings)).toEqual(margins);
      }),
      { numRuns: 8 },
    );
  });
});
