import { type ErrorDetails, FraudOpsError, type RetryTable } from '@fraudops/core';

/** Codes of {@link DriftError}. */
export type DriftErrorCode =
  | 'UNKNOWN_COLUMN'
  | 'WRONG_KIND'
  | 'EMPTY'
  | 'INVALID_VALUE'
  | 'INVALID_OPTION'
  | 'INVALID_PROFILE'
  | 'LENGTH_MISMATCH'
  | 'TOO_LARGE';

const RETRIES: RetryTable<DriftErrorCode> = {
  UNKNOWN_COLUMN: false,
  WRONG_KIND: false,
  EMPTY: false,
  INVALID_VALUE: false,
  INVALID_OPTION: false,
  INVALID_PROFILE: false,
  LENGTH_MISMATCH: false,
  TOO_LARGE: false,
};

/** Data, a profile or an option that drift can't be measured with. Thrown before any work is done; never retryable. */
export class DriftError extends FraudOpsError {
  declare readonly code: DriftErrorCode;
  constructor(code: DriftErrorCode, message: string, details?: ErrorDetails) {
    super(code, message, { retryable: RETRIES[code], ...(details && { details }) });
  }
}
