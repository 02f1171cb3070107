import type { Clock } from '@fraudops/core';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/**
 * The time as it is recorded: whole epoch milliseconds, 0 for a clock that is set before 1970.
 *
 * @throws {RegistryError} INVALID_ARGUMENT for a clock that gives no finite number
 */
export function epochMsOf(clock: Clock): number {
  const givenMs: unknown = clock.now();
  const wholeMs = typeof givenMs === 'number' ? Math.trunc(givenMs) : Number.NaN;
  if (Number.isSafeInteger(wholeMs)) return Math.max(0, wholeMs);
  throw new RegistryError('INVALID_ARGUMENT', `clock: now() gave ${shownValue(givenMs)}, expected epoch milliseconds`, {
    details: { field: 'clock', nowMs: shownValue(givenMs) },
  });
}
