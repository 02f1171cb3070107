import { Worker } from 'node:worker_threads';
import { FeatureError } from '../feature-error.js';
import type { SharedWork, WorkerReport } from './shared-work.js';

/** How a crew is watched and stopped. */
export interface CrewControl {
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Done here while the threads are starting and working. */
  readonly meanwhile: () => void;
  /** Told of each job that ended. */
  readonly onReport: (report: Exclude<WorkerReport, { kind: 'end' }>) => void;
}

/**
 * Runs a file in threads until all of them posted their end. However they end, the promise settles once and all threads are gone by then.
 *
 * @param entry file that posts {@link WorkerReport}s
 * @throws {FeatureError} (as a rejection) ABORTED; WORKER_FAILED when a thread dies or ends without saying so; and, as it is, what
 * `meanwhile` and `onReport` throw
 */
export async function runCrew(
  entry: URL,
  work: SharedWork,
  { threads, signal, meanwhile, onReport }: CrewControl,
): Promise<void> {
  if (signal?.aborted) throw aborted(signal);
  const workers: Worker[] = [];
  let onAbort = () => {};
  try {
    // Without the parent's flags: some, such as --input-type, are not for a file.
    for (let i = 0; i < threads; i++)
      workers.push(new Worker(entry, { workerData: work, execArgv: [], name: 'fraudops-features' }));
    const abort = new Promise<never>((_, reject) => {
      onAbort = () => reject(aborted(signal!));
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    const ended = Promise.race([abort, Promise.all(workers.map((worker) => endOf(worker, onReport)))]);
    // Should what is done meanwhile throw, nobody waits for the threads.
    ended.catch(() => {});
    meanwhile();
    await ended;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function endOf(worker: Worker, onReport: CrewControl['onReport']): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'end') {
        resolve();
        return;
      }
      try {
        onReport(report);
      } catch (error) {
        // Thrown on from here it would end the whole process.
        reject(error);
      }
    });
    worker.on('messageerror', (cause) => reject(died('its message could not be read', cause)));
    worker.on('error', (cause) => reject(died(cause instanceof Error ? cause.message : String(cause), cause)));
    worker.on('exit', (exitCode) => reject(died(`it ended with exit code ${exitCode} before its work`)));
  });
}

function aborted(signal: AbortSignal): FeatureError {
  const message = `computeInWorkers: stopped by the caller's signal (${String(signal.reason)})`;
  return new FeatureError('ABORTED', message, {}, signal.reason);
}

function died(reason: string, cause?: unknown): FeatureError {
  const message = `computeInWorkers: a thread failed: ${reason}; check the memory limit, then try again`;
  return new FeatureError('WORKER_FAILED', message, { reason }, cause);
}
