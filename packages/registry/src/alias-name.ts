import { z } from 'zod';
import { MAX_NAME_LENGTH } from './entity-name.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

const ALIAS = /^[A-Za-z][A-Za-z0-9._-]*$/;
/** What people, and the command line, take for a version or a stage. */
const RESERVED = /^(latest|none|staging|production|archived|v(er(sion)?)?[._-]*\d[\d._-]*)$/i;

/** An alias as it is stored; which names are reserved is asked before, so that a log outlives a change of them. */
export const aliasField = z.string().max(MAX_NAME_LENGTH).regex(ALIAS);

/**
 * An alias is 1 to 64 characters `A-Z a-z 0-9 . _ -`, the first a letter; upper and lower case differ. Names that would be taken for a
 * version or a stage are refused in any case: `latest`, `v3`, `version-3`, `production`, ...
 *
 * @throws {RegistryError} INVALID_NAME, saying which rule the alias breaks
 * @example requireAlias('champion'); // fine
 */
export function requireAlias(alias: unknown): asserts alias is string {
  const reason = invalidAliasReason(alias);
  if (reason === undefined) return;
  const shown = JSON.stringify(shownValue(alias));
  throw new RegistryError('INVALID_NAME', `alias ${shown}: ${reason}`, { details: { what: 'alias', name: shown, reason } });
}

function invalidAliasReason(alias: unknown): string | undefined {
  if (typeof alias !== 'string' || alias.length === 0) return 'an alias is a string of at least one character';
  if (alias.length > MAX_NAME_LENGTH) return `${alias.length} characters, at most ${MAX_NAME_LENGTH} are allowed`;
  if (!ALIAS.test(alias)) return 'allowed are A-Z a-z 0-9 . _ - with a letter first';
  if (RESERVED.test(alias)) return 'it would be taken for a version or a stage; choose another, such as champion';
  return undefined;
}
