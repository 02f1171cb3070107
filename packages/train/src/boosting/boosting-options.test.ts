import { readFileSync } from 'node:fs';
import { featureMatrix, takeRows } from '@fraudops/core';
import { logistic, treeModel } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenRowsWithGaps } from '../golden-rows.js';
import { averagePrecision } from '../metrics/ranking/average-precision.js';
import { rocAuc } from '../metrics/ranking/roc-auc.js';
import type { BoostingOptions } from './boosting-options.js';
import { paymentLikeRows } from './payment-like-rows.fixture.js';
import { boost, trainBoosting } from './train-boosting.js';

const golden = JSON.parse(readFileSync(new URL('boosting-options.golden.json', import.meta.url), 'utf8')) as {
  margins: Record<string, number[]>;
  lightgbm: Record<'numeric' | 'categorical', { rocAuc: number; averagePrecision: number; logLoss: number }>;
};
const small = goldenRowsWithGaps();
const nextRows = paymentLikeRows(777);
const train = nextRows(6000);
const later = nextRows(6000);
const rowOf = (columns: readonly Float32Array[], i: number) => columns.map((column) => column[i]!);
const bytesOf = (options: BoostingOptions, rows = train) =>
  JSON.stringify(trainBoosting(rows.matrix, rows.labels, options).toJson());

function figures(options: BoostingOptions) {
  const model = trainBoosting(train.matrix, train.labels, options);
  const scores = model.scoreBatch(later.matrix);
  const losses = scores.map((score, i) => -Math.log(later.labels[i] === 1 ? score : 1 - score));
  return {
    rocAuc: rocAuc(scores, later.labels)!,
    averagePrecision: averagePrecision(scores, later.labels)!,
    logLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  };
}

