import type { ArtifactReference } from './artifact.js';
import type { DataLineage } from './lineage.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';
import type { ModelSignature } from './signature.js';
import type { PromotionStage, Stage } from './stage.js';

/**
 * Somebody's word that a version may go to a stage. It is for that version and that stage, and lapses when the version leaves the stage.
 * The registry knows who approved by the name it was given, and does not ask whether the name is true.
 */
export interface Approval {
  readonly stage: PromotionStage;
  /** Who approved; once for each stage. */
  readonly by: string;
  readonly why: string;
  /** When, epoch milliseconds. */
  readonly atMs: number;
}

/**
 * A registered version of a model. Its files, metrics, signature and origin are fixed for good at registration; its stage, aliases, approvals,
 * description and tags may change. The object itself never does: a change makes another one.
 */
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
  /** The data it was trained on. */
  readonly data?: DataLineage;
  /** The code that trained it, such as a git commit. */
  readonly codeVersion?: string;
  /** What it takes and gives. */
  readonly signature?: ModelSignature;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The aliases that name it, in order. */
  readonly aliases: readonly string[];
  /** Who approves that it goes to which stage, the first one first. */
  readonly approvals: readonly Approval[];
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
