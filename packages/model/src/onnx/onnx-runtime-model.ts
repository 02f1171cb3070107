/**
 * Runs any ONNX classifier by ONNX Runtime: forests of other kinds, neural networks, whole pipelines. It needs the optional package
 * `onnxruntime-node`. For trees and linear models {@link fromOnnx} is faster, smaller, and explains its scores.
 *
 * ONNX Runtime answers by promises only, so this is an {@link AsyncModel}.
 */
import { type FeatureMatrix, type OptionKinds, featureMatrix, showValue } from '@fraudops/core';
import type * as OnnxRuntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError } from '../model-error.js';
import { featureOf, requireFeatureNames, requireMatrix, requireRow } from '../model.js';
import { requireCount, requireOptions } from '../required-arguments.js';
import type { AsyncModel } from './async-model.js';
import { type RuntimeOutput, chooseOutput, probabilityOf } from './runtime-output.js';
import { type RuntimeInput, inputTensors, requireInputs } from './runtime-inputs.js';

/** How {@link onnxRuntimeModel} runs a file. */
export interface OnnxRuntimeOptions {
  /** One name a feature, in the order of the file's columns or inputs. */
  readonly featureNames: readonly string[];
  /** Name of the output that holds the probability. Default: `probability`, `probabilities` or the only one of floats. */
  readonly output?: string | undefined;
  /** Threads that work on one call, 1 to 1,024; default 1, which is the fastest for single rows. */
  readonly intraOpThreads?: number | undefined;
  /** Most rows in one call to ONNX Runtime; larger batches are cut. Default 10,000. */
  readonly batchRows?: number | undefined;
}

const WHERE = 'onnxRuntimeModel';

const OPTIONS: OptionKinds<OnnxRuntimeOptions> = {
  featureNames: 'checked',
  output: 'text',
  intraOpThreads: 'checked',
  batchRows: 'checked',
};

/** ONNX Runtime counts rows in 32 bits. */
const MAX_INT32 = 2 ** 31 - 1;
const MAX_THREADS = 1024;

/**
 * A session of ONNX Runtime as a model.
 *
 * Features are rounded to float32. The file takes them as one input [N, number of features], or as one input [N, 1] or [N] a feature,
 * of float, double or int64; missing values (NaN) are passed through to float and double, and refused for int64. The score is read from
 * an output of floats: its second column if it has two, else its only one. Labels are ignored; outputs that are sequences or maps, as
 * converters write by default, are refused.
 *
 * @param file path, or the bytes of the file
 * @throws {ModelError} (rejects) MISSING_PEER without onnxruntime-node; RUNTIME_FAILED when it refuses the file; UNSUPPORTED_MODEL for
 *   inputs or outputs of other kinds; FEATURE_MISMATCH for as many names as there are no features; INVALID_OPTION; INVALID_MODEL for what is
 *   no file
 * @example
 * const model = await onnxRuntimeModel('network.onnx', { featureNames: ['AMOUNT', 'AT_NIGHT'] });
 * await model.score([40, 1]); // 0.03
 */
export async function onnxRuntimeModel(file: string | Uint8Array, options: OnnxRuntimeOptions): Promise<AsyncModel> {
  requireOptions(WHERE, options, OPTIONS);
  if (typeof file !== 'string' && !(file instanceof Uint8Array)) {
    throw new ModelError('INVALID_MODEL', `${WHERE}: the file is ${showValue(file)}, expected a path or bytes`);
  }
  const featureNames = requireFeatureNames(options.featureNames);
  const batchRows = requireCount(WHERE, 'batchRows', options.batchRows, { low: 1, high: MAX_INT32, default: 10_000 });
  const threads = requireCount(WHERE, 'intraOpThreads', options.intraOpThreads, { low: 1, high: MAX_THREADS, default: 1 });
  const runtime = await loadRuntime();
  const settings = { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 as const };
  // The two calls differ in type only.
  const opened =
    typeof file === 'string' ? runtime.InferenceSession.create(file, settings) : runtime.InferenceSession.create(file, settings);
  const session = await opened.catch((cause: unknown) => {
    throw failed('refused the file', cause);
  });
  try {
    const inputs = requireInputs(session, featureNames.length);
    const output = chooseOutput(session, options.output);
    return new RuntimeModel(featureNames, runtime, session, inputs, output, batchRows);
  } catch (error) {
    await session.release();
    throw error;
  }
}

type Runtime = typeof OnnxRuntime;

async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new ModelError(
      'MISSING_PEER',
      'onnxRuntimeModel: the package onnxruntime-node is not installed, or not for this machine; npm install onnxruntime-node',
      { cause },
    );
  }
}

class RuntimeModel implements AsyncModel {
  #isReleased = false;

  constructor(
    readonly featureNames: readonly string[],
    readonly runtime: Runtime,
    readonly session: InferenceSession,
    readonly inputs: readonly RuntimeInput[],
    readonly output: RuntimeOutput,
    readonly batchRows: number,
  ) {}

  async score(row: ArrayLike<number>): Promise<number> {
    requireRow(this, row);
    const columns = this.featureNames.map((_, j) => Float32Array.of(featureOf(row[j], j)));
    const [score] = await this.#run(featureMatrix(this.featureNames, columns), 0, 1);
    return score!;
  }

  async scoreBatch(matrix: FeatureMatrix): Promise<Float64Array> {
    requireMatrix(this, matrix);
    const scores = new Float64Array(matrix.rowCount);
    for (let start = 0; start < matrix.rowCount; start += this.batchRows) {
      scores.set(await this.#run(matrix, start, Math.min(this.batchRows, matrix.rowCount - start)), start);
    }
    return scores;
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.session.release();
  }

  async #run(matrix: FeatureMatrix, start: number, rowCount: number): Promise<Float64Array> {
    if (this.#isReleased) throw new ModelError('RUNTIME_FAILED', 'onnxRuntimeModel: the model was released; open the file again');
    const feeds = inputTensors(this.runtime, this.inputs, matrix, start, rowCount);
    let results: Readonly<Record<string, Tensor>>;
    try {
      results = await this.session.run(feeds, [this.output.name]);
    } catch (cause) {
      throw failed('failed to run the file', cause);
    }
    return probabilityOf(this.output, results[this.output.name], rowCount);
  }
}

function failed(what: string, cause: unknown): ModelError {
  const reason = cause instanceof Error ? cause.message.slice(0, 500) : String(cause).slice(0, 500);
  return new ModelError('RUNTIME_FAILED', `onnxRuntimeModel: ONNX Runtime ${what} (${reason})`, { cause });
}
