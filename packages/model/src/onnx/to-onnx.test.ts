import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearModel } from '../linear-model.js';
import type { Model } from '../model.js';
import { treeModel } from '../tree-model.js';
import { onnxScores } from './onnx-runtime.fixture.js';
import { randomRows, randomTreeModel } from './random-trees.fixture.js';
import { readOnnx } from './read-onnx.js';
import { MAX_CHAIN_LINKS } from './tree-ensemble-nodes.js';
import { toOnnx } from './to-onnx.js';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

const stump = (categories: readonly number[]) => ({
  feature: Int32Array.of(0, -1, -1),
  threshold: new Float32Array(3),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, 1, -1),
  cover: Float64Array.of(2, 1, 1),
  categoryStarts: Int32Array.of(0, categories.length, categories.length, categories.length),
  categories: Int32Array.from(categories),
});

const linearParts = {
  featureNames: ['a', 'b', 'c'],
  weights: [0.5, 1e-3, -2],
  intercept: -1.25,
  missingValues: [0.1, 100, 0.3],
};
const linear = (calibration?: Parameters<typeof linearModel>[0]['calibration']) => linearModel({ ...linearParts, calibration });

async function largestDifference(model: Model, rows: readonly ArrayLike<number>[]): Promise<number> {
  const scores = await onnxScores(toOnnx(model), rows);
  return rows.reduce((worst: number, row, i) => Math.max(worst, Math.abs(scores[i]! - model.score(row))), 0);
}

describe(`toOnnx, run by onnxruntime-node ${version}`, () => {
  it('gives the scores of tree models with every kind of split, on their edges', async () => {
    const settings = fc.record({
      seed: fc.nat(),
      trees: fc.integer({ min: 0, max: 20 }),
      splits: fc.integer({ min: 0, max: 30 }),
      link: fc.constantFrom('logistic', 'identity', 'exp2'),
    });
    await fc.assert(
      fc.asyncProperty(settings, async ({ seed, trees, splits, link }) => {
        const model = randomTreeModel({ seed, trees, splits, features: 7, leafSize: 0.3, parts: { link } });
        expect(await largestDifference(model, randomRows(model, 100, seed))).toBeLessThan(1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { kind: 'platt', slope: 1.7, intercept: -0.3 } as const,
    { kind: 'prior', logOddsShift: -2.5 } as const,
    { kind: 'isotonic', margins: [-3, -2, 5], probabilities: [0.1, 0.12, 0.4] } as const,
  ])('gives calibrated scores, %j', async (calibration) => {
    const trees = randomTreeModel({ seed: 1, trees: 5, splits: 10, features: 5, leafSize: 0.5, parts: { calibration } });
    expect(await largestDifference(trees, randomRows(trees, 200, 1))).toBeLessThan(1e-6);
    const rows = Array.from({ length: 50 }, (_, i) => [i - 25, i % 3 === 0 ? Number.NaN : i * 40, i / 50]);
    expect(await largestDifference(linear(calibration), rows)).toBeLessThan(1e-7);
  });

  it('gives the scores of linear models, missing values replaced', async () => {
    const rows = [
      [1, 2, 3],
      [Number.NaN, Number.NaN, Number.NaN],
      [-1e6, 1e6, 0],
    ];
    expect(await largestDifference(linear(), rows)).toBeLessThan(1e-7);
  });

  it('decides codes of categories as the model does, fractions and odd codes too', async () => {
    const model = treeModel({ featureNames: ['a'], baseMargin: 0, trees: [stump([0, 1, 5, 16_777_215])] });
    const codes = [-1, -0.5, -0, 0, 0.5, 1, 1.99, 2, 4.999, 5, 5.5, 6, 16_777_214, 16_777_215, 16_777_216, 1e30, -1e30];
    const rows = [...codes, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((code) => [code]);
    expect(await largestDifference(model, rows)).toBeLessThan(1e-6);
  });

  it('adds labels on request', async () => {
    const model = randomTreeModel({ seed: 3, trees: 5, splits: 10, features: 3, leafSize: 1 });
    const rows = randomRows(model, 50, 3);
    const labels = await onnxScores(toOnnx(model, { labelThreshold: 0.2 }), rows, 'label');
    expect(labels).toEqual(rows.map((row) => Number(model.score(row) >= 0.2)));
  });
});

describe('toOnnx', () => {
  it('writes the same bytes again, with the names of the features', () => {
    const model = randomTreeModel({ seed: 3, trees: 3, splits: 10, features: 3, leafSize: 1 });
    expect(toOnnx(model)).toEqual(toOnnx(model));
    const file = readOnnx(toOnnx(model));
    expect(file.metadata.get('featureNames')).toBe('["f0","f1","f2"]');
    expect([file.irVersion, Object.fromEntries(file.opsets)]).toEqual([8, { '': 17, 'ai.onnx.ml': 3 }]);
  });

  it('refuses what ONNX Runtime would compute otherwise', () => {
    const steep = { kind: 'isotonic', margins: [-3, -2.999], probabilities: [0.1, 0.9] } as const;
    const trees = randomTreeModel({ seed: 1, trees: 5, splits: 10, features: 5, leafSize: 0.5, parts: { calibration: steep } });
    expect(() => toOnnx(trees)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MODEL' }));
    expect(() => toOnnx(linear(steep))).not.toThrow();
    const huge = treeModel({ featureNames: ['a'], baseMargin: 1e50, trees: [] });
    expect(() => toOnnx(huge)).toThrow('baseMargin is 1e+50, ONNX holds numbers of float32');
  });

  it('refuses isotonic calibration of a linear model that magnifies the order of additions', async () => {
    const steps = (width: number) => ({ kind: 'isotonic', margins: [-3, -3 + width], probabilities: [0, 1] }) as const;
    const margin = linear().margin([0.5, 7, 1]);
    const oneUlp = { kind: 'isotonic', margins: [margin, margin + 2 ** -51], probabilities: [0, 1] } as const;
    expect(() => toOnnx(linear(oneUlp))).toThrow('sums of float64 in another order may be');
    expect(() => toOnnx(linear(steps(1e-9)))).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MODEL' }));
    const rows = Array.from({ length: 100 }, (_, i) => [-3.5 + i * 0.07, 0, i * 0.0175]);
    expect(await largestDifference(linear(steps(1e-6)), rows)).toBeLessThan(1e-6);
    const large = linearModel({ ...linearParts, intercept: -1e6, calibration: steps(1e-6) });
    expect(() => toOnnx(large)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MODEL' }));
  });

  it('refuses a split that needs a longer chain than runtimes load', () => {
    const codes = Array.from({ length: MAX_CHAIN_LINKS / 2 + 1 }, (_, i) => 2 * i);
    const model = treeModel({ featureNames: ['a'], baseMargin: 0, trees: [stump(codes)] });
    expect(() => toOnnx(model)).toThrow('trees[0] node 0 needs 4098 comparisons, at most 4096 are allowed');
  });

  it('refuses a threshold of labels that is none', () => {
    expect(() => toOnnx(linear(), { labelThreshold: 2 })).toThrow('labelThreshold is 2, expected 0 to 1');
  });
});
