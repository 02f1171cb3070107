import { describe, expect, it } from 'vitest';
import { trainBoosting } from './boosting/train-boosting.js';
import { goldenRowsWithGaps } from './golden-rows.js';
import { trainLogistic } from './linear/train-logistic.js';
import { receivedModel, sentModel } from './sent-model.js';

const { matrix, labels } = goldenRowsWithGaps();
const codes = { ...matrix, columns: matrix.columns.map((column) => column.map((value) => Math.abs(Math.round(3 * value)))) };

describe('sentModel and receivedModel', () => {
  it.each([
    ['trees', trainBoosting(matrix, labels, { trees: 5, minChildWeight: 0 })],
    ['trees with categories', trainBoosting(codes, labels, { trees: 5, minChildWeight: 0, categorical: matrix.names })],
    ['a linear model', trainLogistic(matrix, labels)],
  ])('bring %s to another thread as they are', (_, model) => {
    const received = receivedModel(structuredClone(sentModel(model)));
    expect(received.toJson()).toEqual(model.toJson());
    expect(received.scoreBatch(codes)).toEqual(model.scoreBatch(codes));
  });

  it('tries categories', () => {
    const { trees } = trainBoosting(codes, labels, { trees: 5, minChildWeight: 0, categorical: matrix.names });
    expect(trees.some(({ categories }) => categories)).toBe(true);
  });
});
