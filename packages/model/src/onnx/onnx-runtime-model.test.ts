import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureMatrix } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import golden from './foreign-files.golden.json' with { type: 'json' };
import { onnxRuntimeModel } from './onnx-runtime-model.js';
import { randomRows, randomTreeModel } from './random-trees.fixture.js';
import { toOnnx } from './to-onnx.js';

const four = { featureNames: ['a', 'b', 'c', 'd'] };
const fileOf = (name: keyof typeof golden) => Buffer.from(golden[name].onnx, 'base64');

describe('onnxRuntimeModel', () => {
  const model = randomTreeModel({ seed: 1, trees: 5, splits: 10, features: 4, leafSize: 1 });
  const rows = randomRows(model, 25, 1);
  const columns = model.featureNames.map((_, j) => Float32Array.from(rows, (row) => row[j]!));

  it('scores one row and batches as the model that was exported does, missing values included', async () => {
    const runtime = await onnxRuntimeModel(toOnnx(model, { labelThreshold: 0.5 }), {
      featureNames: model.featureNames,
      batchRows: 10,
    });
    const scores = await runtime.scoreBatch(featureMatrix(model.featureNames, columns));
    for (const [i, row] of rows.entries()) {
      expect(Math.abs(scores[i]! - model.score(row))).toBeLessThan(1e-6);
      expect(await runtime.score(row)).toBe(scores[i]);
    }
    await runtime.release();
    await expect(runtime.score(rows[0]!)).rejects.toThrow('the model was released');
  });

  it('reads a file by its path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
    writeFileSync(join(folder, 'model.onnx'), toOnnx(model));
    const runtime = await onnxRuntimeModel(join(folder, 'model.onnx'), { featureNames: model.featureNames });
    expect(await runtime.score(rows[0]!)).toBeCloseTo(model.score(rows[0]!), 6);
    await runtime.release();
    rmSync(folder, { recursive: true });
  });

  it.each(['sklearn-forest', 'concat-gemm', 'onnxmltools-lightgbm'] as const)(
    'scores %s: two columns, or an input a feature',
    async (name) => {
      const runtime = await onnxRuntimeModel(fileOf(name), four);
      const row = golden[name].rows[0]!.map((value) => Number(value ?? Number.NaN));
      expect(await runtime.score(row)).toBeCloseTo(golden[name].probabilities[0]!, 6);
      await runtime.release();
    },
  );

  it('refuses rows and matrices as a model does', async () => {
    const runtime = await onnxRuntimeModel(toOnnx(model), { featureNames: model.featureNames });
    await expect(runtime.score([1])).rejects.toThrow('row: 1 values, the model takes 4');
    await expect(runtime.scoreBatch(featureMatrix(['x', 'f1', 'f2', 'f3'], columns))).rejects.toThrow('feature 0 is x');
    await runtime.release();
  });

  it.each([
    ['maps of probabilities, with the way out', () => onnxRuntimeModel(fileOf('sklearn-logistic-zipmap'), four), 'zipmap=False'],
    ['as many names as there are no features', () => onnxRuntimeModel(toOnnx(model), { featureNames: ['a'] }), 'for 1 features'],
    ['what is no ONNX file', () => onnxRuntimeModel(Uint8Array.of(1, 2, 3), four), 'ONNX Runtime refused the file'],
    ['an output that does not exist', () => onnxRuntimeModel(toOnnx(model), { ...four, output: 'q' }), 'no output q'],
  ])('refuses %s', async (_what, open, message) => {
    await expect(open()).rejects.toThrow(
      expect.objectContaining({ name: 'ModelError', message: expect.stringContaining(message) }),
    );
  });

  it('refuses a score that is no probability', async () => {
    const runtime = await onnxRuntimeModel(fileOf('sklearn-logistic'), four);
    await expect(runtime.score([Number.NaN, 0, 0, 0])).rejects.toThrow('is NaN at row 0, expected 0 to 1');
    await runtime.release();
  });
});
