import { type ModelState, livingVersions } from './model-state.js';
import type { Traffic } from './traffic.js';

/** A model as a whole. */
export interface RegisteredModel {
  readonly name: string;
  /** Empty when there is none. */
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The versions that aliases name, in order of the aliases. */
  readonly aliases: Readonly<Record<string, number>>;
  /** The version in Production; null when there is none. */
  readonly production: number | null;
  /** The version in Staging; null when there is none. */
  readonly staging: number | null;
  /** The split in force; null when all entities go to Production. */
  readonly traffic: Traffic | null;
  /** The number of the version registered last, deleted or not. */
  readonly lastVersion: number;
  /** Versions that were not deleted. */
  readonly versionCount: number;
  /** Sequence number of the last event. */
  readonly seq: number;
}

/** What a state says of its model as a whole. */
export function registeredModel(state: ModelState): RegisteredModel {
  const { model, description, tags, production, staging, traffic, seq, versions } = state;
  const aliases = Object.fromEntries([...state.aliases].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const versionCount = livingVersions(state).length;
  return {
    name: model,
    description,
    tags,
    aliases,
    production,
    staging,
    traffic,
    lastVersion: versions.length,
    versionCount,
    seq,
  };
}
