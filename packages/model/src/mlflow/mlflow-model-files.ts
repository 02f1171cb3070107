/**
 * A model as an MLflow model folder, which Python loads by `mlflow.onnx.load_model` and `mlflow.pyfunc.load_model`, and MLflow serves and
 * registers like one of its own.
 *
 * `MLmodel` says what is in the folder and which features the model takes: named columns of float64, in the model's order, so that MLflow
 * reorders a data frame's columns and lets missing values through. The files are text and ONNX; nothing in them is executed but by
 * MLflow's own ONNX loader.
 */
import { type OptionKinds, isArrayLike, sha256Hex, showValue } from '@fraudops/core';
import type { BundleFile } from '../bundle-file.js';
import { ModelError } from '../model-error.js';
import type { Model } from '../model.js';
import { requireOptions, requireOwnModel } from '../required-arguments.js';
import { toOnnx } from '../onnx/to-onnx.js';

/** Versions of Python and its packages that the folder asks for; those it was tested with by default. */
export interface MlflowVersions {
  /** Default 3.11.9. */
  readonly python?: string | undefined;
  /** Default 3.17.2. */
  readonly mlflow?: string | undefined;
  /** Default 1.23.2. */
  readonly onnx?: string | undefined;
  /** Default 1.30.0. */
  readonly onnxruntime?: string | undefined;
}

/** How {@link mlflowModelFiles} writes. */
export interface MlflowOptions {
  /** When the model was made, in milliseconds since 1970. Default: left out, so that the same model gives the same bytes. */
  readonly createdMs?: number | undefined;
  /** 32 hexadecimal digits. Default: the first of the SHA-256 of `model.onnx`. */
  readonly modelUuid?: string | undefined;
  readonly versions?: MlflowVersions | undefined;
  /** Rows of features that show how to call the model, NaN where missing. Default: no example. */
  readonly inputExample?: readonly ArrayLike<number>[] | undefined;
  /** Adds an output `label`; see `toOnnx`. */
  readonly labelThreshold?: number | undefined;
}

const WHERE = 'mlflowModelFiles';

const OPTIONS: OptionKinds<MlflowOptions> = {
  createdMs: 'checked',
  modelUuid: 'text',
  versions: 'object',
  inputExample: 'array',
  labelThreshold: 'checked',
};

const VERSIONS: OptionKinds<MlflowVersions> = { python: 'text', mlflow: 'text', onnx: 'text', onnxruntime: 'text' };

/** Every path that {@link mlflowModelFiles} may write. */
export const MLFLOW_PATHS: readonly string[] = [
  'MLmodel',
  'model.onnx',
  'conda.yaml',
  'python_env.yaml',
  'requirements.txt',
  'input_example.json',
  'serving_input_example.json',
];

/** Most rows of an example. */
const MAX_EXAMPLE_ROWS = 1000;
const VERSION = /^[0-9A-Za-z.+-]{1,50}$/;

/**
 * The files of the folder. The same model and options give the same bytes.
 *
 * @throws {ModelError} what `toOnnx` throws; FEATURE_MISMATCH for an example of another length; INVALID_OPTION for other options; INVALID_MODEL for what is no model of this package
 * @example
 * for (const { path, bytes } of mlflowModelFiles(model)) await writeFile(join(folder, path), bytes);
 * // Python: mlflow.pyfunc.load_model(folder).predict(data_frame)['probability']
 */
export function mlflowModelFiles(model: Model, options: MlflowOptions = {}): BundleFile[] {
  requireOptions(WHERE, options, OPTIONS);
  requireOwnModel(WHERE, model);
  const { labelThreshold } = options;
  const onnx = toOnnx(model, labelThreshold === undefined ? {} : { labelThreshold });
  const versions = requireVersions(options.versions ?? {});
  const example = exampleFiles(model, options.inputExample);
  const mlmodel = {
    flavors: flavors(versions),
    mlflow_version: versions.mlflow,
    model_size_bytes: onnx.length,
    model_uuid: requireUuid(options.modelUuid ?? sha256Hex(onnx).slice(0, 32)),
    ...(example.length > 0 && { saved_input_example_info: EXAMPLE_INFO }),
    signature: signature(model, labelThreshold !== undefined),
    ...(options.createdMs !== undefined && { utc_time_created: timeText(options.createdMs) }),
  };
  const requirements = [`mlflow==${versions.mlflow}`, `onnx==${versions.onnx}`, `onnxruntime==${versions.onnxruntime}`];
  return [
    // JSON is YAML too, and has one way to quote.
    textFile('MLmodel', `${JSON.stringify(mlmodel, undefined, 2)}\n`),
    { path: 'model.onnx', bytes: onnx },
    textFile('conda.yaml', condaText(versions.python, requirements)),
    textFile('python_env.yaml', pythonEnvironmentText(versions.python)),
    textFile('requirements.txt', `${requirements.join('\n')}\n`),
    ...example,
  ];
}

