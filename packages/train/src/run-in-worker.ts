import { type Progress, type ProgressTask, silentProgress } from '@fraudops/core';
import { Worker } from 'node:worker_threads';
import { TrainError } from './train-error.js';
import type { WorkerMessage } from './worker-message.js';

/** How a thread is watched and stopped. */
export interface WorkerControl {
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress;
}

/**
 * Runs a file in a thread until it posts its result. However the thread ends, the promise settles once and the thread is gone by then.
 *
 * @param entry file that posts `WorkerMessage`s
 * @param data what the file finds in `workerData`
 * @throws {TrainError} (as a rejection) the error that the thread posted; ABORTED; WORKER_FAILED when it dies or ends without a result;
 * and, as it is, what the caller's progress throws
 */
export function runInWorker<Result>(entry: URL, data: unknown, { signal, progress }: WorkerControl): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(signal));
      return;
    }
    const worker = startWorker(entry, data);
    let task: ProgressTask = silentProgress.task('');
    let settled = false;
    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      signal?.removeEventListener('abort', onAbort);
      worker.terminate().then(finish, finish);
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
    worker.on('exit', (exitCode) => fail(died(`it ended with exit code ${exitCode} and no result`)));
  });
}

/** The training has its error already; one of the progress must not hide it. */
function quietly(report: () => void): void {
  try {
    report();
  } catch {}
}

function startWorker(entry: URL, data: unknown): Worker {
  try {
    // Without the parent's flags: some, such as --input-type, are not for a file.
    return new Worker(entry, { workerData: data, execArgv: [], name: 'fraudops-training' });
  } catch (cause) {
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
