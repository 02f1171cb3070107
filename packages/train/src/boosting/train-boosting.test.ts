import { featureMatrix, takeRows } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenRowsWithGaps } from '../golden-rows.js';
import { boost, trainBoosting } from './train-boosting.js';

const { matrix, labels, weights } = goldenRowsWithGaps();

/**
 * xgboost 3.2.0 (tree_method hist, 5 rounds, eta .3, lambda 1, min_child_weight 1, max_bin 256, base_score = the rows' share of frauds):
 * margins of the first 24 golden rows.
 */
const xgboost = [
  {
    growth: 'depth-wise',
    options: { depth: 3 },
    margins: [
      -0.363147, -0.762901, 1.230474, 0.297674, -1.885834, -0.762901, 1.230474, -0.984174, -1.885834, -1.885834, 0.297674,
      -2.107107, -2.107107, -0.984174, -2.107107, -0.984174, 1.230474, 0.297674, -0.363147, 1.230474, 1.230474, -2.107107,
      -2.107107, -2.107107,
    ],
  },
  {
    growth: 'leaf-wise',
    options: { depth: 64, maxLeaves: 4 },
    margins: [
      -0.323843, -0.636819, 1.227705, 0.379672, -2.052869, -0.636819, 1.227705, -0.812572, -2.052869, -2.052869, 0.379672,
      -2.052869, -2.052869, -0.812572, -2.052869, -1.055842, 1.227705, 0.056741, -0.567114, 1.227705, 1.227705, -2.052869,
      -2.052869, -2.052869,
    ],
  },
  {
    // Whole weights of 1 to 4: XGBoost leaves rows of weight 0 out when it chooses its bins.
    growth: 'weighted',
    options: { depth: 3, weights: weights.map((weight) => weight + 1) },
    margins: [
      0.50861, -0.348793, 0.313311, 0.162483, -2.422822, -0.348793, 1.015248, -0.956337, -2.422822, -2.422822, 0.560472,
      -2.422822, -2.422822, -1.328911, -2.422822, -1.936455, 1.352438, -0.66211, 0.106139, 1.420822, 1.015248, -2.422822,
      -2.422822, -2.422822,
    ],
  },
];

const rowOf = (columns: readonly Float32Array[], i: number) => columns.map((column) => column[i]!);

