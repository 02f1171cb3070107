import type { ErrorDetails } from '@fraudops/core';
import type { TrainErrorCode } from './train-error.js';

/**
 * What a working thread tells the one that started it: `up` once it can work, then for each task any of the others. A task ends with `done`,
 * after which the thread takes the next one, or with `error`. The first thread of a crew posts a `result` before it is done.
 */
export type WorkerMessage =
  | { readonly kind: 'up' }
  | { readonly kind: 'task'; readonly name: string; readonly total: number | undefined; readonly unit: string | undefined }
  | { readonly kind: 'advance'; readonly units: number }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly error: SentError };

/** A TrainError on its way between threads, where classes don't survive. */
interface SentError {
  readonly code: TrainErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}
