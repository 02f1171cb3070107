/** Deleting a version, whose number stays taken for good. */
import type { EventLog } from './event-log.js';
import { requireOptions } from './known-options.js';
import { neededAs } from './model-state.js';
import { requireVersionNumber } from './model-version.js';
import { requireVersion } from './promotion.js';
import { ACTOR_OPTIONS, type Actor, requireActor } from './registration.js';
import { RegistryError } from './registry-error.js';

/** Deletes a version; see `ModelRegistry.deleteVersion`. */
export async function deleteVersion(log: EventLog, version: number, options: Actor): Promise<void> {
  requireVersionNumber(version);
  requireOptions('deleteVersion', options, ACTOR_OPTIONS);
  const actor = requireActor('deleteVersion', options);
  await log.append((state) => {
    const use = neededAs(state, requireVersion(state, version));
    if (use) {
      const message = `deleteVersion: version ${version} of model ${state.model} is ${use}; take it out of there, or promote another version, before`;
      throw new RegistryError('VERSION_IN_USE', message, { details: { model: state.model, version, use } });
    }
    return { ...actor, type: 'deleted-version' as const, payload: { version } };
  });
}
