/**
 * The threads that train, of which a process has one pool. `trainInWorker` starts what it needs and leaves its threads idle for a while;
 * a service that wants them up before the first training, and for good, says so here.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { OptionKinds } from '@fraudops/core';
import { requireOptions } from './required-arguments.js';
import { ThreadPool } from './thread-pool.js';
import { TrainError } from './train-error.js';
import { requireOption } from './training-data.js';

/** Most threads of one training. */
export const MAX_TRAINING_THREADS = 64;

/** How long a thread stays idle before it ends. */
const IDLE_MS = 30_000;

/** The threads of this process. */
export const trainingThreads = new ThreadPool(workerEntry, IDLE_MS);

const OPTIONS: OptionKinds<{ readonly threads?: number }> = { threads: 'checked' };

/**
 * Starts threads ahead of the first training, until there are as many, and keeps that many up until {@link closeTrainingThreads}; resolves
 * when they can work. Without it, `trainInWorker` starts threads itself, and they end when they were idle for half a minute.
 *
 * An idle thread doesn't keep the process alive, and holds next to nothing of its last training.
 *
 * @param options `threads`: 1 to 64, as many as there are processors if left out
 * @throws {TrainError} (as a rejection) INVALID_OPTION; WORKER_FAILED when a thread can't start
 * @example
 * await startTrainingThreads({ threads: 2 });
 * await trainInWorker(job, { threads: 2 }); // no thread is started any more
 * await closeTrainingThreads();
 */
export async function startTrainingThreads(options: { readonly threads?: number } = {}): Promise<void> {
  requireOptions('startTrainingThreads', options, OPTIONS);
  const threads = requireOption('startTrainingThreads: threads', options.threads, {
    low: 1,
    high: MAX_TRAINING_THREADS,
    default: Math.min(availableParallelism(), MAX_TRAINING_THREADS),
    whole: true,
  });
  await trainingThreads.keep(threads);
}

/**
 * Ends all idle training threads at once, and those at work when their trainings are over; resolves when the idle ones are gone. A later
 * training starts new ones.
 */
export async function closeTrainingThreads(): Promise<void> {
  await trainingThreads.close();
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
