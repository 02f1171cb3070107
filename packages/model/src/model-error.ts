import { type ErrorDetails, FraudOpsError, type RetryTable } from '@fraudops/core';

/**
 * Codes of {@link ModelError}:
 *
 * | code | meaning |
 * |---|---|
 * | INVALID_MODEL | parts or JSON that break a rule of the model's form |
 * | UNSUPPORTED_VERSION | JSON or a bundle of a format that this release does not know |
 * | TOO_LARGE | beyond one of the limits, such as {@link MAX_NODES} |
 * | CERTIFICATE_MISSING | an import that says neither how parity is proven nor that it is not |
 * | CERTIFICATE_FAILED | a model that scores otherwise than the library it came from, or rows that can't show it |
 * | FEATURE_MISMATCH | a row or matrix with other features than the model's, or what is no row or matrix |
 * | INVALID_OPTION | an option that is not known, of another kind, or outside its range; an option that is undefined is left out |
 * | NOT_FINITE | an infinite feature in a linear model, from which no probability follows |
 * | INVALID_BUNDLE | a part that can't be written as JSON |
 * | UNSUPPORTED_MODEL | a model or a file of another library with a part that can't be translated exactly; the message names it |
 * | MISSING_PEER | an optional package is needed that is not installed; the message names it |
 * | RUNTIME_FAILED | ONNX Runtime refused a file or failed to run it |
 * | INVALID_RULES | reason rules that break a rule of their form |
 * | CORRUPT_BUNDLE | a file of a bundle that is missing, extra, changed or unreadable |
 */
export type ModelErrorCode =
  | 'INVALID_MODEL'
  | 'UNSUPPORTED_VERSION'
  | 'TOO_LARGE'
  | 'CERTIFICATE_MISSING'
  | 'CERTIFICATE_FAILED'
  | 'FEATURE_MISMATCH'
  | 'INVALID_OPTION'
  | 'NOT_FINITE'
  | 'INVALID_BUNDLE'
  | 'UNSUPPORTED_MODEL'
  | 'MISSING_PEER'
  | 'RUNTIME_FAILED'
  | 'INVALID_RULES'
  | 'CORRUPT_BUNDLE';

const MODEL_RETRIES: RetryTable<ModelErrorCode> = {
  INVALID_MODEL: false,
  UNSUPPORTED_VERSION: false,
  TOO_LARGE: false,
  CERTIFICATE_MISSING: false,
  CERTIFICATE_FAILED: false,
  FEATURE_MISMATCH: false,
  INVALID_OPTION: false,
  NOT_FINITE: false,
  INVALID_BUNDLE: false,
  UNSUPPORTED_MODEL: false,
  MISSING_PEER: false,
  RUNTIME_FAILED: false,
  INVALID_RULES: false,
  // The bytes are already in memory: checking them again finds the same.
  CORRUPT_BUNDLE: false,
};

/** A model or a bundle was made, read or used against its rules. Never retryable. */
export class ModelError extends FraudOpsError {
  declare readonly code: ModelErrorCode;
  constructor(code: ModelErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: MODEL_RETRIES[code] });
  }
}
