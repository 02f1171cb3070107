/**
 * The names of options. One that is misspelt is refused before anything is done: `dryrun` must not delete, `gate` must not promote without
 * gates. The values are checked by each call itself.
 */
import { type OptionKinds, optionProblem } from '@fraudops/core';
import { RegistryError } from './registry-error.js';

/**
 * Throws unless the options are an object that holds nothing but options. One that is undefined is left out.
 *
 * @param call what the caller called, for the message
 * @param name what the object is called in the message
 * @throws {RegistryError} INVALID_ARGUMENT, with the nearest name for one that is no option
 */
export function requireOptions<Options>(call: string, options: unknown, kinds: OptionKinds<Options>, name = 'options'): void {
  const problem = optionProblem(options, kinds, name);
  if (problem !== undefined) {
    throw new RegistryError('INVALID_ARGUMENT', `${call}: ${problem}`, { details: { call, field: name, rule: problem } });
  }
}
