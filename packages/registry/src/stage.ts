import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/**
 * Where a version stands. `Production` and `Staging` hold one version at most; the version that a promotion displaces becomes
 * `Archived` (as with MLflow's `archive_existing_versions`). Every version begins in `None` and never comes back to it.
 */
export type Stage = 'None' | PromotionStage;

/** The stages a version can be promoted to. */
export type PromotionStage = 'Production' | 'Staging' | 'Archived';

const STAGES: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

/** @throws {RegistryError} INVALID_STAGE unless it is a stage. Stages are case-sensitive. */
export function requireStage(stage: unknown): asserts stage is Stage {
  if (!STAGES.includes(stage as Stage)) throw invalidStage(stage, STAGES.join(', '));
}

/** @throws {RegistryError} INVALID_STAGE unless it is a stage that versions are promoted to */
export function requirePromotionStage(stage: unknown): asserts stage is PromotionStage {
  if (stage === 'None' || !STAGES.includes(stage as Stage)) throw invalidStage(stage, 'Staging, Production, Archived');
}

function invalidStage(stage: unknown, allowed: string): RegistryError {
  const shown = JSON.stringify(shownValue(stage));
  return new RegistryError('INVALID_STAGE', `stage ${shown}: expected one of ${allowed}`, { details: { stage: shown } });
}
