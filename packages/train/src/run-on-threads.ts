import { type Progress, type ProgressTask, silentProgress } from '@fraudops/core';
import type { ThreadPool } from './thread-pool.js';
import { TrainError } from './train-error.js';
import type { ThreadTask, TrainingThread } from './training-thread.js';
import type { WorkerMessage } from './worker-message.js';

/** How a task is watched and stopped. */
export interface RunControl {
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress;
}

/** The others of a crew are done when the first one is, but for the time that a message takes. One that isn't by then hangs. */
const STRAGGLE_MS = 2000;

/**
 * Runs tasks that belong together in one thread each until the first one posts the result. However they end, the promise settles once, and
 * all threads are idle or gone by then; when one fails, all are ended.
 *
 * @param tasks one for each thread, at least one
 * @throws {TrainError} (as a rejection) the error that a thread posted; ABORTED; WORKER_FAILED when one dies or there are too many;
 * INVALID_OPTION when a task can't be sent; and, as it is, what the caller's progress throws
 */
export async function runOnThreads<Result>(
  pool: ThreadPool,
  tasks: readonly ThreadTask[],
  { signal, progress }: RunControl,
): Promise<Result> {
  if (signal?.aborted) throw aborted(signal);
  const threads = pool.take(tasks.length);
  const run = new Run(threads, progress);
  const onAbort = () => run.fail(aborted(signal!));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    run.start(tasks);
    const result = await run.outcome;
    for (const thread of threads) if (run.isDone(thread)) pool.give(thread);
    return result as Result;
  } catch (error) {
    await Promise.allSettled(threads.map((thread) => thread.end()));
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** One run: it fails with the first failure, and succeeds when there is a result and all threads are done. */
class Run {
  readonly #threads: readonly TrainingThread[];
  readonly #progress: Progress;
  readonly #done = new Set<TrainingThread>();
  #task: ProgressTask = silentProgress.task('');
  #settled = false;
  #resolve: (result: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #result: { readonly value: unknown; readonly straggling: NodeJS.Timeout } | undefined;
  readonly outcome: Promise<unknown>;

  constructor(threads: readonly TrainingThread[], progress: Progress) {
    this.#threads = threads;
    this.#progress = progress;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(tasks: readonly ThreadTask[]): void {
    this.#threads.forEach((thread, i) => {
      const take = (message: WorkerMessage) => this.#take(thread, message);
      try {
        thread.work(tasks[i]!, { take, died: (error) => this.fail(error) });
      } catch (cause) {
        this.fail(unsendable(cause));
      }
    });
  }

  isDone(thread: TrainingThread): boolean {
    return this.#done.has(thread);
  }

  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    quietly(() => this.#task.fail((error as Error).message));
  }

  #take(thread: TrainingThread, message: WorkerMessage): void {
    if (this.#settled) return;
    try {
      if (message.kind === 'task') this.#task = this.#progress.task(message.name, taskOptions(message));
      else if (message.kind === 'advance') this.#task.advance(message.units);
      else if (message.kind === 'error') this.fail(received(message));
      else if (message.kind === 'done') this.#done.add(thread);
      else if (message.kind === 'result') this.#takeResult(message.result);
      if (this.#result && this.#done.size === this.#threads.length) this.#succeed();
    } catch (error) {
      // Thrown on from here it would end the whole process.
      this.fail(error);
    }
  }

  #takeResult(value: unknown): void {
    this.#result = { value, straggling: setTimeout(() => this.#leaveStragglers(), STRAGGLE_MS) };
  }

  #leaveStragglers(): void {
    for (const thread of this.#threads) if (!this.#done.has(thread)) void thread.end();
    try {
      this.#succeed();
    } catch (error) {
      this.fail(error);
    }
  }

  #succeed(): void {
    this.#task.done();
    this.#settle();
    this.#resolve(this.#result!.value);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#result?.straggling);
  }
}

/** The training has its error already; one of the progress must not hide it. */
function quietly(report: () => void): void {
  try {
    report();
  } catch {}
}

function received({ error }: Extract<WorkerMessage, { kind: 'error' }>): TrainError {
  return new TrainError(error.code, error.message, { details: error.details });
}

function taskOptions({ total, unit }: { total: number | undefined; unit: string | undefined }): {
  total?: number;
  unit?: string;
} {
  return { ...(total === undefined ? {} : { total }), ...(unit === undefined ? {} : { unit }) };
}

function aborted(signal: AbortSignal): TrainError {
  return new TrainError('ABORTED', `training: stopped by the caller's signal (${String(signal.reason)})`, {
    cause: signal.reason,
  });
}

function unsendable(cause: unknown): TrainError {
  return new TrainError(
    'INVALID_OPTION',
    `trainInWorker: the job can't be sent to a thread (${(cause as Error).message}); pass plain data`,
    { cause },
  );
}
