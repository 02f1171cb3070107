import type { ArtifactReference } from './artifact.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';
import type { Stage } from './stage.js';

/** A registered version of a model. All of it but its stage is fixed for good at registration. */
export interface ModelVersion {
  /** The model's name. */
  readonly name: string;
  /** 1 for the first version of a model, then 2, 3, ... without gaps; never used again. */
  readonly version: number;
  readonly stage: Stage;
  /** When it was registered, epoch milliseconds. */
  readonly registeredMs: number;
  /** Who registered it. */
  readonly registeredBy: string;
  /** What trained it, such as `boosting`. */
  readonly algorithm?: string;
  /** Metrics by name; null for one that is not defined. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** The run it comes from. */
  readonly runId?: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Its files in order of their paths. */
  readonly files: readonly ArtifactReference[];
}

/** @throws {RegistryError} INVALID_VERSION unless it is a whole number from 1 on */
export function requireVersionNumber(version: unknown): asserts version is number {
  if (Number.isSafeInteger(version) && (version as number) >= 1) return;
  const shown = shownValue(version);
  throw new RegistryError('INVALID_VERSION', `version ${shown}: expected a whole number from 1 on`, {
    details: { version: shown },
  });
}
