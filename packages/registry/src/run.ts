import type { BlobStore } from '@fraudops/core';
import { z } from 'zod';
import { ARTIFACT_LIMITS, requireArtifactFile } from './artifact.js';
import { saveArtifacts } from './artifact-store.js';
import { FIELD_LIMITS, countField, metricsField, requireShape } from './bounded-fields.js';
import { coalesced } from './coalesced.js';
import { isConflict } from './conflict.js';
import { oneAtATime } from './one-at-a-time.js';
import { RegistryError } from './registry-error.js';
import {
  type LoggedPoint,
  type MetricPoint,
  type RunRecord,
  encodeMetricBatch,
  encodeRun,
  metricsPrefix,
  readRun,
  runKey,
} from './run-record.js';

/**
 * A run under way, in the hands of the process that started it. What a call wrote is durable once its promise resolves. After
 * {@link Run.finish} every call throws RUN_ENDED.
 */
export interface Run {
  readonly id: string;
  readonly experiment: string;
  /**
   * Logs one point of each metric. Calls made while an earlier one is being written are written together, so a loop that does not wait
   * for each call, but for all at its end, costs few writes.
   *
   * @param metrics finite numbers; null for a metric that is not defined, which is left out
   * @param options `step`: a whole number from 0 on, default 0
   * @throws {RegistryError} INVALID_ARGUMENT; LIMIT_EXCEEDED above 500 metrics or 1,000,000 points
   */
  logMetrics(metrics: Readonly<Record<string, number | null>>, options?: { step?: number }): Promise<void>;
  /**
   * Keeps a file. A path is written once; the same content may be given again.
   *
   * @throws {RegistryError} INVALID_ARGUMENT; LIMIT_EXCEEDED above 1,000 files or 256 MiB in one
   */
  logArtifact(path: string, bytes: Uint8Array): Promise<void>;
  /** Writes what is pending, and ends the run. Default status: `finished`. */
  finish(status?: 'finished' | 'failed'): Promise<void>;
}

/** Bounds of a run's metrics. */
export const RUN_LIMITS = {
  /** Points logged by one run. */
  metricPoints: 1_000_000,
  /** Points written in one batch. */
  batchPoints: 10_000,
} as const;

/** Times a record is read again because another writer replaced it. */
const MAX_UPDATE_ATTEMPTS = 8;

const metricsArguments = z.object({ metrics: metricsField, step: countField });
const statusField = z.enum(['finished', 'failed']);

/** A record, and the etag of the object it is in. */
export interface StoredRun {
  readonly record: RunRecord;
  readonly etag: string;
}

/** The writer of one run. */
export class ActiveRun implements Run {
  readonly id: string;
  readonly experiment: string;
  readonly #store: BlobStore;
  readonly #now: () => number;
  readonly #flush = coalesced(() => this.#writePending());
  readonly #inTurn = oneAtATime();
  #stored: StoredRun;
  readonly #metricNames = new Set<string>();
  #pending: LoggedPoint[] = [];
  #pointCount = 0;
  #batchCount = 0;
  #ended = false;

  constructor(store: BlobStore, stored: StoredRun, now: () => number) {
    this.id = stored.record.id;
    this.experiment = stored.record.experiment;
    this.#store = store;
    this.#stored = stored;
    this.#now = now;
  }

  async logMetrics(metrics: Readonly<Record<string, number | null>>, options: { step?: number } = {}): Promise<void> {
    this.#requireRunning('logMetrics');
    const checked = requireShape('logMetrics', metricsArguments, { metrics, step: options.step ?? 0 });
    const atMs = this.#now();
    const points: LoggedPoint[] = [];
    for (const [metric, value] of Object.entries(checked.metrics)) {
      if (value !== null) points.push({ metric, value, step: checked.step, atMs });
    }
    if (points.length === 0) return;
    this.#requireRoom(points);
    this.#pointCount += points.length;
    for (const point of points) {
      this.#metricNames.add(point.metric);
      this.#pending.push(point);
    }
    await this.#flush();
  }

  async logArtifact(path: string, bytes: Uint8Array): Promise<void> {
    this.#requireRunning('logArtifact');
    requireArtifactFile('logArtifact', { path, bytes });
    const [reference] = await saveArtifacts(this.#store, [{ path, bytes }]);
    await this.#update((record) => {
      const others = record.artifacts.filter((other) => other.path !== path);
      const present = record.artifacts.find((other) => other.path === path);
      if (present && present.sha256 !== reference!.sha256) {
        throw new RegistryError(
          'INVALID_ARGUMENT',
          `logArtifact: run ${record.id} has another file ${path} already; choose another path`,
          {
            details: { id: record.id, path },
          },
        );
      }
      if (others.length >= ARTIFACT_LIMITS.filesPerRun) {
        throw new RegistryError(
          'LIMIT_EXCEEDED',
          `logArtifact: run ${record.id} has ${others.length} files, more are not allowed`,
          {
            details: { id: record.id, limit: ARTIFACT_LIMITS.filesPerRun },
          },
        );
      }
      return { ...record, artifacts: [...others, reference!].toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
    });
  }

