/** Whether what is transformed has the features that a transformation was fitted on. */
import type { FeatureMatrix } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/** @param where who asks, for the message @throws {FeatureError} UNKNOWN_FIELD when names or their order differ */
export function requireFittedNames(where: string, names: readonly string[], matrix: FeatureMatrix): void {
  const odd = names.findIndex((name, i) => matrix.names[i] !== name);
  if (odd < 0 && matrix.names.length === names.length) return;
  const position = odd < 0 ? names.length : odd;
  const message = `${where}: feature ${position} is ${matrix.names[position]}, expected ${names[position]}; give the features it was fitted on, in order`;
  throw new FeatureError('UNKNOWN_FIELD', message, { position });
}

/** @param what whose length it is, for the message @throws {FeatureError} INVALID_VALUE */
export function requireLength(where: string, what: string, length: number, expected: number): void {
  if (length === expected) return;
  throw new FeatureError('INVALID_VALUE', `${where}: ${what} has ${length} features, expected ${expected}`, { length, expected });
}
