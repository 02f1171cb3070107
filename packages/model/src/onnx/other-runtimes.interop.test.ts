/**
 * What is exported scores the same in other versions of ONNX Runtime and in Python, on 100,000 rows with missing and infinite values.
 * Runs under `npm run test:interop` only, which installs them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBundle } from '../bundle.js';
import { linearModel } from '../linear-model.js';
import { randomRows, randomTreeModel } from './random-trees.fixture.js';

/** Set by scripts/interop.js: folders that have a version of onnxruntime-node each, and a Python with MLflow. */
const runtimes = (process.env['FRAUDOPS_TEST_ONNXRUNTIMES'] ?? '').split(delimiter).filter((folder) => folder !== '');
const python = process.env['FRAUDOPS_TEST_PYTHON']!;

const script = (name: string) => fileURLToPath(new URL(`../../../../scripts/interop/${name}`, import.meta.url));

const size = { seed: 5, trees: 100, splits: 30, features: 9, leafSize: 0.1 };
const exportedModels = () => ({
  trees: randomTreeModel(size),
  'calibrated trees': randomTreeModel({ ...size, parts: { calibration: { kind: 'platt', slope: 1.3, intercept: -0.2 } } }),
  forest: randomTreeModel({ ...size, leafSize: 0.01, parts: { link: 'identity', baseMargin: 0.3 } }),
  'isolation forest': randomTreeModel({ ...size, leafSize: 0.01, parts: { link: 'exp2', baseMargin: -0.7 } }),
  'linear model': linearModel({
    featureNames: Array.from({ length: 9 }, (_, j) => `f${j}`),
    weights: [0.5, -1, 2, 0.125, 1e-3, -0.25, 0.75, 1.5, -2],
    intercept: -1.5,
    missingValues: [0.5, 0, 1, 2, 3, 4, 5, 6, 7],
  }),
});
type ModelName = keyof ReturnType<typeof exportedModels>;
const NAMES: readonly ModelName[] = ['trees', 'calibrated trees', 'forest', 'isolation forest', 'linear model'];
const ROWS = 100_000;
const WIDTH = 9;

describe('exported models in other programs', () => {
  let folder = '';
  let models: ReturnType<typeof exportedModels>;
  let rows: Float32Array[];

  beforeAll(() => {
    models = exportedModels();
    rows = randomRows(models.trees, ROWS, 7);
    folder = mkdtempSync(join(tmpdir(), 'fraudops-interop-'));
    for (const [name, model] of Object.entries(models)) {
      mkdirSync(join(folder, name));
      for (const { path, bytes } of writeBundle(
        { model },
        { mlflow: { inputExample: [rows[0]!.map((x) => (Math.abs(x) < 99 ? x : 0))] } },
      )) {
        writeFileSync(join(folder, name, path), bytes);
      }
      const data = new Float32Array(ROWS * WIDTH);
      rowsOf(name).forEach((row, i) => data.set(row, i * WIDTH));
      writeFileSync(join(folder, `${name}.rows`), data);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A linear model refuses infinite features. */
  const rowsOf = (name: string) =>
    name === 'linear model' ? rows.map((row) => row.map((x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? 0 : x))) : rows;

  function largestDifference(name: ModelName, scores: ArrayLike<number>): number {
    return rowsOf(name).reduce((worst, row, i) => Math.max(worst, Math.abs(scores[i]! - models[name].score(row))), 0);
  }

  it.each(runtimes.flatMap((runtime) => NAMES.map((name) => [name, runtime] as const)))(
    '%s, by %s',
    (name, runtime) => {
      const out = join(folder, 'scores');
      const paths = [runtime, join(folder, name, 'model.onnx'), join(folder, `${name}.rows`), out];
      execFileSync(process.execPath, [script('score-with-onnxruntime.cjs'), ...paths, String(WIDTH)]);
      const scores = new Float32Array(Uint8Array.from(readFileSync(out)).buffer);
      expect(scores.length).toBe(ROWS);
      const difference = largestDifference(name, scores);
      console.log(`${name}, ${runtime}: at most ${difference} apart`);
      expect(difference).toBeLessThan(1e-6);
    },
    300_000,
  );

  it.each(NAMES)(
    '%s, by Python',
    (name) => {
      const out = join(folder, 'scores');
      execFileSync(python, [script('score-with-mlflow.py'), join(folder, name), join(folder, `${name}.rows`), out], {
        stdio: 'pipe',
      });
      const scores = new Float64Array(Uint8Array.from(readFileSync(out)).buffer);
      expect(scores.length).toBe(2 * ROWS);
      const differences = [scores.subarray(0, ROWS), scores.subarray(ROWS)].map((each) => largestDifference(name, each));
      console.log(`${name}, mlflow.onnx and mlflow.pyfunc: at most ${differences.join(' and ')} apart`);
      expect(Math.max(...differences)).toBeLessThan(1e-6);
    },
    300_000,
  );
});
