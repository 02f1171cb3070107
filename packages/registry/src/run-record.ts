/**
 * A run as it is stored: `runs/<id>.json`, sealed JSON that its writer replaces as the run goes on, on the condition that nobody else did.
 * The metrics' histories lie beside it, in batches `run-metrics/<id>/<number, 8 digits>.json` that are never changed. A marker
 * `experiments/<experiment>/runs/<id>` lists the run under its experiment.
 */
import type { BlobStore } from '@fraudops/core';
import { z } from 'zod';
import { type ArtifactReference, artifactReferenceField } from './artifact.js';
import { countField, entriesField, entryKeyField, labelField, paramsField, runIdField, tagsField } from './bounded-fields.js';
import { RegistryError } from './registry-error.js';
import { openSealedJson, sealJson } from './sealed-json.js';

/** How a run stands. A run whose process died stays `running`; `updatedMs` tells since when nothing was heard of it. */
export type RunStatus = 'running' | 'finished' | 'failed';

/** A value of a metric. */
export interface MetricPoint {
  readonly value: number;
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
  readonly status: RunStatus;
  readonly startedMs: number;
  /** When the run last wrote anything. */
  readonly updatedMs: number;
  readonly endedMs?: number;
  /** Fixed at the start. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly seed?: number | string;
  /** The code that ran, such as a git commit. */
  readonly codeVersion?: string;
  /** The last point of each metric: that of the highest step, of equal ones the one logged last. */
  readonly metrics: Readonly<Record<string, MetricPoint>>;
  /** Batches of metric points that the record stands for: those of the numbers 1 to this. 0 for records from before it was counted. */
  readonly metricBatchCount: number;
  /** Files in order of their paths. */
  readonly artifacts: readonly ArtifactReference[];
}

const pointFields = { value: z.number(), step: countField, atMs: countField };

/** One logged point as it is stored. */
const loggedPointField = z.object({ metric: entryKeyField, ...pointFields });

/** A point with the name of its metric. */
export interface LoggedPoint extends MetricPoint {
  readonly metric: string;
}

const recordSchema = z.object({
  id: runIdField,
  experiment: z.string(),
  name: labelField.exactOptional(),
  status: z.enum(['running', 'finished', 'failed']),
  startedMs: countField,
  updatedMs: countField,
  endedMs: countField.exactOptional(),
  params: paramsField,
  tags: tagsField,
  seed: z.union([z.number(), labelField]).exactOptional(),
  codeVersion: labelField.exactOptional(),
  metrics: entriesField(z.object(pointFields)),
  metricBatchCount: countField.default(0),
  artifacts: z.array(artifactReferenceField),
}) satisfies z.ZodType<RunRecord>;

const batchSchema = z.object({ points: z.array(loggedPointField) });

/** The key of a run's record. */
export function runKey(id: string): string {
  return `runs/${id}.json`;
}

function metricsPrefix(id: string): string {
  return `run-metrics/${id}/`;
}

/** The key of a batch of a run's metric points; the first batch is 1. */
export function metricBatchKey(id: string, number: number): string {
  return `${metricsPrefix(id)}${String(number).padStart(8, '0')}.json`;
}

/** The bytes of a record. */
export function encodeRun(record: RunRecord): Uint8Array {
  return sealJson({ ...record, format: 1 });
}

/** The bytes of a batch of metric points. */
export function encodeMetricBatch(points: readonly LoggedPoint[]): Uint8Array {
  return sealJson({ points, format: 1 });
}

/** Reads a run's record, and the etag to replace it with. @throws {RegistryError} CORRUPT_RUN, naming the run */
export async function readRun(store: BlobStore, id: string): Promise<{ record: RunRecord; etag: string } | undefined> {
  const stored = await store.get(runKey(id));
  if (!stored) return undefined;
  const record = decode(recordSchema, stored.bytes, id, runKey(id));
  if (record.id !== id) throw corruptRun(id, runKey(id), `it is the record of run ${record.id}`);
  return { record, etag: stored.etag };
}

/**
 * The keys of a run's metric batches, in order: all that the record stands for, and those that its writer wrote since. Batches are
 * written one after the other, so where one is, all before it must be.
 *
 * @throws {RegistryError} CORRUPT_RUN, naming the first batch that is missing
 */
export async function metricBatchKeys(store: BlobStore, { id, metricBatchCount }: RunRecord): Promise<string[]> {
  const keys: string[] = [];
  const requireUpTo = async (count: number): Promise<void> => {
    while (keys.length < count) {
      const key = metricBatchKey(id, keys.length + 1);
      // A listing may leave out what is written while it goes on.
      if (!(await store.get(key))) throw corruptRun(id, key, 'it is missing');
      keys.push(key);
    }
  };
  for await (const { key } of store.list(metricsPrefix(id))) {
    const number = Number(/^(\d{8})\.json$/.exec(key.slice(metricsPrefix(id).length))?.[1] ?? 0);
    if (number === 0) continue;
    await requireUpTo(number - 1);
    keys.push(key);
  }
  await requireUpTo(metricBatchCount);
  return keys;
}

/** Reads one batch of a run's metric points. @throws {RegistryError} CORRUPT_RUN, naming the run and the batch */
export async function readMetricBatch(store: BlobStore, id: string, key: string): Promise<readonly LoggedPoint[]> {
  const stored = await store.get(key);
  if (!stored) throw corruptRun(id, key, 'it is missing');
  return decode(batchSchema, stored.bytes, id, key).points;
}

function decode<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array, id: string, key: string): z.output<Schema> {
  const opened = openSealedJson(bytes);
  if ('damage' in opened) throw corruptRun(id, key, opened.damage);
  if (opened.content.format !== 1) {
    throw new RegistryError(
      'UNSUPPORTED_EVENT',
      `run ${id}: ${key} has a format this version can't read; upgrade @fraudops/registry`,
      {
        details: { id, key, format: opened.content.format },
      },
    );
  }
  const parsed = schema.safeParse(opened.content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw corruptRun(id, key, `${issue.path.map(String).join('.')}: ${issue.message}`);
}

function corruptRun(id: string, key: string, reason: string): RegistryError {
  return new RegistryError('CORRUPT_RUN', `run ${id}: ${key}: ${reason}; it was changed or damaged, restore it from a backup`, {
    details: { id, key, reason },
  });
}
