/**
 * The history of a run's metrics: batches of points `run-metrics/<id>/<number, 8 digits>.json`, numbered without gaps, that never change.
 * A batch is columns: the names of its metrics, and for each point the position of its name, its value, step and time.
 */
import type { BlobStore } from '@fraudops/core';
import { z } from 'zod';
import { countField, entryKeyField, labelField } from './bounded-fields.js';
import { type MetricPoint, type RunRecord, corruptRun, decodeSealed } from './run-record.js';
import { sealJson } from './sealed-json.js';

/** A point with the name of its metric. */
export interface LoggedPoint extends MetricPoint {
  readonly metric: string;
}

const batchSchema = z
  .object({
    writer: labelField,
    names: z.array(entryKeyField),
    metric: z.array(countField),
    value: z.array(z.number().nullable()),
    step: z.array(countField),
    atMs: z.array(countField),
  })
  .refine(({ names, metric, ...columns }) => metric.every((position) => position < names.length) && isEven(metric, columns), {
    error: 'its columns do not fit together',
  });

function isEven(
  metric: readonly unknown[],
  { value, step, atMs }: Record<'value' | 'step' | 'atMs', readonly unknown[]>,
): boolean {
  return [value, step, atMs].every((column) => column.length === metric.length);
}

function metricsPrefix(id: string): string {
  return `run-metrics/${id}/`;
}

/** The key of a batch of a run's metric points; the first batch is 1. */
export function metricBatchKey(id: string, number: number): string {
  return `${metricsPrefix(id)}${String(number).padStart(8, '0')}.json`;
}

/** The bytes of a batch. @param writer tells batches of two writers apart that hold the same points */
export function encodeMetricBatch(points: readonly LoggedPoint[], writer: string): Uint8Array {
  const positions = new Map<string, number>();
  for (const { metric } of points) if (!positions.has(metric)) positions.set(metric, positions.size);
  return sealJson({
    format: 1,
    writer,
    names: [...positions.keys()],
    metric: points.map(({ metric }) => positions.get(metric)!),
    value: points.map(({ value }) => value),
    step: points.map(({ step }) => step),
    atMs: points.map(({ atMs }) => atMs),
  });
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

/** Reads the points of one metric in one batch. @throws {RegistryError} CORRUPT_RUN, naming the run and the batch */
export async function readMetricBatch(store: BlobStore, id: string, key: string, metric: string): Promise<MetricPoint[]> {
  const stored = await store.get(key);
  if (!stored) throw corruptRun(id, key, 'it is missing');
  const batch = decodeSealed(batchSchema, stored.bytes, id, key);
  const position = batch.names.indexOf(metric);
  const points: MetricPoint[] = [];
  for (let i = 0; i < batch.metric.length; i++) {
    if (batch.metric[i] === position) points.push({ value: batch.value[i]!, step: batch.step[i]!, atMs: batch.atMs[i]! });
  }
  return points;
}
