import { ConflictError, type ErrorDetails, FraudOpsError, type RetryTable } from '@fraudops/core';

/** Codes of {@link RegistryError}. */
export type RegistryErrorCode =
  | 'INVALID_NAME'
  | 'INVALID_VERSION'
  | 'INVALID_STAGE'
  | 'INVALID_ARGUMENT'
  | 'LIMIT_EXCEEDED'
  | 'NOT_FOUND'
  | 'NOTHING_TO_ROLL_BACK'
  | 'GATE_ERROR'
  | 'CONTENTION'
  | 'RUN_ENDED'
  | 'CORRUPT_LOG'
  | 'CORRUPT_ARTIFACT'
  | 'CORRUPT_RUN'
  | 'CORRUPT_COLLECTION'
  | 'INVALID_ARCHIVE'
  | 'DIVERGED'
  | 'UNSUPPORTED_EVENT';

const REGISTRY_RETRIES: RetryTable<RegistryErrorCode> = {
  INVALID_NAME: false,
  INVALID_VERSION: false,
  INVALID_STAGE: false,
  INVALID_ARGUMENT: false,
  LIMIT_EXCEEDED: false,
  NOT_FOUND: false,
  NOTHING_TO_ROLL_BACK: false,
  // The gate's own error is the cause; only its author knows whether it passes by itself.
  GATE_ERROR: false,
  // Other writers kept winning; they will be done.
  CONTENTION: true,
  RUN_ENDED: false,
  CORRUPT_LOG: false,
  CORRUPT_ARTIFACT: false,
  CORRUPT_RUN: false,
  CORRUPT_COLLECTION: false,
  INVALID_ARCHIVE: false,
  // Two histories of one name: a person must choose.
  DIVERGED: false,
  // A newer version of this package wrote it: upgrade.
  UNSUPPORTED_EVENT: false,
};

/** The registry or the tracker was used against its rules, or found its stored state damaged. Nothing is half-written when it is thrown. */
export class RegistryError extends FraudOpsError {
  declare readonly code: RegistryErrorCode;
  constructor(code: RegistryErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: REGISTRY_RETRIES[code] });
  }
}

/**
 * A promotion or rollback lost: the stage does not hold the version that it was conditional on. Its code is CONFLICT, as that of
 * every `ConflictError` of `@fraudops/core`; nothing was written. Look at `currentVersion` and decide anew.
 */
export class PromotionConflictError extends ConflictError {
  /** The version that the stage holds now: the winner's. Null when the stage is empty. */
  readonly currentVersion: number | null;

  /**
   * @param where the model, the stage, and the key of the event that was to be written
   * @param expected the version the caller wanted to find there
   * @param current the version found
   */
  constructor(where: { model: string; stage: string; key: string }, expected: number | null, current: number | null) {
    super(where.key, shown(expected), shown(current));
    this.message =
      `${where.stage} of model ${where.model}: expected ${shown(expected)}, found ${shown(current)}; ` +
      'look at the version that is there now and decide anew';
    this.currentVersion = current;
  }
}

function shown(version: number | null): string {
  return version === null ? 'no version' : `version ${version}`;
}
