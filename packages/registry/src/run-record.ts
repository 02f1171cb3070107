/**
 * A run as it is stored: `runs/<experiment>/<id>.json`, sealed JSON that its writer replaces as the run goes on, on the condition that
 * nobody else did. So one listing gives all runs of an experiment in the order of their starts, with the etags that tell which of them
 * changed. The metrics' histories lie beside it, see `metric-batch.ts`.
 */
import type { BlobStore, StoredBlob } from '@fraudops/core';
import { z } from 'zod';
import { type ArtifactReference, artifactReferenceField } from './artifact.js';
import { countField, labelField, paramsField, runIdField, tagsField } from './bounded-fields.js';
import { type DatasetInput, datasetInputField } from './dataset-input.js';
import { listExperiments } from './experiment.js';
import { RegistryError } from './registry-error.js';
import { type RunEnvironment, environmentField } from './run-environment.js';
import { canBeOf } from './run-id.js';
import { END_STATUSES, type RunStatus } from './run-status.js';
import { openSealedJson, sealJson } from './sealed-json.js';

/** A value of a metric. */
export interface MetricPoint {
  /** Null when the metric was logged as not defined, such as the ROC AUC of a single class. */
  readonly value: number | null;
  /** Where in the run, such as the number of the tree or the epoch. */
  readonly step: number;
  /** When it was logged, epoch milliseconds. */
  readonly atMs: number;
}

/** What is known of a run. */
export interface RunRecord {
  readonly id: string;
  readonly experiment: string;
  readonly name?: string;
  /** The run that this one is a part of. */
  readonly parentRunId?: string;
  /** Who started it. */
  readonly user?: string;
  readonly status: RunStatus;
  readonly startedMs: number;
  /** When anything of it last changed, also by others. */
  readonly updatedMs: number;
  /** When the run itself was last heard of. */
  readonly heartbeatMs: number;
  readonly heartbeatIntervalMs: number;
  readonly endedMs?: number;
  /** When it was deleted, until it is restored. */
  readonly deletedMs?: number;
  /** Set once each. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The data that it read. */
  readonly inputs: readonly DatasetInput[];
  readonly seed?: number | string;
  /** The code that ran, such as a git commit. */
  readonly codeVersion?: string;
  /** Whether the code differed from that version. */
  readonly codeDirty?: boolean;
  readonly environment?: RunEnvironment;
  /** The last point of each metric: that of the highest step, of equal ones the one logged last. */
  readonly metrics: Readonly<Record<string, MetricPoint>>;
  /** Batches of metric points that the record stands for: those of the numbers 1 to this. */
  readonly metricBatchCount: number;
  /** Files in order of their paths. */
  readonly artifacts: readonly ArtifactReference[];
}

/** A record, and the etag of the object it is in. */
export interface StoredRun {
  readonly record: RunRecord;
  readonly etag: string;
}

const recordSchema = z.object({
  id: runIdField,
  experiment: z.string(),
  name: labelField.exactOptional(),
  parentRunId: runIdField.exactOptional(),
  user: labelField.exactOptional(),
  status: z.enum(['running', ...END_STATUSES]),
  startedMs: countField,
  updatedMs: countField,
  heartbeatMs: countField,
  heartbeatIntervalMs: countField,
  endedMs: countField.exactOptional(),
  deletedMs: countField.exactOptional(),
  params: paramsField,
  tags: tagsField,
  inputs: z.array(datasetInputField),
  seed: z.union([z.number(), labelField]).exactOptional(),
  codeVersion: labelField.exactOptional(),
  codeDirty: z.boolean().exactOptional(),
  environment: environmentField.exactOptional(),
  metrics: z.custom<RunRecord['metrics']>(isMetrics, { error: 'its points are not of the form that is expected' }),
  metricBatchCount: countField,
  artifacts: z.array(artifactReferenceField),
}) satisfies z.ZodType<RunRecord>;

/** Written by hand: most of a record is its metrics, and many records are read at once. */
function isMetrics(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value as Record<string, Partial<MetricPoint> | null>).every((point) => {
    if (typeof point !== 'object' || point === null) return false;
    const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
    return (point.value === null || typeof point.value === 'number') && isCount(point.step) && isCount(point.atMs);
  });
}

/** Prefix of the keys of all records. */
export const RUNS_PREFIX = 'runs/';
const SUFFIX = '.json';

/** Prefix of the keys of an experiment's records. */
export function runsPrefix(experiment: string): string {
  return `${RUNS_PREFIX}${experiment}/`;
}

/** The key of a run's record. */
export function runKey(experiment: string, id: string): string {
  return `${runsPrefix(experiment)}${id}${SUFFIX}`;
}

/**
 * The run whose record a key is; undefined for any other key.
 *
 * @param experiment the one that the key was listed for, if it was
 */
export function runOfKey(key: string, experiment?: string): { experiment: string; id: string } | undefined {
  const slash = experiment === undefined ? key.indexOf('/', RUNS_PREFIX.length) : RUNS_PREFIX.length + experiment.length;
  if (slash < 0 || !key.endsWith(SUFFIX) || key.includes('/', slash + 1)) return undefined;
  return { experiment: key.slice(RUNS_PREFIX.length, slash), id: key.slice(slash + 1, -SUFFIX.length) };
}

/** The bytes of a record. */
export function encodeRun(record: RunRecord): Uint8Array {
  return sealJson({ ...record, format: 1 });
}

/** A record from its bytes. @throws {RegistryError} CORRUPT_RUN, naming the run */
export function decodeRun({ bytes, etag }: StoredBlob, experiment: string, id: string): StoredRun {
  const key = runKey(experiment, id);
  const record = decodeSealed(recordSchema, bytes, id, key);
  if (record.id !== id || record.experiment !== experiment) {
    throw corruptRun(id, key, `it is the record of run ${record.id} of experiment ${record.experiment}`);
  }
  return { record, etag };
}

/** Reads a run's record, and the etag to replace it with: a listing of the experiments and a get. @throws {RegistryError} CORRUPT_RUN */
export async function readRun(store: BlobStore, id: string): Promise<StoredRun | undefined> {
  for (const experiment of (await listExperiments(store)).keys()) {
    const found = canBeOf(experiment, id) ? await readRunOf(store, experiment, id) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The same for a run whose experiment is known: one get. */
export async function readRunOf(store: BlobStore, experiment: string, id: string): Promise<StoredRun | undefined> {
  const stored = await store.get(runKey(experiment, id));
  return stored && decodeRun(stored, experiment, id);
}

/** The content of a run's object. @throws {RegistryError} CORRUPT_RUN, or UNSUPPORTED_EVENT for a format of later versions */
export function decodeSealed<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  id: string,
  key: string,
): z.output<Schema> {
  const opened = openSealedJson(bytes);
  if ('damage' in opened) throw corruptRun(id, key, opened.damage);
  if (opened.content.format !== 1) {
    throw new RegistryError(
      'UNSUPPORTED_EVENT',
      `run ${id}: ${key} has a format this version can't read; upgrade @fraudops/registry`,
      { details: { id, key, format: opened.content.format } },
    );
  }
  const parsed = schema.safeParse(opened.content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw corruptRun(id, key, `${issue.path.map(String).join('.')}: ${issue.message}`);
}

/** The error for an object of a run that can't be right. */
export function corruptRun(id: string, key: string, reason: string): RegistryError {
  return new RegistryError('CORRUPT_RUN', `run ${id}: ${key}: ${reason}; it was changed or damaged, restore it from a backup`, {
    details: { id, key, reason },
  });
}
