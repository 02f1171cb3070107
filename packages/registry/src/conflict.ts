import { isFraudOpsError } from '@fraudops/core';

/** Whether a conditional put found another state, whichever installed copy of core the store comes from. */
export function isConflict(error: unknown): boolean {
  return isFraudOpsError(error) && error.code === 'CONFLICT';
}
