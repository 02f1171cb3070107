/**
 * Retention: deletes old versions by rules. What is in use is never deleted, whatever the rules say: the versions in Production and Staging, those
 * that an alias names or that traffic goes to, and the one that a rollback would go back to. A deleted version's number is never used again,
 * and its history stays; its files go with the next garbage collection after the grace period.
 */
import { type Clock, type OptionKinds, isFraudOpsError, systemClock } from '@fraudops/core';
import { z } from 'zod';
import { countField, requireShape } from './bounded-fields.js';
import { epochMsOf } from './epoch-time.js';
import { requireOptions } from './known-options.js';
import type { ModelRegistry } from './model-registry.js';
import { type ModelState, emptyModelState, foldEvents, livingVersions, neededAs } from './model-state.js';
import type { ModelVersion } from './model-version.js';
import { requireActor } from './registration.js';
import { RegistryError } from './registry-error.js';
import type { Stage } from './stage.js';

/** Which versions are kept. A version is deleted when no rule keeps it; at least one of `keepLast` and `keepForMs` must be given. */
export interface RetentionRules {
  /** Keeps the versions registered last, so many of each model. */
  readonly keepLast?: number;
  /** Keeps versions that were registered less than this ago. */
  readonly keepForMs?: number;
  /** Keeps versions in these stages; Production and Staging are kept anyway. Default: none. */
  readonly keepStages?: readonly Stage[];
  /** The model it is about. Default: all models. */
  readonly model?: string;
  /** Tells what would be deleted, and deletes nothing. Default false. */
  readonly dryRun?: boolean;
  /** Who deletes; needed unless `dryRun`. */
  readonly by?: string;
  /** For which reason; needed unless `dryRun`. */
  readonly why?: string;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

const RULES: OptionKinds<RetentionRules> = {
  keepLast: 'checked',
  keepForMs: 'checked',
  keepStages: 'checked',
  model: 'checked',
  dryRun: 'checked',
  by: 'checked',
  why: 'checked',
  clock: 'checked',
};

/** What {@link retention} did, or with `dryRun` would do. */
export interface RetentionReport {
  readonly dryRun: boolean;
  readonly deleted: readonly VersionName[];
  /** Versions that no rule keeps, but that are in use. */
  readonly inUse: readonly (VersionName & { readonly use: string })[];
  /** Versions that are kept, those in use included. */
  readonly keptCount: number;
}

/** A version by name. */
export interface VersionName {
  readonly model: string;
  readonly version: number;
}

const rulesSchema = z
  .object({
    keepLast: countField.exactOptional(),
    keepForMs: countField.exactOptional(),
    keepStages: z.array(z.enum(['None', 'Staging', 'Production', 'Archived'])).default([]),
    model: z.string().exactOptional(),
    dryRun: z.boolean().default(false),
  })
  .refine(({ keepLast, keepForMs }) => keepLast !== undefined || keepForMs !== undefined, {
    error: 'give keepLast or keepForMs, else every version that is not in use would be deleted',
  });

type Rules = z.output<typeof rulesSchema>;

/**
 * Deletes the versions that no rule keeps.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when a rule is none, or none is given; NOT_FOUND for a model that does not exist; CORRUPT_LOG
 * @example
 * await retention(registry, { keepLast: 10, keepForMs: 90 * 86_400_000, by: 'nightly', why: 'retention rules' });
 */
export async function retention(registry: ModelRegistry, rules: RetentionRules): Promise<RetentionReport> {
  requireOptions('retention', rules, RULES, 'rules');
  const { clock = systemClock, by, why, ...others } = rules;
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const checked = requireShape('retention', rulesSchema, Object.fromEntries(given));
  const actor = checked.dryRun ? undefined : requireActor('retention', { by: by as string, why: why as string });
  const nowMs = epochMsOf(clock);
  const deleted: VersionName[] = [];
  const inUse: RetentionReport['inUse'][number][] = [];
  let keptCount = 0;
  for (const model of checked.model === undefined ? await registry.models() : [checked.model]) {
    const state = foldEvents(emptyModelState(model), await registry.history(model));
    for (const { version, keep, use } of judged(state, checked, nowMs)) {
      const reason = keep || use ? use : actor && (await usedMeanwhile(() => registry.deleteVersion(model, version, actor)));
      if (keep || reason) keptCount++;
      else deleted.push({ model, version });
      if (!keep && reason) inUse.push({ model, version, use: reason });
    }
  }
  return { dryRun: checked.dryRun, deleted, inUse, keptCount };
}

/** Each living version, whether a rule keeps it, and what it is used as. */
function judged(state: ModelState, rules: Rules, nowMs: number): { version: number; keep: boolean; use: string | undefined }[] {
  const versions = livingVersions(state);
  return versions.map((found, i) => ({
    version: found.version,
    keep: isKept(found, versions.length - i, rules, nowMs),
    use: neededAs(state, found),
  }));
}

/** @param rank 1 for the version registered last */
function isKept({ stage, registeredMs }: ModelVersion, rank: number, rules: Rules, nowMs: number): boolean {
  const { keepLast = 0, keepForMs = 0, keepStages } = rules;
  return rank <= keepLast || nowMs - registeredMs < keepForMs || keepStages.includes(stage);
}

/** Deletes a version; gives what it is used as when it came into use after it was judged, and undefined when it is gone. */
async function usedMeanwhile(remove: () => Promise<void>): Promise<string | undefined> {
  try {
    await remove();
    return undefined;
  } catch (error) {
    if (!isFraudOpsError(error)) throw error;
    if (error.code === 'VERSION_IN_USE') return String(error.details['use']);
    // Somebody else deleted it.
    if (error instanceof RegistryError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