describe('the options of trainBoosting', () => {
  it.each<[string, BoostingOptions]>([
    ['monotone', { monotone: { b: 1, c: -1 } }],
    ['l1', { l1: 0.7 }],
    ['positiveWeight', { positiveWeight: 3 }],
    ['depthLeaves', { growth: 'depth', maxLeaves: 4, depth: 4 }],
  ])('give the margins of xgboost 3.2.0: %s', (name, options) => {
    const common = { trees: 5, depth: 3, learningRate: 0.3, maxLeafStep: 1e9 };
    const model = trainBoosting(small.matrix, small.labels, { ...common, ...options });
    golden.margins[name]!.forEach((margin, i) => expect(model.margin(rowOf(small.matrix.columns, i))).toBeCloseTo(margin, 5));
  });

  it.each([
    ['numeric', {}],
    ['categorical', { categorical: ['kind', 'place'] }],
  ] as const)('are as accurate on later rows as lightgbm 4.7.0: %s', (name, options) => {
    // The standard error of the AUC is about .008; the two see the same rows, so they must be much closer.
    const ours = figures({ trees: 60, depth: 64, maxLeaves: 15, maxLeafStep: 1e9, ...options });
    const theirs = golden.lightgbm[name];
    expect(Math.abs(ours.rocAuc - theirs.rocAuc)).toBeLessThan(0.003);
    expect(Math.abs(ours.averagePrecision - theirs.averagePrecision)).toBeLessThan(0.01);
    expect(Math.abs(ours.logLoss - theirs.logLoss)).toBeLessThan(0.003);
  });

  it('monotone: the score never falls while a rising feature rises', () => {
    const model = trainBoosting(train.matrix, train.labels, { trees: 30, depth: 5, monotone: { odd: 1, rising: -1 } });
    fc.assert(
      fc.property(fc.nat(5999), fc.constantFrom('odd', 'rising'), (i, name) => {
        const row = rowOf(later.matrix.columns, i);
        const place = later.matrix.names.indexOf(name);
        const margins = Array.from({ length: 41 }, (_, step) => {
          row[place] = step / 10 - 2;
          return model.margin(row);
        });
        const direction = name === 'odd' ? 1 : -1;
        for (let step = 1; step < margins.length; step++) {
          expect(direction * (margins[step]! - margins[step - 1]!)).toBeGreaterThanOrEqual(-1e-12);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('minRowsPerLeaf: no leaf of fewer rows, counted', () => {
    const { trees } = trainBoosting(train.matrix, train.labels, { trees: 3, depth: 8, minChildWeight: 0, minRowsPerLeaf: 150 });
    for (const tree of trees) {
      const rows = new Map<number, number>();
      const leaves = treeModel({
        featureNames: train.matrix.names,
        baseMargin: 0,
        trees: [{ ...tree, value: tree.value.map((_, node) => node) }],
      }).marginBatch(train.matrix);
      for (const leaf of leaves) rows.set(leaf, (rows.get(leaf) ?? 0) + 1);
      expect(Math.min(...rows.values())).toBeGreaterThanOrEqual(150);
      expect(rows.size).toBeGreaterThan(5);
    }
  });

  it('categorical: codes in any order, rare and unseen ones to the right', () => {
    const codes = Float32Array.from({ length: 900 }, (_, i) => (i * 7) % 30);
    const labels = Uint8Array.from(codes, (code) => Number(code % 3 === 0));
    const model = trainBoosting(featureMatrix(['code'], [codes]), labels, { trees: 20, depth: 2, categorical: ['code'] });
    for (let code = 0; code < 30; code++) expect(model.score([code]) > 0.5).toBe(code % 3 === 0);
    for (const unseen of [30, -1, 1e6, Number.POSITIVE_INFINITY]) expect(model.score([unseen])).toBeLessThan(0.5);
    expect(model.trees[0]!.categories!.length).toBeGreaterThan(0);
  });

  it('weights count as repeated rows', () => {
    const kept = Uint32Array.from({ length: 300 }, (_, i) => i);
    const repeated = Uint32Array.from([...kept].flatMap((i) => Array<number>((i % 3) + 1).fill(i)));
    const options = { trees: 5, depth: 3, minRowsPerLeaf: 1, bins: 255 };
    const rounded = {
      ...train,
      matrix: featureMatrix(
        train.matrix.names,
        train.matrix.columns.map((c) => c.map((x) => Math.round(x * 8) / 8)),
      ),
    };
    const byRows = trainBoosting(
      takeRows(rounded.matrix, repeated),
      Uint8Array.from(repeated, (i) => train.labels[i]!),
      options,
    );
    const byWeights = trainBoosting(
      takeRows(rounded.matrix, kept),
      Uint8Array.from(kept, (i) => train.labels[i]!),
      {
        ...options,
        weights: Float64Array.from(kept, (i) => (i % 3) + 1),
      },
    );
    for (const i of kept) {
      const row = rowOf(rounded.matrix.columns, i);
      expect(byWeights.margin(row)).toBeCloseTo(byRows.margin(row), 4);
    }
  });

  it('positiveWeight is a weight of the frauds', () => {
    const weights = Float64Array.from(train.labels, (label) => (label === 1 ? 4 : 1));
    expect(bytesOf({ trees: 5, positiveWeight: 4 })).toBe(bytesOf({ trees: 5, weights }));
  });

  it.each<BoostingOptions>([
    { rowSampling: 0.5 },
    { columnSampling: 0.5 },
    { rowSampling: 0.3, columnSampling: 0.7, categorical: ['place'] },
  ])('samples by the seed: %j', (options) => {
    const bytes = bytesOf({ trees: 5, seed: 1, ...options });
    expect(bytesOf({ trees: 5, seed: 1, ...options })).toBe(bytes);
    expect(bytesOf({ trees: 5, seed: 2, ...options })).not.toBe(bytes);
    const { model, margins } = boost({ ...train, options: { trees: 5, seed: 1, ...options } });
    expect(model.marginBatch(train.matrix)).toEqual(margins);
  });

  it('columnSampling splits by that share of the features', () => {
    const { trees } = trainBoosting(train.matrix, train.labels, { trees: 8, columnSampling: 0.34 });
    for (const tree of trees) expect(new Set(tree.feature.filter((feature) => feature >= 0)).size).toBeLessThanOrEqual(2);
  });

  it('continueFrom goes on as if it had not stopped', () => {
    const first = trainBoosting(train.matrix, train.labels, { trees: 6 });
    expect(bytesOf({ trees: 4, continueFrom: first })).toBe(bytesOf({ trees: 10 }));
  });

  it.each(['averagePrecision', 'logLoss', 'rocAuc'] as const)('validation keeps the trees up to the best %s', (metric) => {
    const validation = { ...later, metric, patience: 5 };
    const options = { trees: 200, learningRate: 0.5, depth: 5 };
    const stopped = trainBoosting(train.matrix, train.labels, { ...options, validation });
    expect(stopped.trees.length).toBeLessThan(100);
    const full = trainBoosting(train.matrix, train.labels, { ...options, trees: stopped.trees.length + 5 });
    expect(full.trees.slice(0, stopped.trees.length)).toEqual(stopped.trees);
    const goodness = (count: number) => {
      const margins = treeModel({ ...full, trees: full.trees.slice(0, count) }).marginBatch(later.matrix);
      if (metric === 'rocAuc') return rocAuc(margins, later.labels)!;
      if (metric === 'averagePrecision') return averagePrecision(margins, later.labels)!;
      return -margins.reduce((sum, margin, i) => sum - Math.log(logistic(later.labels[i] === 1 ? margin : -margin)), 0);
    };
    const best = goodness(stopped.trees.length);
    for (let count = 0; count <= full.trees.length; count++) expect(goodness(count)).toBeLessThanOrEqual(best + 1e-9);
  });

  it('validation counts weights', () => {
    const weights = Float64Array.from(later.labels, (_, i) => Number(i < 3000));
    const half = Uint32Array.from({ length: 3000 }, (_, i) => i);
    const options = { trees: 100, learningRate: 0.5 };
    const weighted = bytesOf({ ...options, validation: { ...later, weights, patience: 3 } });
    const part = { matrix: takeRows(later.matrix, half), labels: later.labels.slice(0, 3000) };
    expect(weighted).toBe(bytesOf({ ...options, validation: { ...part, patience: 3 } }));
  });

  it("objective: derivatives of one's own", () => {
    const gradients = (margins: Float64Array, labels: Uint8Array, g: Float64Array, h: Float64Array) => {
      margins.forEach((margin, i) => {
        const p = 1 / (1 + Math.exp(-margin));
        g[i] = p - labels[i]!;
        h[i] = p * (1 - p);
      });
    };
    const own = trainBoosting(train.matrix, train.labels, { trees: 10, objective: { gradients } });
    const builtIn = trainBoosting(train.matrix, train.labels, { trees: 10 });
    own
      .marginBatch(later.matrix)
      .forEach((margin, i) => expect(margin).toBeCloseTo(builtIn.margin(rowOf(later.matrix.columns, i)), 3));
  });

  it('objective: the focal loss learns, and is half the log loss at gamma 0, alpha .5', () => {
    const focal = trainBoosting(train.matrix, train.labels, {
      trees: 10,
      l2: 0.5,
      minChildWeight: 0.5,
      objective: { focal: { gamma: 0, alpha: 0.5 } },
    });
    const logLoss = trainBoosting(train.matrix, train.labels, { trees: 10 });
    focal
      .marginBatch(later.matrix)
      .forEach((margin, i) => expect(margin).toBeCloseTo(logLoss.margin(rowOf(later.matrix.columns, i)), 3));
    expect(figures({ objective: { focal: { gamma: 2 } } }).rocAuc).toBeGreaterThan(0.79);
  });
});

describe('trainBoosting refuses', () => {
  it.each<[BoostingOptions, string, string]>([
    [{ growth: 'wide' as never }, 'INVALID_OPTION', 'growth is "wide", expected "leaf" or "depth"'],
    [{ l1: -1 }, 'INVALID_OPTION', 'l1: -1'],
    [{ minRowsPerLeaf: 0 }, 'INVALID_OPTION', 'minRowsPerLeaf: 0'],
    [{ rowSampling: 0 }, 'INVALID_OPTION', 'rowSampling: 0, expected a number from 0.01 to 1'],
    [{ columnSampling: 2 }, 'INVALID_OPTION', 'columnSampling: 2'],
    [{ positiveWeight: 0 }, 'INVALID_OPTION', 'positiveWeight: 0'],
    [{ monotone: { nothing: 1 } }, 'INVALID_OPTION', 'monotone names nothing, expected a feature of the matrix'],
    [{ monotone: { a: 2 as never } }, 'INVALID_OPTION', 'a is 2, expected 1 (rising) or -1 (falling)'],
    [{ categorical: ['nothing'] }, 'INVALID_OPTION', 'categorical names nothing'],
    [{ categorical: ['a'], monotone: { a: 1 } }, 'INVALID_OPTION', 'a is categorical and monotone'],
    [{ objective: 'hinge' as never }, 'INVALID_OPTION', 'objective is "hinge"'],
    [{ objective: { focal: { gamma: -1 } } }, 'INVALID_OPTION', 'objective: gamma: -1'],
    [{ objective: { gradients: (_m, _l, g) => g.fill(Number.NaN) } }, 'INVALID_OPTION', 'gradients[0] is NaN'],
    [{ validation: { ...small, patience: 0 } }, 'INVALID_OPTION', 'validation: patience: 0'],
    [{ validation: { ...small, metric: 'f1' as never } }, 'INVALID_OPTION', 'validation: metric is "f1"'],
    [{ validation: { ...small, labels: new Uint8Array(60) } }, 'ONE_CLASS', 'validation: no fraud (label 1) rows'],
    [{ validation: later }, 'LENGTH_MISMATCH', 'validation: the matrix has the features rising, skewed'],
    [
      { continueFrom: trainBoosting(train.matrix, train.labels, { trees: 1 }) },
      'INVALID_OPTION',
      'continueFrom has other features',
    ],
  ])('case %#', (options, code, message) => {
    expect(() => trainBoosting(small.matrix, small.labels, options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it('more rows than fit, before any work', () => {
    const column = new Float32Array(40_000_000);
    const labels = new Uint8Array(40_000_000).fill(1, 0, 9);
    const wide = featureMatrix(
      Array.from({ length: 40 }, (_, j) => `f${j}`),
      Array.from({ length: 40 }, () => column),
    );
    expect(() => trainBoosting(wide, labels)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('at most 2 GB are allowed') }),
    );
  });
});
