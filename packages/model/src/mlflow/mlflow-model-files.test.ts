import { isFraudOpsError } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { readBundle, writeBundle } from '../bundle.js';
import { linearModel } from '../linear-model.js';
import { fromOnnx } from '../onnx/from-onnx.js';
import { MLFLOW_PATHS, type MlflowOptions, mlflowModelFiles } from './mlflow-model-files.js';

const model = linearModel({ featureNames: ["it's", 'b'], weights: [0.1, 2], intercept: -3, missingValues: [50, 0] });
const textOf = (files: readonly { path: string; bytes: Uint8Array }[], path: string) =>
  new TextDecoder().decode(files.find((file) => file.path === path)!.bytes);

describe('mlflowModelFiles', () => {
  const files = mlflowModelFiles(model, { inputExample: [[1, Number.NaN]], createdMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
  const mlmodel = JSON.parse(textOf(files, 'MLmodel')) as Record<string, unknown> & { signature: Record<string, string> };

  it('writes every file of the folder, and the same bytes again', () => {
    expect(files.map(({ path }) => path)).toEqual(MLFLOW_PATHS);
    expect(mlflowModelFiles(model)).toEqual(mlflowModelFiles(model));
    expect(textOf(files, 'requirements.txt')).toBe('mlflow==3.17.2\nonnx==1.23.2\nonnxruntime==1.30.0\n');
    expect(textOf(files, 'input_example.json')).toBe('{"columns":["it\'s","b"],"data":[[1,null]]}');
  });

  it('says which columns the model takes, and when it was made', () => {
    expect(JSON.parse(mlmodel.signature['inputs']!)).toEqual([
      { type: 'double', name: "it's", required: true },
      { type: 'double', name: 'b', required: true },
    ]);
    expect(mlmodel).toMatchObject({ utc_time_created: '2026-01-02 03:04:05.000000', mlflow_version: '3.17.2' });
    expect(mlmodel['model_uuid']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('holds the model as ONNX', () => {
    const onnx = files.find(({ path }) => path === 'model.onnx')!.bytes;
    expect(fromOnnx(onnx, { withoutCertificate: true }).model.toJson()).toEqual(model.toJson());
  });

  it.each<[MlflowOptions, string]>([
    [{ modelUuid: 'x' }, 'modelUuid is "x", expected 32 hexadecimal digits'],
    [{ versions: { onnx: '1.0\nevil' } }, 'versions.onnx is "1.0\\nevil"'],
    [{ createdMs: Number.NaN }, 'createdMs is NaN'],
    [{ inputExample: [] }, 'inputExample has 0 rows'],
    [{ inputExample: [[1]] }, 'inputExample[0] has 1 values, the model takes 2'],
  ])('refuses %j', (options, message) => {
    expect(() => mlflowModelFiles(model, options)).toThrow(message);
  });
});

describe('a bundle that is an MLflow model too', () => {
  const files = writeBundle({ model, metrics: { rocAuc: 0.9 } }, { mlflow: true });
  const asMap = () => new Map(files.map(({ path, bytes }) => [path, bytes]));

  it('is read back', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'model.json',
      'metrics.json',
      'MLmodel',
      'model.onnx',
      'conda.yaml',
      'python_env.yaml',
      'requirements.txt',
      'manifest.json',
    ]);
    expect(readBundle(asMap()).model.toJson()).toEqual(model.toJson());
  });

  it('is refused when a byte of its ONNX file changed, or a file is missing', () => {
    const damaged = asMap();
    const bytes = damaged.get('model.onnx')!.slice();
    bytes[20]! ^= 1;
    damaged.set('model.onnx', bytes);
    expect(() => readBundle(damaged)).toThrow('model.onnx: its SHA-256 is not the one in the manifest');
    const incomplete = asMap();
    incomplete.delete('MLmodel');
    expect(() => readBundle(incomplete)).toThrow(expect.toSatisfy(isFraudOpsError));
  });
});
