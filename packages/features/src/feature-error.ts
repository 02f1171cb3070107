import { type ErrorDetails, FraudOpsError } from '@fraudops/core';

/**
 * Codes of {@link FeatureError}.
 *
 * | code | what broke |
 * |---|---|
 * | INVALID_DEFINITION | a definition of transactions or features can't mean anything, such as a window of 0 ms |
 * | UNKNOWN_FIELD | a definition or a call names a field, column or feature that isn't there |
 * | WRONG_KIND | a field or column has another kind than is needed |
 * | DUPLICATE_NAME | two features share a name |
 * | INVALID_JSON | saved data is no definition of this format |
 * | INVALID_OPTION | an option is outside its limits |
 * | MISSING_VALUE | a required value is missing |
 * | INVALID_VALUE | a value breaks its field's rule |
 * | NOT_SORTED | a table isn't in order of time |
 * | MISSING_COLUMN | a file or a table lacks a column |
 * | TOO_LARGE | input is beyond a documented limit |
 * | INVALID_FILE | a file can't be read as what its name says |
 * | NOT_INSTALLED | a call needs an optional package that isn't there |
 * | NOT_SUPPORTED | a feature can't be computed the way that was asked for |
 * | ABORTED | the caller's signal ended the work |
 * | WORKER_FAILED | a thread died, for want of memory or for another cause; may be tried again |
 */
export type FeatureErrorCode =
  | 'INVALID_DEFINITION'
  | 'UNKNOWN_FIELD'
  | 'WRONG_KIND'
  | 'DUPLICATE_NAME'
  | 'INVALID_JSON'
  | 'INVALID_OPTION'
  | 'MISSING_VALUE'
  | 'INVALID_VALUE'
  | 'NOT_SORTED'
  | 'MISSING_COLUMN'
  | 'TOO_LARGE'
  | 'INVALID_FILE'
  | 'NOT_INSTALLED'
  | 'NOT_SUPPORTED'
  | 'ABORTED'
  | 'WORKER_FAILED';

/** Transactions, features or their definitions broke a rule. Only WORKER_FAILED is retryable: any other call fails again. */
export class FeatureError extends FraudOpsError {
  declare readonly code: FeatureErrorCode;
  constructor(code: FeatureErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(code, message, { details, cause, retryable: code === 'WORKER_FAILED' });
  }
}
