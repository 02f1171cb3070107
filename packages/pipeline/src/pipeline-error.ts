import { type ErrorDetails, FraudOpsError } from '@fraudops/core';

/** Codes of {@link PipelineError}. */
export type PipelineErrorCode =
  | 'INVALID_DAG'
  | 'INVALID_OPTION'
  | 'TASK_FAILED'
  | 'TOO_MANY_REJECTED'
  | 'TOO_LITTLE_DATA'
  | 'NO_CANDIDATES';

/** A pipeline was declared wrongly, or could not do its work. Never retryable: a task's own retries are over when it is thrown. */
export class PipelineError extends FraudOpsError {
  declare readonly code: PipelineErrorCode;
  constructor(code: PipelineErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, options);
  }
}
