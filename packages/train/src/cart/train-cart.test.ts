import { type Progress, featureMatrix, seededRandom } from '@fraudops/core';
import { DecisionTreeClassifier } from 'ml-cart';
import { describe, expect, it } from 'vitest';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
import { trainCart } from './train-cart.js';

function rows(rowCount: number) {
  const random = seededRandom(5);
  const amount = Float32Array.from({ length: rowCount }, () => Math.round(random.exponential(80)));
  const hour = Float32Array.from({ length: rowCount }, () => random.integer(24));
  const gaps = Float32Array.from({ length: rowCount }, () => (random.next() < 0.3 ? Number.NaN : random.normal()));
  const labels = Uint8Array.from(amount, (value, i) => Number(random.next() < (value > 220 ? 0.8 : hour[i]! < 4 ? 0.1 : 0.01)));
  return { matrix: featureMatrix(['amount', 'hour', 'gaps'], [amount, hour, gaps]), labels };
}

describe('trainCart', () => {
  it('sends every row where ml-cart sends it', () => {
    const { matrix, labels } = rows(400);
    const cart = trainCart(matrix, labels, { depth: 5, minRowsToSplit: 4 });
    const classifier = new DecisionTreeClassifier({ gainFunction: 'gini', maxDepth: 5, minNumSamples: 3, gainThreshold: 0 });
    const table = Array.from(labels, (_, row) =>
      matrix.columns.map((column) => (Number.isNaN(column[row]!) ? Number.POSITIVE_INFINITY : column[row]!)),
    );
    classifier.train(table, [...labels]);
    const scores = cart.scoreBatch(matrix);
    for (let row = 0; row < 400; row++) {
      let node = classifier.root;
      while (node.left && node.right) node = table[row]![node.splitColumn]! < node.splitValue ? node.left : node.right;
      const { distribution } = node as unknown as { distribution: { getRow(row: number): number[] } };
      expect(scores[row]).toBeCloseTo(distribution.getRow(0)[1] ?? 0, 12);
    }
  });

  it('finds the rule among many rows by a sample, and counts all rows in the leaves', () => {
    const { matrix, labels } = rows(20_000);
    const tasks: string[] = [];
    const silent = { advance: () => {}, total: () => {}, done: () => {}, fail: () => {} };
    const progress: Progress = {
      task: (name) => {
        tasks.push(name);
        return silent;
      },
    };
    const cart = trainCart(matrix, labels, { depth: 2, rowLimit: 500, progress });
    expect(tasks).toEqual(['Training a small tree on 500 of 20000 rows']);
    expect(cart.sampledRows).toBe(500);
    expect(matrix.names[cart.trees[0]!.feature[0]!]).toBe('amount');
    expect(Math.abs(cart.trees[0]!.threshold[0]! - 220)).toBeLessThan(25);
    expect(cart.trees[0]!.cover[0]).toBe(20_000);
    const scores = cart.scoreBatch(matrix);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(
      labels.reduce((sum, label) => sum + label, 0),
      6,
    );
    expect(rocAuc(scores, labels)).toBeGreaterThan(0.85);
  });

  it('counts weights in leaves and draws by them', () => {
    const { matrix, labels } = rows(1000);
    const weights = Float64Array.from(labels, (_, i) => i % 3);
    const cart = trainCart(matrix, labels, { weights, rowLimit: 300 });
    expect(cart.trees[0]!.cover[0]).toBe(weights.reduce((sum, weight) => sum + weight, 0));
    expect(cart.sampledRows).toBe(300);
  });

  it('refuses many features and options out of range', () => {
    const { labels } = rows(50);
    const names = Array.from({ length: 201 }, (_, j) => `x${j}`);
    const wide = featureMatrix(
      names,
      names.map(() => new Float32Array(50)),
    );
    expect(() => trainCart(wide, labels.fill(1, 0, 9))).toThrow('trainCart: 201 features, at most 200');
    expect(() => trainCart(rows(50).matrix, labels, { depth: 11 })).toThrow('trainCart: depth: 11, expected a whole number');
  });
});
