import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { countField, labelField } from './bounded-fields.js';

/** Data that a run read. */
export interface DatasetInput {
  /** What a person calls them, such as `transactions`; 1 to 250 characters. */
  readonly name: string;
  /** What tells these data from all others, such as a SHA-256 of them; 1 to 250 characters. */
  readonly fingerprint: string;
  /** Rows that were read. */
  readonly rows?: number;
  /** The first and the last event time among them, epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** What they were read for, such as `training` or `test`; 1 to 250 characters. */
  readonly context?: string;
  /** Where they came from, such as a file or a table; 1 to 250 characters. */
  readonly source?: string;
}

/** The members of {@link DatasetInput}. */
export const INPUT_OPTIONS: OptionKinds<DatasetInput> = {
  name: 'checked',
  fingerprint: 'checked',
  rows: 'checked',
  fromMs: 'checked',
  toMs: 'checked',
  context: 'checked',
  source: 'checked',
};

/** Inputs of one run. */
export const MAX_INPUTS = 100;

/** An event time; before 1970 it is negative. */
const timeField = z.number().int();

/** A dataset input as it is given and stored. */
export const datasetInputField = z
  .object({
    name: labelField,
    fingerprint: labelField,
    rows: countField.exactOptional(),
    fromMs: timeField.exactOptional(),
    toMs: timeField.exactOptional(),
    context: labelField.exactOptional(),
    source: labelField.exactOptional(),
  })
  .refine(({ fromMs, toMs }) => fromMs === undefined || toMs === undefined || fromMs <= toMs, {
    error: 'fromMs is behind toMs',
  }) satisfies z.ZodType<DatasetInput>;

/** Inputs with one more, which takes the place of one of the same name, fingerprint and context. */
export function withInput(inputs: readonly DatasetInput[], input: DatasetInput): readonly DatasetInput[] {
  const isSame = (other: DatasetInput) =>
    other.name === input.name && other.fingerprint === input.fingerprint && other.context === input.context;
  return inputs.some(isSame) ? inputs.map((other) => (isSame(other) ? input : other)) : [...inputs, input];
}
