/**
 * Entry of the thread that `trainInWorker` starts: trains what it finds in `workerData`, and posts progress and the outcome.
 *
 * @packageDocumentation
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Progress } from '@fraudops/core';
import type { Model } from '@fraudops/model';
import { trainBoosting } from './train-boosting.js';
import { TrainError } from './train-error.js';
import type { TrainingJob } from './train-in-worker.js';
import { trainLogistic } from './train-logistic.js';
import type { WorkerMessage } from './worker-message.js';

function post(message: WorkerMessage): void {
  // oxlint-disable-next-line require-post-message-target-origin -- a window's postMessage has an origin, a thread's has none
  parentPort?.postMessage(message);
}

// Ends of tasks are not posted: the result or the error says the same.
const postedProgress: Progress = {
  task: (name, { total, unit } = {}) => {
    post({ kind: 'task', name, total, unit });
    return { advance: (units) => post({ kind: 'advance', units }), total: () => {}, done: () => {}, fail: () => {} };
  },
};

function train(job: TrainingJob): Model {
  const { matrix, labels } = job;
  if (job.algorithm === 'logistic') return trainLogistic(matrix, labels, { ...job.options, progress: postedProgress });
  if (job.algorithm === 'boosting') return trainBoosting(matrix, labels, { ...job.options, progress: postedProgress });
  const { algorithm } = job as { algorithm: unknown };
  throw new TrainError('INVALID_OPTION', `trainInWorker: algorithm is ${String(algorithm)}, expected 'logistic' or 'boosting'`);
}

try {
  const started = performance.now();
  const model = train(workerData as TrainingJob);
  const trainSeconds = (performance.now() - started) / 1000;
  post({ kind: 'result', result: { model: model.toJson(), trainSeconds } });
} catch (error) {
  // Anything else is a defect: thrown on, it ends the thread, and the caller gets WORKER_FAILED.
  if (!(error instanceof TrainError)) throw error;
  post({ kind: 'error', error: { code: error.code, message: error.message, details: error.details } });
}
