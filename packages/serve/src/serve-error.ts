import { FraudOpsError, type RetryTable } from '@fraudops/core';
import type { ValidationIssue } from './validation-issue.js';

/** Codes of {@link ServeError}. */
export type ServeErrorCode =
  /** A transaction breaks a rule of the model's transaction schema. */
  | 'VALIDATION'
  /** More transactions in one call than the service allows. */
  | 'BATCH_TOO_LARGE'
  /** Scoring failed within a batch; `details.results` are the answers for the transactions before, which are remembered. */
  | 'BATCH_STOPPED'
  /** No model version could be loaded yet. */
  | 'NO_MODEL'
  /** A registered version holds something that can't be served; the version that serves goes on serving. */
  | 'UNUSABLE_VERSION'
  /** The registry no longer has what the service has seen of it. */
  | 'REGISTRY_LOST'
  /** An option of the service is out of its range. */
  | 'INVALID_OPTION'
  /** The service was closed. */
  | 'CLOSED';

const RETRIES: RetryTable<ServeErrorCode> = {
  VALIDATION: false,
  BATCH_TOO_LARGE: false,
  // The same call would count the first transactions twice.
  BATCH_STOPPED: false,
  // The service keeps looking for a model, so the same call may succeed a moment later.
  NO_MODEL: true,
  UNUSABLE_VERSION: false,
  REGISTRY_LOST: true,
  INVALID_OPTION: false,
  CLOSED: false,
};

/** The scoring service refused a call, or could not take a model version into service. */
export class ServeError extends FraudOpsError {
  declare readonly code: ServeErrorCode;
  /** What was wrong with the transactions; empty unless the code is VALIDATION. At most 100, see `issueCount`. */
  readonly issues: readonly ValidationIssue[];

  constructor(
    code: ServeErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; issues?: readonly ValidationIssue[]; cause?: unknown } = {},
  ) {
    super(code, message, { ...options, retryable: RETRIES[code] });
    this.issues = options.issues ?? [];
  }
}
