/**
 * Entry of the threads that `trainInWorker` starts: trains what it gets as messages, and posts progress and the outcome.
 *
 * @packageDocumentation
 */
import { parentPort } from 'node:worker_threads';
import type { Progress } from '@fraudops/core';
import type { LinearModel, TreeModel } from '@fraudops/model';
import { boostWithCrew, joinCrew } from './boosting/boosting-crew.js';
import { freeAfterTraining } from './free-memory.js';
import { growForestWithCrew, joinForest } from './forest/forest-crew.js';
import type { OutOfBag } from './forest/out-of-bag.js';
import { sentModel } from './sent-model.js';
import { TrainError } from './train-error.js';
import type { TrainingStart } from './train-in-worker.js';
import { trainLogistic } from './linear/train-logistic.js';
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

type Trained = (LinearModel | TreeModel) & { readonly outOfBag?: OutOfBag | undefined };

async function train({ job, ports }: TrainingStart): Promise<Trained> {
  const { matrix, labels } = job;
  if (job.algorithm === 'logistic') return trainLogistic(matrix, labels, { ...job.options, progress: postedProgress });
  if (job.algorithm === 'boosting') {
    return boostWithCrew({ matrix, labels, options: { ...job.options, progress: postedProgress } }, ports);
  }
  if (job.algorithm === 'forest') {
    return growForestWithCrew({ matrix, labels, options: { ...job.options, progress: postedProgress } }, ports);
  }
  const { algorithm } = job as { algorithm: unknown };
  throw new TrainError(
    'INVALID_OPTION',
    `trainInWorker: algorithm is ${String(algorithm)}, expected 'logistic', 'boosting' or 'forest'`,
  );
}

/** The part of a thread other than the first. */
async function join({ job, index, ports }: TrainingStart): Promise<void> {
  const { matrix, labels } = job;
  if (job.algorithm === 'boosting') await joinCrew({ matrix, labels, options: { ...job.options } }, index, ports[0]!);
  if (job.algorithm === 'forest') await joinForest(labels, ports[0]!, () => post({ kind: 'advance', units: 1 }));
}

async function lead(start: TrainingStart): Promise<void> {
  const started = performance.now();
  const model = await train(start);
  const trainSeconds = (performance.now() - started) / 1000;
  const { outOfBag } = model;
  post({ kind: 'result', result: { model: sentModel(model), trainSeconds, ...(outOfBag && { outOfBag }) } });
}

async function work(start: TrainingStart): Promise<void> {
  try {
    await (start.index === 0 ? lead(start) : join(start));
    post({ kind: 'done' });
  } catch (error) {
    // Anything else is a defect: thrown on, it ends the thread, and the caller gets WORKER_FAILED.
    if (!(error instanceof TrainError)) throw error;
    post({ kind: 'error', error: { code: error.code, message: error.message, details: error.details } });
  }
}

/** About as much as a training shares: the matrix, which boosting holds a second time as bins, twice over, and sums. */
function bytesOf({ job }: TrainingStart): number {
  return 2 * 4 * job.matrix.rowCount * job.matrix.columns.length;
}

parentPort?.on('message', (start: TrainingStart) => {
  const bytes = bytesOf(start);
  // Nothing holds the rows any more once their message is dealt with.
  void work(start).finally(() => setImmediate(freeAfterTraining, bytes));
});
post({ kind: 'up' });
