import type { BlobStore } from '@fraudops/core';
import { z } from 'zod';
import { ARTIFACT_LIMITS, requireArtifactFile } from './artifact.js';
import { hashArtifacts, saveArtifacts } from './artifact-store.js';
import { countField, metricsField, requireObject, requireShape } from './bounded-fields.js';
import { coalesced } from './coalesced.js';
import { MetricLog } from './metric-log.js';
import { oneAtATime } from './one-at-a-time.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { type LoggedPoint, type RunRecord, encodeRun, readRun, runKey } from './run-record.js';

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
   * When the store fails, the points stay pending: the next call, and `finish`, writes them too. The call may also be repeated, which
   * adds none of its points a second time.
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
  /**
   * Waits for the files that are being kept, writes the points that are pending, and ends the run. When that fails the run goes on, and
   * may be finished again; a file that fails is told to the one who gave it only.
   *
   * @param status default `finished`
   * @throws what the store throws when points or the end can't be written
   */
  finish(status?: 'finished' | 'failed'): Promise<void>;
}

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
  readonly #metrics: MetricLog;
  readonly #flush = coalesced(() => this.#writeMetrics());
  readonly #saving = new Set<Promise<void>>();
  readonly #inTurn = oneAtATime();
  #stored: StoredRun;
  #ended = false;

  constructor(store: BlobStore, stored: StoredRun, now: () => number) {
    this.id = stored.record.id;
    this.experiment = stored.record.experiment;
    this.#store = store;
    this.#stored = stored;
    this.#now = now;
    this.#metrics = new MetricLog(store, this.id);
  }

  async logMetrics(metrics: Readonly<Record<string, number | null>>, options: { step?: number } = {}): Promise<void> {
    this.#requireRunning('logMetrics');
    requireObject('logMetrics', 'options', options);
    const checked = requireShape('logMetrics', metricsArguments, { metrics, step: options.step ?? 0 });
    const atMs = this.#now();
    const points: LoggedPoint[] = [];
    for (const [metric, value] of Object.entries(checked.metrics)) {
      if (value !== null) points.push({ metric, value, step: checked.step, atMs });
    }
    if (points.length === 0) return;
    this.#metrics.add(points);
    try {
      await this.#flush();
    } catch (error) {
      this.#metrics.noteFailure(points);
      throw error;
    }
  }

  async logArtifact(path: string, bytes: Uint8Array): Promise<void> {
    this.#requireRunning('logArtifact');
    requireArtifactFile('logArtifact', { path, bytes });
    const saving = this.#saveArtifact(path, bytes);
    this.#saving.add(saving);
    try {
      await saving;
    } finally {
      this.#saving.delete(saving);
    }
  }

  async #saveArtifact(path: string, bytes: Uint8Array): Promise<void> {
    const files = hashArtifacts([{ path, bytes }]);
    const reference = files.references[0]!;
    const saved = await saveArtifacts(this.#store, files);
    await this.#update((record) => {
      saved.requireFresh();
      const others = record.artifacts.filter((other) => other.path !== path);
      const present = record.artifacts.find((other) => other.path === path);
      if (present && present.sha256 !== reference.sha256) {
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
      return { ...record, artifacts: [...others, reference].toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
    });
  }

  async finish(status: 'finished' | 'failed' = 'finished'): Promise<void> {
    this.#requireRunning('finish');
    requireShape('finish', z.object({ status: statusField }), { status });
    this.#ended = true;
    try {
      await Promise.allSettled(this.#saving);
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

  async #writeMetrics(): Promise<void> {
    await this.#metrics.write();
    // Every update takes along what is written; an earlier one may have failed to.
    if (this.#stored.record.metricBatchCount < this.#metrics.batchCount) await this.#update((record) => record);
  }

  #update(change: (record: RunRecord) => RunRecord): Promise<void> {
    return this.#inTurn(async () => {
      for (let attempt = 1; attempt <= MAX_UPDATE_ATTEMPTS; attempt++) {
        const record = this.#withMetrics({ ...change(this.#stored.record), updatedMs: this.#now() });
        const bytes = encodeRun(record);
        const isOwn = (found: Uint8Array) => Buffer.from(found).equals(bytes);
        const put = await putAndLook(this.#store, runKey(this.id), bytes, { ifMatch: this.#stored.etag }, isOwn);
        if (put.own) {
          this.#stored = { record, etag: put.etag };
          return;
        }
        this.#stored = await this.#readAgain();
        if (this.#stored.record.status !== 'running') {
          this.#ended = true;
          this.#requireRunning('update');
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

  #withMetrics(record: RunRecord): RunRecord {
    const metrics = { ...record.metrics, ...Object.fromEntries(this.#metrics.last) };
    return { ...record, metrics, metricBatchCount: this.#metrics.batchCount };
  }

  async #readAgain(): Promise<StoredRun> {
    const stored = await readRun(this.#store, this.id);
    if (!stored) throw new RegistryError('CORRUPT_RUN', `run ${this.id}: its record was deleted`, { details: { id: this.id } });
    return stored;
  }
}
