import type { ErrorDetails } from '@fraudops/core';
import type { TrainErrorCode } from './train-error.js';

/** What a working thread tells the one that started it. A thread ends with one `result` or one `error`. */
export type WorkerMessage =
  | { readonly kind: 'task'; readonly name: string; readonly total: number | undefined; readonly unit: string | undefined }
  | { readonly kind: 'advance'; readonly units: number }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly error: SentError };

/** A TrainError on its way between threads, where classes don't survive. */
interface SentError {
  readonly code: TrainErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}
