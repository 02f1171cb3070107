import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { labelField } from './bounded-fields.js';

/** Types of fields, by the names that MLflow has for them. */
export type SignatureType = 'boolean' | 'integer' | 'long' | 'float' | 'double' | 'string' | 'binary' | 'datetime';

/** A field that a model takes or gives. */
export interface SignatureField {
  readonly name: string;
  readonly type: SignatureType;
  /** Whether it may be missing. Default: no. */
  readonly optional?: boolean;
}

/** What a version takes and gives: its features in order, and its scores. */
export interface ModelSignature {
  /** At most 5,000. */
  readonly inputs: readonly SignatureField[];
  /** At most 5,000. */
  readonly outputs: readonly SignatureField[];
}

/** The members of {@link ModelSignature}. */
export const SIGNATURE_OPTIONS: OptionKinds<ModelSignature> = { inputs: 'checked', outputs: 'checked' };

const MAX_SIGNATURE_FIELDS = 5_000;

const fieldsField = z
  .array(
    z.object({
      name: labelField,
      type: z.enum(['boolean', 'integer', 'long', 'float', 'double', 'string', 'binary', 'datetime']),
      optional: z.boolean().exactOptional(),
    }),
  )
  .max(MAX_SIGNATURE_FIELDS)
  .refine((fields) => new Set(fields.map(({ name }) => name)).size === fields.length, { error: 'two fields have one name' });

/** A signature as it is stored. */
export const signatureField = z.object({ inputs: fieldsField, outputs: fieldsField }) satisfies z.ZodType<ModelSignature>;