describe('trainBoosting', () => {
  it.each(xgboost)('has the margins of xgboost 3.2.0: $growth', ({ options, margins }) => {
    const model = trainBoosting(matrix, labels, { trees: 5, learningRate: 0.3, maxLeafStep: 1e9, ...options });
    margins.forEach((margin, i) => expect(model.margin(rowOf(matrix.columns, i))).toBeCloseTo(margin, 5));
  });

  it('scores training rows exactly as training saw them', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.float(), fc.constant(Number.NaN)), fc.integer({ min: 0, max: 9 }), fc.nat(1)), {
          minLength: 4,
          maxLength: 120,
        }),
        fc.record({
          bins: fc.integer({ min: 2, max: 12 }),
          depth: fc.integer({ min: 1, max: 5 }),
          maxLeaves: fc.option(fc.integer({ min: 2, max: 6 }), { nil: null }),
        }),
        (rows, { bins, depth, maxLeaves }) => {
          const labelled = [...rows, [1, 1, 0] as const, [2, 2, 1] as const];
          const columns = [
            Float32Array.from(labelled, ([x]) => (Number.isFinite(x) ? x : Number.NaN)),
            Float32Array.from(labelled, ([, y]) => y),
          ];
          const { model, margins } = boost({
            matrix: featureMatrix(['x', 'y'], columns),
            labels: Uint8Array.from(labelled, ([, , label]) => label),
            options: { trees: 4, bins, depth, minChildWeight: 0.01, ...(maxLeaves === null ? {} : { maxLeaves }) },
          });
          margins.forEach((margin, i) => expect(model.margin(rowOf(columns, i))).toBe(margin));
        },
      ),
      { numRuns: 200 },
    ));

  it('does not depend on the order of rows, to the bit', () => {
    const order = Uint32Array.from({ length: 60 }, (_, i) => (i * 37) % 60);
    const shuffled = trainBoosting(
      takeRows(matrix, order),
      Uint8Array.from(order, (row) => labels[row]!),
      { trees: 10 },
    );
    expect(shuffled.toJson()).toEqual(trainBoosting(matrix, labels, { trees: 10 }).toJson());
  });

  it('grows the same trees leaf-wise and depth-wise while leaves are not what bounds them', () => {
    const byDepth = trainBoosting(matrix, labels, { trees: 5, depth: 3, minChildWeight: 0.1 });
    const byLeaf = trainBoosting(matrix, labels, { trees: 5, depth: 3, maxLeaves: 8, minChildWeight: 0.1 });
    for (let i = 0; i < 60; i++) expect(byLeaf.margin(rowOf(matrix.columns, i))).toBe(byDepth.margin(rowOf(matrix.columns, i)));
  });

  it('keeps within depth, leaves and weights', () => {
    const { trees } = trainBoosting(matrix, labels, { trees: 5, depth: 5, maxLeaves: 5, minChildWeight: 0.5 });
    expect(trees.length).toBe(5);
    for (const tree of trees) {
      expect(tree.feature.filter((feature) => feature === -1).length).toBeLessThanOrEqual(5);
      expect(Math.min(...tree.cover)).toBeGreaterThanOrEqual(0.5);
    }
    const stumps = trainBoosting(matrix, labels, { trees: 3, depth: 1 });
    for (const tree of stumps.trees) expect(tree.feature.length).toBe(3);
  });

  it('learns where missing values belong', () => {
    const gaps = featureMatrix(['x'], [Float32Array.from({ length: 80 }, (_, i) => (i % 4 === 0 ? Number.NaN : i % 4))]);
    const frauds = Uint8Array.from({ length: 80 }, (_, i) => Number(i % 4 === 0));
    const model = trainBoosting(gaps, frauds, { trees: 20, depth: 2 });
    expect(model.score([Number.NaN])).toBeGreaterThan(0.8);
    for (const x of [-1e30, 1, 2, 3, 1e30]) expect(model.score([x])).toBeLessThan(0.2);
  });

  it('bounds the step of a leaf', () => {
    const { trees } = trainBoosting(matrix, labels, { trees: 3, learningRate: 0.5, maxLeafStep: 0.1 });
    for (const tree of trees) for (const value of tree.value) expect(Math.abs(value)).toBeLessThanOrEqual(0.05);
  });

  it('stops when no split gains anything, leaving the share of frauds', () => {
    const constant = featureMatrix(['same'], [new Float32Array(8).fill(3)]);
    const model = trainBoosting(constant, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1));
    expect(model.trees.length).toBe(1);
    expect(model.score([3])).toBeCloseTo(0.25, 12);
    expect(model.score([Number.NaN])).toBeCloseTo(0.25, 12);
  });

  it('counts a row of weight 0 as none', () => {
    const kept = Uint32Array.from({ length: 50 }, (_, i) => i);
    // A bin a value in both cases, so that only the sums could differ.
    const without = trainBoosting(takeRows(matrix, kept), labels.slice(0, 50), { trees: 5, depth: 3 });
    const weighted = trainBoosting(matrix, labels, {
      trees: 5,
      depth: 3,
      weights: Float64Array.from(labels, (_, i) => Number(i < 50)),
    });
    for (const i of kept)
      expect(weighted.margin(rowOf(matrix.columns, i))).toBeCloseTo(without.margin(rowOf(matrix.columns, i)), 10);
  });

  it('reports each tree, and how it ended', () => {
    const events: unknown[] = [];
    const progress = {
      task: (name: string, options?: object) => {
        events.push([name, options]);
        return {
          advance: (units: number) => events.push(units),
          total: () => {},
          done: () => events.push('done'),
          fail: () => events.push('fail'),
        };
      },
    };
    trainBoosting(matrix, labels, { trees: 3, progress });
    expect(events).toEqual([['Training boosted trees', { total: 3, unit: 'trees' }], 1, 1, 1, 'done']);
  });

  it.each([
    [{ trees: 0 }, 'trainBoosting: trees: 0, expected a whole number from 1 to 20000'],
    [{ depth: 65 }, 'trainBoosting: depth: 65'],
    [{ maxLeaves: 1 }, 'trainBoosting: maxLeaves: 1'],
    [{ learningRate: 0 }, 'trainBoosting: learningRate: 0'],
    [{ l2: -1 }, 'trainBoosting: l2: -1'],
    [{ minChildWeight: Number.NaN }, 'trainBoosting: minChildWeight: NaN'],
    [{ maxLeafStep: 0 }, 'trainBoosting: maxLeafStep: 0'],
    [{ minGain: -1 }, 'trainBoosting: minGain: -1'],
    [{ bins: 256 }, 'trainBoosting: bins: 256, expected a whole number from 2 to 255'],
    [{ seed: Number.NaN }, 'trainBoosting: seed: NaN'],
    [{ depth: '3' as never }, 'trainBoosting: depth: "3", expected a whole number'],
  ])('refuses %j', (options, message) => {
    expect(() => trainBoosting(matrix, labels, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('refuses bad rows before any work', () => {
    expect(() => trainBoosting(matrix, new Uint8Array(60))).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }));
  });
});
