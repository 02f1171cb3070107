/**
 * Trains in a thread of its own, so that the event loop of a service stays free meanwhile.
 *
 * Columns, labels and weights are read by the thread from shared memory: those that lie in a SharedArrayBuffer already are passed as they
 * are, others are copied once. Nobody may write to them until the promise settles.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type FeatureMatrix, type Json, type Progress, silentProgress } from '@fraudops/core';
import { type Model, modelFromJson } from '@fraudops/model';
import { runInWorker } from './run-in-worker.js';
import type { BoostingOptions } from './train-boosting.js';
import { TrainError } from './train-error.js';
import type { LogisticOptions } from './train-logistic.js';

/** What to train: the arguments of {@link trainLogistic} or {@link trainBoosting}. */
export type TrainingJob = { readonly matrix: FeatureMatrix; readonly labels: Uint8Array } & (
  | { readonly algorithm: 'logistic'; readonly options?: Omit<LogisticOptions, 'progress'> }
  | { readonly algorithm: 'boosting'; readonly options?: Omit<BoostingOptions, 'progress'> }
);

/** A model and how long the thread worked on it. */
export interface TrainedModel {
  readonly model: Model;
  /** Seconds from data in the thread to the model; starting the thread is not counted. */
  readonly trainSeconds: number;
}

/**
 * Trains in a worker thread; the model is the same, bit for bit, as the one the plain function returns.
 *
 * @param control `signal` stops the thread at once; `progress` is told of each tree or iteration
 * @throws {TrainError} (as a rejection) what the plain function throws; ABORTED; WORKER_FAILED when the thread dies
 * @example
 * const { model, trainSeconds } = await trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 50 } },
 *   { signal: AbortSignal.timeout(60_000) });
 */
export async function trainInWorker(
  job: TrainingJob,
  control: { readonly signal?: AbortSignal; readonly progress?: Progress } = {},
): Promise<TrainedModel> {
  const result = await runInWorker<{ model: Json; trainSeconds: number }>(workerEntry(), inSharedMemory(job), {
    signal: control.signal,
    progress: control.progress ?? silentProgress,
  });
  return { model: modelFromJson(result.model), trainSeconds: result.trainSeconds };
}

/** The built worker. Resolved by the package's name, so that it is found from the sources as well as from the build. */
function workerEntry(): URL {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve('@fraudops/train/training-worker'));
  } catch (cause) {
    throw new TrainError(
      'WORKER_FAILED',
      'trainInWorker: the built file of @fraudops/train/training-worker is missing; build the package',
      {
        cause,
      },
    );
  }
}

function inSharedMemory(job: TrainingJob): TrainingJob {
  const { names, rowCount, columns } = job.matrix;
  const matrix = { names: [...names], rowCount, columns: columns.map(shareFloats) };
  const labels = onSharedBuffer(job.labels) ? job.labels : new Uint8Array(sharedCopy(job.labels));
  const weights = job.options?.weights;
  if (!weights || onSharedBuffer(weights)) return { ...job, matrix, labels };
  return { ...job, matrix, labels, options: { ...job.options, weights: new Float64Array(sharedCopy(weights)) } };
}

function shareFloats(column: Float32Array): Float32Array {
  return onSharedBuffer(column) ? column : new Float32Array(sharedCopy(column));
}

const onSharedBuffer = (array: ArrayBufferView): boolean => array.buffer instanceof SharedArrayBuffer;

function sharedCopy(array: ArrayBufferView): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(array.byteLength);
  new Uint8Array(shared).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return shared;
}
