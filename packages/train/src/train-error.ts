import { type ErrorDetails, FraudOpsError, type RetryTable } from '@fraudops/core';

/**
 * Codes of {@link TrainError}:
 *
 * | code | meaning |
 * |---|---|
 * | EMPTY | no rows or no features |
 * | LENGTH_MISMATCH | arrays that belong together have different lengths |
 * | DUPLICATE_FEATURE | two features share a name |
 * | INVALID_LABEL | a label other than 0 and 1 |
 * | ONE_CLASS | training rows that are all fraud or all genuine |
 * | INVALID_WEIGHT | a row weight that is negative or not finite, or weights of a class that are next to nothing |
 * | NOT_FINITE | an infinite feature in the training rows |
 * | INVALID_SCORE | a score that is NaN, or outside 0 to 1 where probabilities are needed |
 * | INVALID_VALUE | of any function: an argument that is missing or of another kind; a time or an entity that is missing, an amount that is negative, or saved data that can't be read |
 * | INVALID_OPTION | an option that is not known, of another kind, or outside its range; an option that is undefined is left out |
 * | SINGULAR | features that are linearly dependent, without a penalty to choose between solutions |
 * | NOT_CONVERGED | the iteration limit came before the solution |
 * | UNINFORMATIVE | margins to calibrate that do not rank frauds above genuine rows |
 * | TRIALS_FAILED | no trial of a search for parameters succeeded |
 * | ABORTED | the caller's signal stopped the training |
 * | WORKER_FAILED | a training thread died, for want of memory or for another cause, or too many are at work; may be tried again |
 */
export type TrainErrorCode =
  | 'EMPTY'
  | 'LENGTH_MISMATCH'
  | 'DUPLICATE_FEATURE'
  | 'INVALID_LABEL'
  | 'ONE_CLASS'
  | 'INVALID_WEIGHT'
  | 'NOT_FINITE'
  | 'INVALID_SCORE'
  | 'INVALID_VALUE'
  | 'INVALID_OPTION'
  | 'SINGULAR'
  | 'NOT_CONVERGED'
  | 'UNINFORMATIVE'
  | 'TRIALS_FAILED'
  | 'ABORTED'
  | 'WORKER_FAILED';

const TRAIN_RETRIES: RetryTable<TrainErrorCode> = {
  EMPTY: false,
  LENGTH_MISMATCH: false,
  DUPLICATE_FEATURE: false,
  INVALID_LABEL: false,
  ONE_CLASS: false,
  INVALID_WEIGHT: false,
  NOT_FINITE: false,
  INVALID_SCORE: false,
  INVALID_VALUE: false,
  INVALID_OPTION: false,
  SINGULAR: false,
  NOT_CONVERGED: false,
  UNINFORMATIVE: false,
  TRIALS_FAILED: false,
  ABORTED: false,
  // Memory may be free again.
  WORKER_FAILED: true,
};

/** Training or judging was refused or failed. Inputs are checked before any work is done. */
export class TrainError extends FraudOpsError {
  declare readonly code: TrainErrorCode;
  constructor(code: TrainErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: TRAIN_RETRIES[code] });
  }
}
