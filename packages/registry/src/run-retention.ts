/**
 * Retention of runs: deletes the records of runs that came to nothing, or that somebody deleted, once they are old. A run that a version was
 * registered from is kept. Metric batches and files go with the next garbage collection after the grace period.
 */
import { type BlobStore, type Clock, type OptionKinds, durableLayer, readBlobs, systemClock } from '@fraudops/core';
import { z } from 'zod';
import { countField, requireShape } from './bounded-fields.js';
import { isConflict } from './conflict.js';
import { epochMsOf } from './epoch-time.js';
import { modelFolders } from './garbage-references.js';
import { requireOptions } from './known-options.js';
import { readLog } from './log-reader.js';
import { RegistryError } from './registry-error.js';
import { CRASHED_AFTER_INTERVALS } from './run-status.js';
import { openSealedJson } from './sealed-json.js';

/** Which runs are kept. */
export interface RunRetentionRules {
  /** Keeps runs that were heard of less than this ago. At least an hour. */
  readonly keepForMs: number;
  /** Tells what would be deleted, and deletes nothing. Default false. */
  readonly dryRun?: boolean;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

const RULES: OptionKinds<RunRetentionRules> = { keepForMs: 'checked', dryRun: 'checked', clock: 'checked' };

/** What {@link runRetention} did, or with `dryRun` would do. */
export interface RunRetentionReport {
  readonly dryRun: boolean;
  /** Ids of the runs. */
  readonly deleted: readonly string[];
  readonly keptCount: number;
}

/** A run that was heard of less than this ago may go on. */
const MIN_KEEP_MS = 60 * 60 * 1000;

const rulesSchema = z.object({
  keepForMs: countField.min(MIN_KEEP_MS),
  dryRun: z.boolean().default(false),
});

const runSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  status: z.string(),
  updatedMs: countField,
  heartbeatMs: countField,
  heartbeatIntervalMs: countField,
  endedMs: countField.default(0),
  deletedMs: countField.default(0),
});

/**
 * Deletes the records of old runs that failed, were killed, never ended (their process died), or were deleted by somebody. Finished runs stay.
 *
 * @throws {RegistryError} INVALID_ARGUMENT; CORRUPT_RUN and CORRUPT_LOG, naming what can't be read; what was deleted by then was old
 * @example await runRetention(store, { keepForMs: 30 * 86_400_000 });
 */
export async function runRetention(store: BlobStore, rules: RunRetentionRules): Promise<RunRetentionReport> {
  requireOptions('runRetention', rules, RULES, 'rules');
  const { clock = systemClock, ...others } = rules;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const { keepForMs, dryRun } = requireShape('runRetention', rulesSchema, given);
  const durable = durableLayer(store);
  const oldMs = epochMsOf(clock) - keepForMs;
  const named = await runsOfVersions(durable);
  const deleted: string[] = [];
  let keptCount = 0;
  const keys: string[] = [];
  for await (const { key } of durable.list('runs/')) if (key.endsWith('.json')) keys.push(key);
  for await (const batch of readBlobs(durable, keys)) {
    for (const { key, blob } of batch) {
      if (!blob) continue;
      const { id, isDone, heardMs } = openRun(key, blob.bytes);
      const goes = !isDone && heardMs < oldMs && !named.has(id) && (dryRun || (await deleteState(durable, key, blob.etag)));
      if (goes) deleted.push(id);
      else keptCount++;
    }
  }
  return { dryRun, deleted, keptCount };
}

/** The runs that versions were registered from. */
async function runsOfVersions(store: BlobStore): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const model of await modelFolders(store)) {
    for await (const { events } of readLog(store, model)) {
      for (const event of events) if (event.type === 'registered' && event.payload.runId) ids.add(event.payload.runId);
    }
  }
  return ids;
}

interface JudgedRun {
  readonly id: string;
  /** Whether it ended well, and nobody deleted it. */
  readonly isDone: boolean;
  /** Until when it may have been alive. */
  readonly heardMs: number;
}

function openRun(key: string, bytes: Uint8Array): JudgedRun {
  const opened = openSealedJson(bytes);
  const parsed = 'damage' in opened ? undefined : runSchema.safeParse(opened.content);
  if (!parsed?.success) {
    const reason = 'damage' in opened ? opened.damage : parsed!.error.issues[0]!.message;
    throw new RegistryError('CORRUPT_RUN', `${key}: ${reason}; it was changed or damaged, restore it from a backup`, {
      details: { key, reason },
    });
  }
  const { id, status, deletedMs, heartbeatIntervalMs, ...times } = parsed.data;
  // Until then a running run may only be held up.
  const silenceMs = status === 'running' ? CRASHED_AFTER_INTERVALS * heartbeatIntervalMs : 0;
  const heardMs = Math.max(times.updatedMs, times.heartbeatMs, times.endedMs, deletedMs) + silenceMs;
  return { id, isDone: status === 'finished' && deletedMs === 0, heardMs };
}

/** Whether the record was as it was read, and is gone: a run that was heard of meanwhile goes on. */
async function deleteState(store: BlobStore, key: string, etag: string): Promise<boolean> {
  try {
    await store.delete(key, { ifMatch: etag });
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}
