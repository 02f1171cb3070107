import { readFileSync } from 'node:fs';
import { featureMatrix, seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { goldenNumbers } from '../golden-rows.js';
import { meanPath, trainIsolationForest } from './isolation-forest.js';

interface Golden {
  readonly scores: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('./isolation-forest.golden.json', import.meta.url), 'utf8')) as Golden;

/** The rows that the golden file describes. */
function goldenMatrix() {
  const next = goldenNumbers(7);
  const columns = Array.from({ length: 4 }, () => new Float32Array(400));
  for (let i = 0; i < 400; i++) {
    columns.forEach((column, j) => {
      const sum = next() + next() + next() + next() - 2;
      column[i] = i < 380 ? sum : sum * 4 + j;
    });
  }
  return featureMatrix(['a', 'b', 'c', 'd'], columns);
}

const ranks = (values: ArrayLike<number>): number[] => {
  const order = Array.from(values, (_, i) => i).toSorted((a, b) => values[a]! - values[b]!);
  const places = new Array<number>(order.length);
  order.forEach((row, place) => (places[row] = place));
  return places;
};

/** Spearman's correlation of values without ties. */
function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ranksA, ranksB] = [ranks(a), ranks(b)];
  const n = ranksA.length;
  const squares = ranksA.reduce((sum, rank, i) => sum + (rank - ranksB[i]!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}

describe('trainIsolationForest', () => {
  it('scores like scikit-learn 1.9.1, whose own seeds correlate by .98 and differ by up to .033', () => {
    const scores = trainIsolationForest(goldenMatrix(), { trees: 500 }).scoreBatch(goldenMatrix());
    expect(rankCorrelation(scores, golden.scores)).toBeGreaterThan(0.98);
    scores.forEach((score, i) => expect(Math.abs(score - golden.scores[i]!)).toBeLessThan(0.03));
  });

  it('follows the formula: two rows are one split apart', () => {
    const model = trainIsolationForest(featureMatrix(['x'], [Float32Array.of(0, 1)]), { trees: 4 });
    // h = 1, c(1) = 0 and c(2) = 1 in every tree: 2^-1.
    expect(model.margin([0])).toBe(-1);
    expect(model.score([1])).toBe(0.5);
  });

  it('adds the mean path of the rows that it did not separate', () => {
    const model = trainIsolationForest(featureMatrix(['x'], [new Float32Array(50).fill(2)]), { trees: 7 });
    expect(model.margin([2])).toBeCloseTo(-1, 14);
    const pair = trainIsolationForest(featureMatrix(['x'], [Float32Array.of(5, 5, 9)]), { trees: 1 });
    expect(pair.margin([5])).toBeCloseTo(-(1 + 1) / meanPath(3), 14);
    expect(pair.margin([9])).toBeCloseTo(-1 / meanPath(3), 14);
  });

  it('knows the mean path (Liu, Ting and Zhou 2008, equation 1)', () => {
    expect([0, 1, 2].map(meanPath)).toEqual([0, 0, 1]);
    // scikit-learn 1.9.1 _average_path_length
    expect(meanPath(3)).toBeCloseTo(1.207392357589623, 14);
    expect(meanPath(256)).toBeCloseTo(10.244770920119917, 13);
  });

  it('sends missing values with the majority, to a usual score', () => {
    const column = goldenMatrix().columns[0]!.map((value, i) => (i % 5 === 0 ? Number.NaN : value));
    const model = trainIsolationForest(featureMatrix(['a'], [column]));
    const scores = model.scoreBatch(featureMatrix(['a'], [column]));
    const median = scores.toSorted()[200]!;
    expect(model.score([Number.NaN])).toBeLessThanOrEqual(median);
  });

  it('draws distinct rows, and all when there are fewer than asked for', () => {
    const model = trainIsolationForest(goldenMatrix(), { trees: 3, sampleRows: 1000 });
    for (const tree of model.trees) expect(tree.cover[0]).toBe(400);
    expect(() => trainIsolationForest(featureMatrix(['x'], [Float32Array.of(1)]))).toThrow('1 row, expected at least 2');
    expect(() => trainIsolationForest(goldenMatrix(), { sampleRows: 1 })).toThrow('sampleRows: 1, expected a whole number');
  });

  it('refuses trees that outgrow what a model holds, as soon as they do', () => {
    const random = seededRandom(1);
    const rows = featureMatrix(['x'], [Float32Array.from({ length: 40_000 }, () => random.next())]);
    let trees = 0;
    const task = { advance: () => trees++, total: () => {}, done: () => {}, fail: () => {} };
    const options = { trees: 2_000, sampleRows: 40_000, progress: { task: () => task } };
    expect(() => trainIsolationForest(rows, options)).toThrow(
      expect.objectContaining({
        name: 'TrainError',
        code: 'INVALID_OPTION',
        message: expect.stringContaining('at most 4000000'),
      }),
    );
    expect(trees).toBeLessThan(500);
  });
});
