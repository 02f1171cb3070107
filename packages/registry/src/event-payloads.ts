/**
 * What each type of event says, as types and as the schemas that stored events are read with. Who did it, when and why is the same for
 * all types; see `registry-event.ts`.
 */
import { z } from 'zod';
import { aliasField } from './alias-name.js';
import { type ArtifactReference, artifactReferenceField } from './artifact.js';
import { descriptionField, labelField, metricsField, runIdField, tagChangesField, tagsField } from './bounded-fields.js';
import { type GateResult, gateResultField } from './gate.js';
import { type DataLineage, dataLineageField } from './lineage.js';
import { type ModelSignature, signatureField } from './signature.js';
import type { PromotionStage } from './stage.js';
import { type TrafficSplit, trafficSplitField } from './traffic.js';

/** The payload of each type of event. */
export interface EventPayloads {
  /** A version came into being. */
  readonly registered: RegisteredPayload;
  /** A version moved to a stage, and the version it displaced was archived. */
  readonly promoted: PromotionPayload;
  /** A version did not pass its gates; no stage changed. */
  readonly 'promotion-refused': PromotionPayload;
  /** The version that was in Production before the present one came back. */
  readonly 'rolled-back': RollbackPayload;
  /** An alias names a version from now on. */
  readonly aliased: AliasPayload;
  /** An alias names nothing any more. */
  readonly 'alias-removed': AliasRemovedPayload;
  /** The description or tags of the model or of a version changed. */
  readonly described: DescribedPayload;
  /** Somebody approves that a version goes to a stage. */
  readonly approved: ApprovalPayload;
  /** The one who approved does so no longer. */
  readonly 'approval-withdrawn': ApprovalPayload;
  /** Entities are split between versions from now on, or go to Production alone again. */
  readonly 'traffic-split': TrafficSplit;
  /** A version is gone; its number is never used again. */
  readonly 'deleted-version': DeletedVersionPayload;
}

/** What a registration records. */
export interface RegisteredPayload {
  readonly version: number;
  readonly files: readonly ArtifactReference[];
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly algorithm?: string;
  readonly runId?: string;
  readonly description?: string;
  readonly signature?: ModelSignature;
  readonly data?: DataLineage;
  readonly codeVersion?: string;
}

/** What a promotion records, whether it passed or was refused. */
export interface PromotionPayload {
  readonly version: number;
  readonly stage: PromotionStage;
  /** The version that held the stage when the gates judged; null when it was empty, and for `Archived`. */
  readonly incumbent: number | null;
  readonly gates: readonly GateResult[];
}

/** What a rollback records. */
export interface RollbackPayload {
  /** The version that came back. */
  readonly version: number;
  /** The version that was in Production; null when none was. */
  readonly incumbent: number | null;
}

/** What setting an alias records. */
export interface AliasPayload {
  readonly alias: string;
  readonly version: number;
  /** The version that it named before; null when it named none. */
  readonly previous: number | null;
}

/** What removing an alias records. */
export interface AliasRemovedPayload {
  readonly alias: string;
  /** The version that it named. */
  readonly version: number;
}

/** A change of descriptions and tags. What it does not name stays as it is. */
export interface DescribedPayload {
  /** Null: it is about the model itself. */
  readonly version: number | null;
  /** New values by tag; null removes one. */
  readonly tags: Readonly<Record<string, string | null>>;
  /** Null removes it. */
  readonly description?: string | null;
}

/** What an approval and its withdrawal record; the one who approves is the event's `by`. */
export interface ApprovalPayload {
  readonly version: number;
  readonly stage: PromotionStage;
}

/** What a deletion records. */
export interface DeletedVersionPayload {
  readonly version: number;
}

const versionField = z.number().int().positive();
const promotionStageField = z.enum(['Production', 'Staging', 'Archived']);

const promotionPayload = z.object({
  version: versionField,
  stage: promotionStageField,
  incumbent: versionField.nullable(),
  gates: z.array(gateResultField),
});
const approvalPayload = z.object({ version: versionField, stage: promotionStageField });

/** The payloads as they are stored, by the type of their event. */
export const payloadFields = {
  registered: z.object({
    version: versionField,
    files: z.array(artifactReferenceField),
    metrics: metricsField,
    tags: tagsField,
    algorithm: labelField.exactOptional(),
    runId: runIdField.exactOptional(),
    description: descriptionField.exactOptional(),
    signature: signatureField.exactOptional(),
    data: dataLineageField.exactOptional(),
    codeVersion: labelField.exactOptional(),
  }),
  promoted: promotionPayload,
  'promotion-refused': promotionPayload,
  'rolled-back': z.object({ version: versionField, incumbent: versionField.nullable() }),
  aliased: z.object({ alias: aliasField, version: versionField, previous: versionField.nullable() }),
  'alias-removed': z.object({ alias: aliasField, version: versionField }),
  described: z.object({
    version: versionField.nullable(),
    tags: tagChangesField,
    description: descriptionField.nullable().exactOptional(),
  }),
  approved: approvalPayload,
  'approval-withdrawn': approvalPayload,
  'traffic-split': trafficSplitField,
  'deleted-version': z.object({ version: versionField }),
} satisfies { [Type in keyof EventPayloads]: z.ZodType<EventPayloads[Type]> };