function flavors(versions: Required<MlflowVersions>) {
  return {
    onnx: {
      code: null,
      data: 'model.onnx',
      onnx_session_options: null,
      onnx_version: versions.onnx,
      providers: ['CPUExecutionProvider'],
    },
    python_function: {
      data: 'model.onnx',
      env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
      loader_module: 'mlflow.onnx',
      python_version: versions.python,
    },
  };
}

/** Columns are float64, which a data frame's columns are: MLflow refuses to round them, and its ONNX loader rounds by itself. */
function signature(model: Model, withLabel: boolean) {
  const inputs = model.featureNames.map((name) => ({ type: 'double', name, required: true }));
  const probability = { type: 'float', name: 'probability', required: true };
  const outputs = withLabel ? [probability, { type: 'long', name: 'label', required: true }] : [probability];
  return { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs), params: null };
}

const EXAMPLE_INFO = {
  artifact_path: 'input_example.json',
  pandas_orient: 'split',
  serving_input_path: 'serving_input_example.json',
  type: 'dataframe',
};

function exampleFiles(model: Model, rows: readonly ArrayLike<number>[] | undefined): BundleFile[] {
  if (rows === undefined) return [];
  if (rows.length < 1 || rows.length > MAX_EXAMPLE_ROWS) {
    throw invalid(`inputExample has ${rows.length} rows, expected 1 to ${MAX_EXAMPLE_ROWS}`);
  }
  const data = rows.map((row, i) => {
    if (!isArrayLike(row)) throw invalid(`inputExample[${i}] is ${showValue(row)}, expected an array`);
    if (row.length !== model.featureNames.length) {
      throw new ModelError(
        'FEATURE_MISMATCH',
        `${WHERE}: inputExample[${i}] has ${row.length} values, the model takes ${model.featureNames.length}`,
      );
    }
    return Array.from(row, (value) => {
      if (typeof value !== 'number') throw invalid(`inputExample[${i}] has ${showValue(value)}, expected numbers`);
      if (Math.abs(value) === Number.POSITIVE_INFINITY)
        throw invalid(`inputExample[${i}] has an infinite value, which JSON can't hold`);
      return Number.isNaN(value) ? null : value;
    });
  });
  const split = { columns: model.featureNames, data };
  return [
    textFile('input_example.json', JSON.stringify(split)),
    textFile('serving_input_example.json', JSON.stringify({ dataframe_split: split })),
  ];
}

function condaText(python: string, requirements: readonly string[]): string {
  const packages = requirements.map((requirement) => `  - ${requirement}\n`).join('');
  return `channels:\n- conda-forge\ndependencies:\n- python=${python}\n- pip\n- pip:\n${packages}name: mlflow-env\n`;
}

function pythonEnvironmentText(python: string): string {
  return `python: "${python}"\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n`;
}

function requireVersions(versions: MlflowVersions): Required<{ [Name in keyof MlflowVersions]: string }> {
  requireOptions(WHERE, versions, VERSIONS, 'options.versions');
  const { python = '3.11.9', mlflow = '3.17.2', onnx = '1.23.2', onnxruntime = '1.30.0' } = versions;
  const all = { python, mlflow, onnx, onnxruntime };
  for (const [name, version] of Object.entries(all)) {
    if (!VERSION.test(version)) throw invalid(`versions.${name} is ${showValue(version)}, expected one such as 1.30.0`);
  }
  return all;
}

function requireUuid(uuid: string): string {
  if (/^[0-9a-f]{32}$/.test(uuid)) return uuid;
  throw invalid(`modelUuid is ${showValue(uuid)}, expected 32 hexadecimal digits`);
}

/** As MLflow writes it: UTC, microseconds, no zone. */
function timeText(ms: number): string {
  const time = new Date(typeof ms === 'number' ? ms : Number.NaN);
  if (Number.isNaN(time.getTime())) throw invalid(`createdMs is ${showValue(ms)}, expected milliseconds since 1970`);
  return time.toISOString().replace('T', ' ').replace('Z', '000');
}

function textFile(path: string, text: string): BundleFile {
  return { path, bytes: new TextEncoder().encode(text) };
}

function invalid(rule: string): ModelError {
  return new ModelError('INVALID_OPTION', `${WHERE}: ${rule}`);
}