  async finish(status: 'finished' | 'failed' = 'finished'): Promise<void> {
    this.#requireRunning('finish');
    requireShape('finish', z.object({ status: statusField }), { status });
    this.#ended = true;
    try {
      await this.#flush();
      await this.#update((record) => ({ ...record, status, endedMs: this.#now() }));
    } catch (error) {
      this.#ended = false;
      throw error;
    }
  }

  #requireRunning(call: string): void {
    if (!this.#ended) return;
    throw new RegistryError('RUN_ENDED', `${call}: run ${this.id} has ended; start another run`, { details: { id: this.id } });
  }

  #requireRoom(points: readonly LoggedPoint[]): void {
    const details = { id: this.id };
    if (this.#pointCount + points.length > RUN_LIMITS.metricPoints) {
      const message = `logMetrics: run ${this.id} would have more than ${RUN_LIMITS.metricPoints} points; log fewer steps`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details });
    }
    const newNames = points.filter(({ metric }) => !this.#metricNames.has(metric));
    const nameCount = this.#metricNames.size + newNames.length;
    if (nameCount > FIELD_LIMITS.entries) {
      const message = `logMetrics: run ${this.id} would have ${nameCount} metrics, at most ${FIELD_LIMITS.entries} are allowed`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details });
    }
  }

  async #writePending(): Promise<void> {
    const points = this.#pending;
    this.#pending = [];
    for (let first = 0; first < points.length; first += RUN_LIMITS.batchPoints) {
      await this.#writeBatch(points.slice(first, first + RUN_LIMITS.batchPoints));
    }
    if (points.length === 0) return;
    await this.#update((record) => ({ ...record, metrics: withPoints(record.metrics, points) }));
  }

  async #writeBatch(points: readonly LoggedPoint[]): Promise<void> {
    const bytes = encodeMetricBatch(points);
    for (;;) {
      const key = `${metricsPrefix(this.id)}${String(this.#batchCount + 1).padStart(8, '0')}.json`;
      this.#batchCount++;
      try {
        await this.#store.put(key, bytes, { ifNoneMatch: '*' });
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
        // The answer to an earlier put of this batch, or of one before it, was lost.
        const found = await this.#store.get(key);
        if (found && Buffer.from(found.bytes).equals(bytes)) return;
      }
    }
  }

  #update(change: (record: RunRecord) => RunRecord): Promise<void> {
    return this.#inTurn(async () => {
      for (let attempt = 1; attempt <= MAX_UPDATE_ATTEMPTS; attempt++) {
        const record: RunRecord = { ...change(this.#stored.record), updatedMs: this.#now() };
        const bytes = encodeRun(record);
        try {
          const { etag } = await this.#store.put(runKey(this.id), bytes, { ifMatch: this.#stored.etag });
          this.#stored = { record, etag };
          return;
        } catch (error) {
          if (!isConflict(error)) throw error;
          this.#stored = await this.#readAgain();
          // The answer to our own put was lost.
          if (Buffer.from(encodeRun(this.#stored.record)).equals(bytes)) return;
          if (this.#stored.record.status !== 'running') {
            this.#ended = true;
            this.#requireRunning('update');
          }
        }
      }
      throw new RegistryError(
        'CONTENTION',
        `run ${this.id}: ${MAX_UPDATE_ATTEMPTS} tries lost against other writers; try again`,
        {
          details: { id: this.id },
        },
      );
    });
  }

  async #readAgain(): Promise<StoredRun> {
    const stored = await readRun(this.#store, this.id);
    if (!stored) throw new RegistryError('CORRUPT_RUN', `run ${this.id}: its record was deleted`, { details: { id: this.id } });
    return stored;
  }
}

/** The last points with further ones, in the order they were logged. */
function withPoints(last: RunRecord['metrics'], points: readonly LoggedPoint[]): Record<string, MetricPoint> {
  const metrics = new Map(Object.entries(last));
  for (const { metric, ...point } of points) {
    const present = metrics.get(metric);
    if (!present || point.step >= present.step) metrics.set(metric, point);
  }
  return Object.fromEntries(metrics);
}
