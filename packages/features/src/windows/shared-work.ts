/** What threads that compute features together share. Arrays lie in shared memory, so that nothing of the size of a table is copied. */
import type { ErrorDetails } from '@fraudops/core';
import type { FeatureErrorCode } from '../feature-error.js';
import type { ShareOfRows } from './compute-window.js';
import type { EntityRows } from './entity-rows.js';

/** See the module's comment. */
export interface SharedWork {
  readonly entities: readonly EntityRows[];
  /** By slot of the plan, where it is a window's; each job writes to its own rows of its own columns. */
  readonly columns: readonly (Float64Array | undefined)[];
  readonly jobs: readonly WindowJob[];
  /** One number: the next job that nobody has taken. */
  readonly nextJob: Int32Array;
}

/** A window of an entity, or a share of its rows. */
export interface WindowJob extends ShareOfRows {
  readonly entity: number;
  readonly window: number;
}

/** What a thread tells. It ends with `end`; a job that fails doesn't keep it from the next one. */
export type WorkerReport =
  | { readonly kind: 'done'; readonly job: number }
  | { readonly kind: 'failed'; readonly job: number; readonly error: SentError }
  | { readonly kind: 'end' };

/** A FeatureError on its way between threads, where classes don't survive. */
interface SentError {
  readonly code: FeatureErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** The same values in shared memory; those that lie there already are taken as they are. */
export function inSharedMemory<Values extends Float64Array | Int32Array>(values: Values): Values {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const ofKind = values.constructor as new (buffer: SharedArrayBuffer) => Values;
  const shared = new ofKind(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}
