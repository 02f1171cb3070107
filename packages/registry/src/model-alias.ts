/** Aliases: names such as `champion` that a person or a program gives to one version, and moves in one atomic step. */
import type { OptionKinds } from '@fraudops/core';
import { requireAlias } from './alias-name.js';
import type { EventDraft, EventLog } from './event-log.js';
import { requireOptions } from './known-options.js';
import type { ModelState } from './model-state.js';
import { requireVersionNumber } from './model-version.js';
import { notFound, requireVersion } from './promotion.js';
import { type Actor, requireActor } from './registration.js';
import { AliasConflictError, RegistryError } from './registry-error.js';
import { eventKey } from './registry-event.js';
import { NOTE_LIMITS } from './version-notes.js';

/** How an alias is set or removed. */
export interface AliasOptions extends Actor {
  /**
   * The version that the alias must name now, null for none: of several who expect the same version one wins. Default: whichever it names.
   */
  readonly expectedCurrent?: number | null;
}

const ALIAS_OPTIONS: OptionKinds<AliasOptions> = { expectedCurrent: 'checked', by: 'checked', why: 'checked' };

/** What became of an alias. */
export interface AliasChange {
  readonly alias: string;
  /** The version that it names now; null when it was removed. */
  readonly version: number | null;
  /** The version that it named before; null when it named none. */
  readonly previous: number | null;
  /** Sequence number of the event; when the alias named the version already, of the last event. */
  readonly seq: number;
}

/** Lets an alias name a version; see `ModelRegistry.setAlias`. */
export async function setAlias(log: EventLog, alias: string, version: number, options: AliasOptions): Promise<AliasChange> {
  requireAlias(alias);
  requireVersionNumber(version);
  const { actor, expectedCurrent } = requireAliasOptions('setAlias', options);
  let found: AliasChange | undefined;
  const appended = await log.append((state): EventDraft | undefined => {
    requireVersion(state, version);
    const previous = requireAliased(state, alias, expectedCurrent);
    found = previous === version ? { alias, version, previous, seq: state.seq } : undefined;
    if (found) return undefined;
    if (previous === null && state.aliases.size >= NOTE_LIMITS.aliases) {
      throw new RegistryError(
        'LIMIT_EXCEEDED',
        `setAlias: model ${state.model} has ${state.aliases.size} aliases, more are not allowed; remove one`,
        { details: { model: state.model, limit: NOTE_LIMITS.aliases } },
      );
    }
    return { ...actor, type: 'aliased', payload: { alias, version, previous } };
  });
  if (found) return found;
  const { previous } = appended!.event.payload as { previous: number | null };
  return { alias, version, previous, seq: appended!.event.seq };
}

/** Lets an alias name nothing; see `ModelRegistry.removeAlias`. */
export async function removeAlias(log: EventLog, alias: string, options: AliasOptions): Promise<AliasChange> {
  requireAlias(alias);
  const { actor, expectedCurrent } = requireAliasOptions('removeAlias', options);
  const { event } = await log.append((state) => {
    if (state.seq === 0) throw notFound(state.model);
    const version = requireAliased(state, alias, expectedCurrent);
    if (version === null) {
      throw new RegistryError('NOT_FOUND', `removeAlias: model ${state.model} has no alias ${alias}`, {
        details: { model: state.model, alias },
      });
    }
    return { ...actor, type: 'alias-removed' as const, payload: { alias, version } };
  });
  return { alias, version: null, previous: (event.payload as { version: number }).version, seq: event.seq };
}

function requireAliasOptions(call: string, options: AliasOptions): { actor: Actor; expectedCurrent: number | null | undefined } {
  requireOptions(call, options, ALIAS_OPTIONS);
  const { expectedCurrent } = options;
  if (expectedCurrent !== undefined && expectedCurrent !== null) requireVersionNumber(expectedCurrent);
  return { actor: requireActor(call, options), expectedCurrent };
}

/** @throws {AliasConflictError} when the alias names another version than the one expected */
function requireAliased(state: ModelState, alias: string, expected: number | null | undefined): number | null {
  const current = state.aliases.get(alias) ?? null;
  if (expected === undefined || expected === current) return current;
  throw new AliasConflictError({ model: state.model, alias, key: eventKey(state.model, state.seq + 1) }, expected, current);
}
