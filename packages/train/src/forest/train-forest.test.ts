import { type FeatureMatrix, featureMatrix, seededRandom, takeRows } from '@fraudops/core';
import { type TreeArrays, treeModel } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../metrics/ranking/average-precision.js';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
import { TrainError } from '../train-error.js';
import { trainForest } from './train-forest.js';

function rows(seed: number, rowCount: number): { matrix: FeatureMatrix; labels: Uint8Array } {
  const random = seededRandom(seed);
  const columns = Array.from({ length: 6 }, () => new Float32Array(rowCount));
  const labels = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    for (const column of columns) column[i] = random.next() < 0.1 ? Number.NaN : random.normal();
    const [a, b] = [columns[0]![i]!, columns[1]![i]!];
    labels[i] = Number(random.next() < 1 / (1 + Math.exp(3 - 2 * (a || 0) * (b || 0) - (Number.isNaN(a) ? 2 : 0))));
  }
  return { matrix: featureMatrix(['a', 'b', 'c', 'd', 'e', 'f'], columns), labels };
}

const { matrix, labels } = rows(1, 2000);

/** The tree with the numbers of its nodes as values, to tell leaves apart. */
const countingTree = (tree: TreeArrays): TreeArrays => ({ ...tree, value: Float64Array.from(tree.value, (_, node) => node) });

