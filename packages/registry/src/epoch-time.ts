import type { Clock } from '@fraudops/core';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/** The last moment that dates know, in the year 275,760. */
export const MAX_TIME_MS = 8.64e15;

/**
 * The time as it is recorded: whole epoch milliseconds, 0 for a clock that is set before 1970.
 *
 * @throws {RegistryError} INVALID_ARGUMENT for a clock that gives no number, or one beyond all dates
 */
export function epochMsOf(clock: Clock): number {
  const givenMs: unknown = clock.now();
  const wholeMs = typeof givenMs === 'number' ? Math.trunc(givenMs) : Number.NaN;
  if (Math.abs(wholeMs) <= MAX_TIME_MS) return Math.max(0, wholeMs);
  throw new RegistryError('INVALID_ARGUMENT', `clock: now() gave ${shownValue(givenMs)}, expected epoch milliseconds`, {
    details: { field: 'clock', nowMs: shownValue(givenMs) },
  });
}
