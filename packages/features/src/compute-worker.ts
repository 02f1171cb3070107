/**
 * Entry of the threads that `computeInWorkers` starts: each takes jobs until there are no more. Imported by a program, it does nothing.
 *
 * @packageDocumentation
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { FeatureError } from './feature-error.js';
import { computeWindow } from './windows/compute-window.js';
import type { SharedWork, WorkerReport } from './windows/shared-work.js';

function report(message: WorkerReport): void {
  // oxlint-disable-next-line require-post-message-target-origin -- a window's postMessage has an origin, a thread's has none
  parentPort?.postMessage(message);
}

function work({ entities, columns, jobs, nextJob }: SharedWork): void {
  for (let job = Atomics.add(nextJob, 0, 1); job < jobs.length; job = Atomics.add(nextJob, 0, 1)) {
    const { entity, window, ...share } = jobs[job]!;
    const rows = entities[entity]!;
    try {
      computeWindow(rows, rows.plan.windows[window]!, columns as readonly Float64Array[], share);
      report({ kind: 'done', job });
    } catch (error) {
      // Anything else is a defect: thrown on, it ends the thread, and the caller gets WORKER_FAILED.
      if (!(error instanceof FeatureError)) throw error;
      report({ kind: 'failed', job, error: { code: error.code, message: error.message, details: error.details } });
    }
  }
  report({ kind: 'end' });
}

if (!isMainThread) work(workerData as SharedWork);