describe('trainForest', () => {
  it('is a mean of shares of frauds, each leaf counted by the rows that were drawn', () => {
    const forest = trainForest(matrix, labels, { trees: 10, minRowsPerLeaf: 20 });
    expect(forest.link).toBe('identity');
    for (const tree of forest.trees) {
      expect(tree.cover[0]).toBe(2000);
      tree.feature.forEach((feature, node) => {
        if (feature >= 0) {
          expect(tree.cover[node]).toBe(tree.cover[tree.left[node]!]! + tree.cover[tree.right[node]!]!);
        } else {
          expect(tree.cover[node]).toBeGreaterThanOrEqual(20);
          expect(tree.value[node]! * 10).toBeLessThanOrEqual(1);
          expect(tree.value[node]! * 10 * tree.cover[node]!).toBeCloseTo(
            Math.round(tree.value[node]! * 10 * tree.cover[node]!),
            6,
          );
        }
      });
    }
  });

  it('without bootstrap separates rows that differ: the score is the label', () => {
    const forest = trainForest(matrix, labels, { trees: 3, bootstrap: false });
    expect([...forest.scoreBatch(matrix)].map((score) => Math.round(score * 1e9) / 1e9)).toEqual([...labels]);
  });

  it('counts a row of weight 2 as two rows, of weight 0 as none', () => {
    const options = { trees: 4, bootstrap: false, columnSampling: 1 } as const;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const random = seededRandom(seed);
        const small = rows(seed, 200);
        // Bins come from the rows whatever their weights, so few distinct values make sure that they are the same.
        const coarse = { ...small.matrix, columns: small.matrix.columns.map((column) => column.map((x) => Math.round(4 * x))) };
        const weights = Float64Array.from(small.labels, () => random.integer(3));
        const repeated = [...weights].flatMap((weight, row) => new Array<number>(weight).fill(row));
        const weighted = trainForest(coarse, small.labels, { ...options, weights });
        const twice = trainForest(
          takeRows(coarse, repeated),
          Uint8Array.from(repeated, (row) => small.labels[row]!),
          options,
        );
        const present = takeRows(coarse, repeated);
        expect(weighted.scoreBatch(present)).toEqual(twice.scoreBatch(present));
      }),
      { numRuns: 10 },
    );
  });

  it('learns the same from weights of any scale, and counts rows for minRowsPerLeaf without them', () => {
    const weights = Float64Array.from(labels, (_, i) => 1 + (i % 3));
    const least = 20;
    const options = { trees: 3, minRowsPerLeaf: least, bootstrap: false };
    const forest = trainForest(matrix, labels, { ...options, weights });
    for (const scale of [2 ** -13, 2 ** 20]) {
      const scaled = trainForest(matrix, labels, { ...options, weights: weights.map((weight) => weight * scale) });
      expect(scaled.scoreBatch(matrix)).toEqual(forest.scoreBatch(matrix));
    }
    for (const tree of forest.trees) {
      const alone = treeModel({ featureNames: matrix.names, baseMargin: 0, trees: [countingTree(tree)], link: 'identity' });
      const rowsOfLeaf = new Map<number, number>();
      for (const leaf of alone.marginBatch(matrix)) rowsOfLeaf.set(leaf, (rowsOfLeaf.get(leaf) ?? 0) + 1);
      expect(rowsOfLeaf.size).toBeGreaterThan(10);
      expect(Math.min(...rowsOfLeaf.values())).toBeGreaterThanOrEqual(least);
      // Counted by weight, leaves would be twice as small.
      expect(Math.min(...rowsOfLeaf.values())).toBeLessThan(2 * least);
    }
  });

  it('draws among the rows that have weight, however few', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer(), (weighted, seed) => {
        const small = rows(seed, 60);
        small.labels.fill(0);
        small.labels[0] = 1;
        const weights = Float64Array.from(small.labels, (_, i) => Number(i <= weighted));
        const forest = trainForest(small.matrix, small.labels, { trees: 20, weights, outOfBag: true, seed });
        for (const tree of forest.trees) expect(tree.cover[0]).toBe(weighted + 1);
        // Rows of no weight are left out by every tree.
        expect(forest.outOfBag!.scores.subarray(weighted + 1).every((score) => score >= 0 && score <= 1)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses weights of a class that are lost beside those of the other', () => {
    // The frauds hold 1.02e-12 of all weight; each rounds to 0.
    const weights = Float64Array.from(labels, (label) => (label === 1 ? 7e-12 : 1));
    const job = (): unknown => trainForest(matrix, labels, { trees: 1, weights });
    expect(job).toThrow(TrainError);
    expect(job).toThrow(
      /^trainForest: weights of the rows with label 1 add up to .* after rounding to multiples of .*; scale them up$/,
    );
  });

  it('bounds leaves and depth, and splits where it gains most first', () => {
    const forest = trainForest(matrix, labels, { trees: 5, maxLeaves: 6 });
    for (const tree of forest.trees) expect(tree.feature.filter((feature) => feature < 0).length).toBe(6);
    const stumps = trainForest(matrix, labels, { trees: 5, depth: 1 });
    for (const tree of stumps.trees) expect(tree.feature.length).toBe(3);
  });

  it('scores training rows by the trees that left them out, about as well as it scores new rows', () => {
    const forest = trainForest(matrix, labels, { trees: 60, outOfBag: true });
    const { scores, rowCount, rocAuc: area, averagePrecision: precision } = forest.outOfBag!;
    expect(rowCount).toBe(2000);
    expect(area).toBe(rocAuc(scores, labels));
    expect(precision).toBe(averagePrecision(scores, labels));
    const fresh = rows(2, 2000);
    expect(Math.abs(area! - rocAuc(forest.scoreBatch(fresh.matrix), fresh.labels)!)).toBeLessThan(0.05);
    const few = trainForest(matrix, labels, { trees: 1, outOfBag: true }).outOfBag!;
    expect(few.rowCount).toBe(few.scores.filter((score) => !Number.isNaN(score)).length);
    expect(few.rowCount).toBeLessThan(1000);
    expect(trainForest(matrix, labels, { trees: 1 }).outOfBag).toBeUndefined();
  });

  it('ranks new rows like scikit-learn', () => {
    // scikit-learn 1.9.1 RandomForestClassifier(100), ten seeds: AUC .7823, AP .4672; deviation from seed to seed .0045 and .0056.
    const fresh = rows(2, 2000);
    const figures = [0, 1, 2, 3].map((seed) => {
      const scores = trainForest(matrix, labels, { seed }).scoreBatch(fresh.matrix);
      return [rocAuc(scores, fresh.labels)!, averagePrecision(scores, fresh.labels)!] as const;
    });
    const mean = (position: 0 | 1): number => figures.reduce((sum, figure) => sum + figure[position], 0) / figures.length;
    expect(Math.abs(mean(0) - 0.7823)).toBeLessThan(0.008);
    expect(Math.abs(mean(1) - 0.4672)).toBeLessThan(0.012);
  });

  it('refuses options that contradict each other or are out of range', () => {
    expect(() => trainForest(matrix, labels, { outOfBag: true, bootstrap: false })).toThrow(
      'outOfBag is set and bootstrap is not',
    );
    expect(() => trainForest(matrix, labels, { columnSampling: 1.5 })).toThrow(
      'trainForest: columnSampling: 1.5, expected a number from 0 to 1',
    );
    expect(() => trainForest(matrix, labels, { trees: 0 })).toThrow('trainForest: trees: 0, expected a whole number');
  });
});
