/**
 * Trains in a thread of its own, so that the event loop of a service stays free meanwhile. Threads stay idle for a while afterwards, and the
 * next training takes them; see `training-threads.ts`.
 *
 * Columns, labels and weights are read by the thread from shared memory: those that lie in a SharedArrayBuffer already are passed as they
 * are, others are copied once. Nobody may write to them until the promise settles.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { type FeatureMatrix, type Progress, silentProgress } from '@fraudops/core';
import type { Model } from '@fraudops/model';
import { crewSize } from './boosting/boosting-crew.js';
import type { BoostingOptions } from './boosting/boosting-options.js';
import { keepKernelCompiled } from './boosting/training-memory.js';
import { requireTrainingJob } from './required-job.js';
import { runOnThreads } from './run-on-threads.js';
import { type SentModel, receivedModel } from './sent-model.js';
import { requireOption } from './training-data.js';
import { MAX_TRAINING_THREADS, trainingThreads } from './training-threads.js';
import type { ThreadTask } from './training-thread.js';
import type { OutOfBag } from './forest/out-of-bag.js';
import type { ForestOptions } from './forest/train-forest.js';
import type { LogisticOptions } from './linear/train-logistic.js';

/** What to train: the arguments of {@link trainLogistic}, {@link trainBoosting} or {@link trainForest}. */
export type TrainingJob = { readonly matrix: FeatureMatrix; readonly labels: Uint8Array } & (
  | { readonly algorithm: 'logistic'; readonly options?: Omit<LogisticOptions, 'progress'> }
  | { readonly algorithm: 'boosting'; readonly options?: BoostingJobOptions }
  | { readonly algorithm: 'forest'; readonly options?: Omit<ForestOptions, 'progress'> }
);

/** {@link BoostingOptions} as they go to a thread. */
export type BoostingJobOptions = Omit<BoostingOptions, 'progress'>;

/** How a training is watched, stopped and spread. */
export interface TrainingControl {
  /** Stops the threads at once. */
  readonly signal?: AbortSignal;
  /** Told of each tree or iteration. */
  readonly progress?: Progress;
  /**
   * Threads that work on boosted trees or on a forest, 1 to 64; default 1. As many as there are processors is sensible; data too small to gain from it is
   * trained on fewer. Others use one.
   */
  readonly threads?: number;
}

/** What a training thread gets to do. The first one gets a port to each of the others, by which they get their memory. */
export interface TrainingStart {
  readonly job: TrainingJob;
  readonly index: number;
  readonly size: number;
  readonly ports: readonly MessagePort[];
}

/** A model and how long the thread worked on it. */
export interface TrainedModel {
  readonly model: Model;
  /** Seconds from data in the thread to the model; starting threads is not counted. */
  readonly trainSeconds: number;
  /** Of a forest with the option `outOfBag`. */
  readonly outOfBag?: OutOfBag;
}

/**
 * Trains in a worker thread, boosted trees and forests on request in several; the model is the same, bit for bit, as the one the plain function
 * returns. It takes threads that are idle, and starts others: {@link startTrainingThreads} has them up before.
 *
 * @throws {TrainError} (as a rejection) what the plain function throws; ABORTED; WORKER_FAILED when a thread dies, or too many are at work
 * @example
 * const { model, trainSeconds } = await trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 50 } },
 *   { signal: AbortSignal.timeout(60_000), threads: 2 });
 */
export async function trainInWorker(job: TrainingJob, control: TrainingControl = {}): Promise<TrainedModel> {
  requireTrainingJob(job, control);
  const threads = requireOption('trainInWorker: threads', control.threads, {
    low: 1,
    high: MAX_TRAINING_THREADS,
    default: 1,
    whole: true,
  });
  // Before anything is copied: a job that is too large is refused here.
  const size = sizeOf(job, threads);
  if (job.algorithm === 'boosting') keepKernelOnce();
  const result = await runOnThreads<Omit<TrainedModel, 'model'> & { readonly model: SentModel }>(
    trainingThreads,
    tasksOf(inSharedMemory(job), size),
    { signal: control.signal, progress: control.progress ?? silentProgress },
  );
  return { ...result, model: receivedModel(result.model) };
}

let kernelKept = false;

function keepKernelOnce(): void {
  if (kernelKept) return;
  keepKernelCompiled();
  kernelKept = true;
}

function tasksOf(job: TrainingJob, size: number): ThreadTask[] {
  const channels = Array.from({ length: size - 1 }, () => new MessageChannel());
  const firstPorts = channels.map(({ port1 }) => port1);
  const portsOf = [firstPorts, ...channels.map(({ port2 }) => [port2])];
  return portsOf.map((ports, index) => {
    const data: TrainingStart = { job, index, size, ports };
    return { data, ports };
  });
}

function sizeOf(job: TrainingJob, threads: number): number {
  if (job.algorithm === 'boosting') return crewSize({ ...job, options: job.options ?? {} }, threads);
  return job.algorithm === 'forest' ? threads : 1;
}

function inSharedMemory(job: TrainingJob): TrainingJob {
  const shared = { ...job, matrix: shareMatrix(job.matrix), labels: shareLabels(job.labels) };
  if (shared.algorithm === 'boosting' && shared.options) return { ...shared, options: shareBoostingOptions(shared.options) };
  const weights = job.options?.weights;
  return weights ? ({ ...shared, options: { ...job.options, weights: shareWeights(weights) } } as TrainingJob) : shared;
}

function shareBoostingOptions(options: BoostingJobOptions): BoostingJobOptions {
  const { weights, validation, continueFrom } = options;
  return {
    ...options,
    ...(weights && { weights: shareWeights(weights) }),
    ...(validation && {
      validation: {
        ...validation,
        matrix: shareMatrix(validation.matrix),
        labels: shareLabels(validation.labels),
        ...(validation.weights && { weights: shareWeights(validation.weights) }),
      },
    }),
    // A model is an object of a class, which no thread would take.
    ...(continueFrom && {
      continueFrom: {
        featureNames: [...continueFrom.featureNames],
        baseMargin: continueFrom.baseMargin,
        trees: continueFrom.trees,
        link: continueFrom.link,
        calibration: continueFrom.calibration,
      },
    }),
  };
}

function shareMatrix({ names, rowCount, columns }: FeatureMatrix): FeatureMatrix {
  return { names: [...names], rowCount, columns: columns.map(shareFloats) };
}

function shareLabels(labels: Uint8Array): Uint8Array {
  return onSharedBuffer(labels) ? labels : new Uint8Array(sharedCopy(labels));
}

function shareWeights(weights: Float64Array): Float64Array {
  return onSharedBuffer(weights) ? weights : new Float64Array(sharedCopy(weights));
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
