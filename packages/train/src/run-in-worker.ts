import { type Progress, type ProgressTask, silentProgress } from '@fraudops/core';
import { type MessagePort, Worker } from 'node:worker_threads';
import { TrainError } from './train-error.js';
import type { WorkerMessage } from './worker-message.js';

/** What a thread starts with. */
export interface WorkerStart {
  /** What the file finds in `workerData`. */
  readonly data: unknown;
  /** Ports in the data, which the thread takes over. */
  readonly ports?: readonly MessagePort[];
}

/** How a thread is watched and stopped. */
export interface WorkerControl {
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress;
}

/**
 * Runs a file in one thread or several until the first one posts the result. However they end, the promise settles once and all threads are
 * gone by then; when one dies, the others are stopped.
 *
 * @param entry file that posts `WorkerMessage`s
 * @param starts one for each thread, at least one
 * @throws {TrainError} (as a rejection) the error that the thread posted; ABORTED; WORKER_FAILED when it dies or ends without a result;
 * and, as it is, what the caller's progress throws
 */
export function runInWorker<Result>(
  entry: URL,
  starts: readonly WorkerStart[],
  { signal, progress }: WorkerControl,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(signal));
      return;
    }
    const workers = startWorkers(entry, starts);
    let task: ProgressTask = silentProgress.task('');
    let settled = false;
    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      signal?.removeEventListener('abort', onAbort);
      Promise.allSettled(workers.map((worker) => worker.terminate())).then(finish, finish);
    };
    const fail = (error: unknown) =>
      settle(() => {
        reject(error);
        quietly(() => task.fail((error as Error).message));
      });
    const onAbort = () => fail(aborted(signal!));
    signal?.addEventListener('abort', onAbort, { once: true });
    const take = (message: WorkerMessage) => {
      if (message.kind === 'task') task = progress.task(message.name, taskOptions(message));
      else if (message.kind === 'advance') task.advance(message.units);
      else if (message.kind === 'error')
        fail(new TrainError(message.error.code, message.error.message, { details: message.error.details }));
      else
        settle(() => {
          try {
            task.done();
            resolve(message.result as Result);
          } catch (error) {
            reject(error);
          }
        });
    };
    workers.forEach((worker, i) => {
      worker.on('message', (message: WorkerMessage) => {
        if (settled) return;
        try {
          take(message);
        } catch (error) {
          // Thrown on from here it would end the whole process.
          fail(error);
        }
      });
      worker.on('messageerror', (cause) => fail(died('its message could not be read', cause)));
      worker.on('error', (cause) => fail(died(cause instanceof Error ? cause.message : String(cause), cause)));
      worker.on('exit', (exitCode) => {
        // The others may end once their work is done; the result is the first one's.
        if (i === 0 || exitCode !== 0) fail(died(`it ended with exit code ${exitCode} and no result`));
      });
    });
  });
}

/** The training has its error already; one of the progress must not hide it. */
function quietly(report: () => void): void {
  try {
    report();
  } catch {}
}

function startWorkers(entry: URL, starts: readonly WorkerStart[]): Worker[] {
  const workers: Worker[] = [];
  try {
    for (const { data, ports = [] } of starts) {
      // Without the parent's flags: some, such as --input-type, are not for a file.
      workers.push(new Worker(entry, { workerData: data, transferList: [...ports], execArgv: [], name: 'fraudops-training' }));
    }
    return workers;
  } catch (cause) {
    for (const worker of workers) void worker.terminate();
    throw new TrainError(
      'INVALID_OPTION',
      `trainInWorker: the job can't be sent to a thread (${(cause as Error).message}); pass plain data`,
      {
        cause,
      },
    );
  }
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

function died(reason: string, cause?: unknown): TrainError {
  return new TrainError(
    'WORKER_FAILED',
    `training: the worker thread failed: ${reason}; check the memory limit, then try again`,
    {
      details: { reason },
      cause,
    },
  );
}
