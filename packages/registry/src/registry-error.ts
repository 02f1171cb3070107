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
  | 'VERSION_IN_USE'
  | 'GATE_ERROR'
  | 'CONTENTION'
  | 'CLOCK_SKEW'
  | 'RUN_ENDED'
  | 'RUN_DELETED'
  | 'EXPERIMENT_DELETED'
  | 'BUFFER_FULL'
  | 'INVALID_FILTER'
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
  VERSION_IN_USE: false,
  // The gate's own error is the cause; only its author knows whether it passes by itself.
  GATE_ERROR: false,
  // Other writers kept winning; they will be done.
  CONTENTION: true,
  // Somebody must set a clock.
  CLOCK_SKEW: false,
  RUN_ENDED: false,
  RUN_DELETED: false,
  EXPERIMENT_DELETED: false,
  // Once the points that are waiting are written.
  BUFFER_FULL: true,
  INVALID_FILTER: false,
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

/** An alias names another version than the one that was expected. Its code is CONFLICT; nothing was written. */
export class AliasConflictError extends ConflictError {
  /** The version that the alias names now: the winner's. Null when it names none. */
  readonly currentVersion: number | null;

  /**
   * @param where the model, the alias, and the key of the event that was to be written
   * @param expected the version the caller wanted the alias to name
   * @param current the version it names
   */
  constructor(where: { model: string; alias: string; key: string }, expected: number | null, current: number | null) {
    super(where.key, shown(expected), shown(current));
    this.message =
      `alias ${where.alias} of model ${where.model}: expected ${shown(expected)}, found ${shown(current)}; ` +
      'look at the version that it names now and decide anew';
    this.currentVersion = current;
  }
}

/** The traffic split or Production changed after the event that a split was conditional on. Its code is CONFLICT; nothing was written. */
export class TrafficConflictError extends ConflictError {
  /** The event that changed them last. */
  readonly currentSeq: number;

  /**
   * @param where the model, and the key of the event that was to be written
   * @param expectedSeq the last event that the caller took into account
   * @param currentSeq the event that changed the split or Production last
   */
  constructor(where: { model: string; key: string }, expectedSeq: number, currentSeq: number) {
    super(where.key, `event ${expectedSeq}`, `event ${currentSeq}`);
    this.message =
      `traffic of model ${where.model}: event ${currentSeq} changed the split or Production after event ${expectedSeq}; ` +
      'look at the split that is there now and decide anew';
    this.currentSeq = currentSeq;
  }
}

function shown(version: number | null): string {
  return version === null ? 'no version' : `version ${version}`;
}
