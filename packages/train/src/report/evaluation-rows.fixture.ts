import { type FeatureMatrix, featureMatrix, seededRandom } from '@fraudops/core';
import { type Model, type TreeArrays, linearModel, treeModel } from '@fraudops/model';

/** Names that would break a page or a Markdown table that did not escape them. */
export const HOSTILE = '</style><script>alert(1)</script>"\'`|\u202e&';

/** Rows of two weeks with frauds that the amount foretells, and a model that knows some of it. */
export interface EvaluationRows {
  readonly model: Model;
  readonly matrix: FeatureMatrix;
  readonly labels: Uint8Array;
  readonly times: Float64Array;
  readonly entityCodes: Int32Array;
  readonly amounts: Float64Array;
}

/** @param names of the two features, for hostile ones */
export function evaluationRows(rowCount = 1500, names: readonly [string, string] = ['AMOUNT', 'NIGHT']): EvaluationRows {
  const random = seededRandom(3);
  const amounts = Float64Array.from({ length: rowCount }, () => Math.round(100 * Math.exp(random.normal(3, 1))) / 100);
  const night = Float32Array.from(amounts, () => (random.next() < 0.1 ? Number.NaN : random.integer(2)));
  const labels = Uint8Array.from(amounts, (amount) => (random.next() < 1 / (1 + Math.exp(6 - amount / 25)) ? 1 : 0));
  const times = Float64Array.from(amounts, (_, i) => Date.UTC(2024, 0, 1) + Math.floor((i / rowCount) * 14 * 86_400_000));
  return {
    model: linearModel({ featureNames: names, weights: [0.03, 0.4], intercept: -5, missingValues: [20, 0.5] }),
    matrix: featureMatrix([...names], [Float32Array.from(amounts), night]),
    labels,
    times,
    entityCodes: Int32Array.from(amounts, () => random.integer(200)),
    amounts,
  };
}

/** One split of the first of two features, for models whose scores are few. */
export function stumpModel(
  names: readonly [string, string] = ['AMOUNT', 'NIGHT'],
  link: 'logistic' | 'exp2' = 'logistic',
): Model {
  const stump: TreeArrays = {
    feature: Int32Array.of(0, -1, -1),
    threshold: Float32Array.of(60, 0, 0),
    left: Int32Array.of(1, -1, -1),
    right: Int32Array.of(2, -1, -1),
    missingLeft: Uint8Array.of(1, 0, 0),
    value: Float64Array.of(0, -1, 0.5),
    cover: Float64Array.of(10, 8, 2),
  };
  return treeModel({ featureNames: names, baseMargin: -1, trees: [stump], link });
}
