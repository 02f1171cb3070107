/** Where a version comes from: the run that made it, the data it learned from, and the code that ran. */
import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { countField, labelField } from './bounded-fields.js';
import type { ModelVersion } from './model-version.js';
import type { RunRecord } from './run-record.js';

/** The data that a version was trained on. */
export interface DataLineage {
  /** What tells these data from all others, such as a SHA-256 of them; 1 to 250 characters. */
  readonly fingerprint: string;
  /** Rows it was trained on. */
  readonly rows: number;
  /** The first and the last event time among them, epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Where they came from, such as a file or a table; 1 to 250 characters. */
  readonly source?: string;
}

/** Where a version comes from. */
export interface Lineage {
  readonly model: string;
  readonly version: number;
  readonly registeredBy: string;
  readonly registeredMs: number;
  /** As it was registered. */
  readonly runId?: string;
  /** What the tracker on the same store knows of that run; undefined when it knows none. */
  readonly run?: RunRecord;
  /** As it was registered. */
  readonly data?: DataLineage;
  /** As it was registered, else that of the run. */
  readonly codeVersion?: string;
}

/** The lineage of a version, with what is known of its run. */
export function lineageOf(
  { name, version, registeredBy, registeredMs, ...facts }: ModelVersion,
  run: RunRecord | undefined,
): Lineage {
  const codeVersion = facts.codeVersion ?? run?.codeVersion;
  return {
    model: name,
    version,
    registeredBy,
    registeredMs,
    ...(facts.runId === undefined ? {} : { runId: facts.runId }),
    ...(run ? { run } : {}),
    ...(facts.data ? { data: facts.data } : {}),
    ...(codeVersion === undefined ? {} : { codeVersion }),
  };
}

/** The members of {@link DataLineage}. */
export const DATA_OPTIONS: OptionKinds<DataLineage> = {
  fingerprint: 'checked',
  rows: 'checked',
  fromMs: 'checked',
  toMs: 'checked',
  source: 'checked',
};

/** An event time; before 1970 it is negative. */
const timeField = z.number().int();

/** The data of a version as they are stored. */
export const dataLineageField = z
  .object({
    fingerprint: labelField,
    rows: countField,
    fromMs: timeField.exactOptional(),
    toMs: timeField.exactOptional(),
    source: labelField.exactOptional(),
  })
  .refine(({ fromMs, toMs }) => fromMs === undefined || toMs === undefined || fromMs <= toMs, {
    error: 'fromMs is behind toMs',
  }) satisfies z.ZodType<DataLineage>;
