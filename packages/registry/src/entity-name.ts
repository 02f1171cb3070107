import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/** Longest name of a model or an experiment, in characters. */
export const MAX_NAME_LENGTH = 64;

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * Names of models and experiments are part of storage keys, so they are 1 to 64 characters `a-z 0-9 . _ -`, the first a letter or a digit.
 * Lower case only: a folder on some file systems does not tell `Fraud` from `fraud`.
 *
 * @param what the kind of thing that is named, for the message: `model` or `experiment`
 * @throws {RegistryError} INVALID_NAME, saying which rule the name breaks
 * @example requireName('model', 'fraud-eu.v2'); // fine
 */
export function requireName(what: string, name: unknown): asserts name is string {
  const reason = invalidNameReason(name);
  if (reason) {
    const shown = JSON.stringify(shownValue(name));
    throw new RegistryError('INVALID_NAME', `${what} name ${shown}: ${reason}`, { details: { what, name: shown, reason } });
  }
}

function invalidNameReason(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.length === 0) return 'a name is a string of at least one character';
  if (name.length > MAX_NAME_LENGTH) return `${name.length} characters, at most ${MAX_NAME_LENGTH} are allowed`;
  if (!NAME.test(name)) return 'allowed are a-z 0-9 . _ - with a letter or a digit first';
  return undefined;
}
