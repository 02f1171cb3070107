import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { type ArtifactFile, requireArtifactFiles } from './artifact.js';
import {
  descriptionField,
  labelField,
  metricsField,
  reasonField,
  requireObject,
  requireShape,
  runIdField,
  tagsField,
} from './bounded-fields.js';
import type { RegisteredPayload } from './event-payloads.js';
import { requireOptions } from './known-options.js';
import { type DataLineage, DATA_OPTIONS, dataLineageField } from './lineage.js';
import { type ModelSignature, SIGNATURE_OPTIONS, signatureField } from './signature.js';

/** A version to be registered. */
export interface Registration {
  /** 1 to 100 files, such as those of a model bundle; at most 256 MiB each and 1 GiB together. */
  readonly files: readonly ArtifactFile[];
  /** The run that made it. */
  readonly runId?: string;
  /** At most 500; null for one that is not defined. */
  readonly metrics?: Readonly<Record<string, number | null>>;
  /** What trained it, such as `boosting`. */
  readonly algorithm?: string;
  /** The data it was trained on. */
  readonly data?: DataLineage;
  /** The code that trained it, such as a git commit. */
  readonly codeVersion?: string;
  /** What it takes and gives. */
  readonly signature?: ModelSignature;
  readonly description?: string;
  /** At most 500. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Who acts, and for which reason. */
export interface Actor {
  /** A person or a program, 1 to 250 characters. */
  readonly by: string;
  /** At most 4,000 characters. */
  readonly why: string;
}

const REGISTRATION_OPTIONS: OptionKinds<Registration> = {
  files: 'checked',
  runId: 'checked',
  metrics: 'checked',
  algorithm: 'checked',
  data: 'checked',
  codeVersion: 'checked',
  signature: 'checked',
  description: 'checked',
  tags: 'checked',
};
/** Options of the calls that need nothing but who acts. */
export const ACTOR_OPTIONS: OptionKinds<Actor> = { by: 'checked', why: 'checked' };

const factsSchema = z.object({
  metrics: metricsField.default({}),
  tags: tagsField.default({}),
  algorithm: labelField.exactOptional(),
  runId: runIdField.exactOptional(),
  data: dataLineageField.exactOptional(),
  codeVersion: labelField.exactOptional(),
  signature: signatureField.exactOptional(),
  description: descriptionField.exactOptional(),
});

const actorSchema = z.object({ by: labelField, why: reasonField });

/** What a registration will record, but its version and files. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireRegistration(registration: Registration): Omit<RegisteredPayload, 'version' | 'files'> {
  requireOptions('register', registration, REGISTRATION_OPTIONS, 'registration');
  requireNestedOptions(registration);
  requireArtifactFiles('register', registration.files);
  const given = Object.entries(registration).filter(([, value]) => value !== undefined);
  return requireShape('register', factsSchema, Object.fromEntries(given));
}

function requireNestedOptions({ data, signature }: Registration): void {
  if (data !== undefined) requireOptions('register', data, DATA_OPTIONS, 'data');
  if (signature !== undefined) requireOptions('register', signature, SIGNATURE_OPTIONS, 'signature');
}

/** @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireActor(call: string, actor: { readonly by: string; readonly why: string }): Actor {
  requireObject(call, 'options', actor);
  return requireShape(call, actorSchema, actor);
}
