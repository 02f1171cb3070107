import type { ModelState } from './model-state.js';
import type { ModelVersion } from './model-version.js';
import { type RegistryEvent, corruptLog } from './registry-event.js';

/** A state while events are folded into it. What its members hold is replaced, never changed: the states before go on using it. */
export type StateDraft = {
  -readonly [Member in Exclude<keyof ModelState, 'model' | 'versions'>]: ModelState[Member];
} & { readonly model: string; readonly versions: (ModelVersion | undefined)[] };

/** The version that an event is about. @throws {RegistryError} CORRUPT_LOG when there is none, or none any more */
export function livingVersion(draft: StateDraft, event: Pick<RegistryEvent, 'seq'>, version: number): ModelVersion {
  const found = draft.versions[version - 1];
  if (found) return found;
  const why = version > draft.versions.length ? 'not registered' : 'deleted';
  throw corruptLog({ model: draft.model, seq: event.seq }, `it names version ${version}, which is ${why}`);
}

/** Replaces members of a living version. Every reader gets the same object, so it is one that nobody can change. */
export function changeVersion(draft: StateDraft, version: number, change: Partial<ModelVersion>): void {
  draft.versions[version - 1] = Object.freeze({ ...draft.versions[version - 1]!, ...change });
}
