/**
 * The metric points of one run on their way to the store.
 *
 * A point that was added is pending until it is put into a batch. A batch keeps its number and its points from its first try on, so a
 * repeated try of one that was kept finds itself there and writes nothing twice. What can't be written stays, and the next write begins
 * with it.
 *
 * A caller who is told of a failure may log the same points again. They are on their way already, so as many points of the same metric,
 * step and value as were failed are taken for repeats, and not added.
 */
import type { BlobStore } from '@fraudops/core';
import { FIELD_LIMITS } from './bounded-fields.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { type LoggedPoint, type MetricPoint, encodeMetricBatch, metricBatchKey } from './run-record.js';

/** Bounds of a run's metrics. */
export const RUN_LIMITS = {
  /** Points logged by one run. */
  metricPoints: 1_000_000,
  /** Points written in one batch. */
  batchPoints: 10_000,
} as const;

/** Times a batch is tried when its number is taken by somebody else. */
const MAX_BATCH_ATTEMPTS = 8;

interface Batch {
  readonly number: number;
  readonly points: readonly LoggedPoint[];
}

/** The writer of one run's metric points. Its calls of `write` must not overlap. */
export class MetricLog {
  readonly #store: BlobStore;
  readonly #runId: string;
  readonly #names = new Set<string>();
  readonly #last = new Map<string, MetricPoint>();
  /** How many points of one kind were given in calls that failed. */
  readonly #failed = new Map<string, number>();
  #pointCount = 0;
  #pending: LoggedPoint[] = [];
  #batch: Batch | undefined;
  #batchCount = 0;

  constructor(store: BlobStore, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  /** Batches that are written; their numbers are 1 to this. */
  get batchCount(): number {
    return this.#batchCount;
  }

  /** The last point of each metric that is written. */
  get last(): ReadonlyMap<string, MetricPoint> {
    return this.#last;
  }

  /** Takes points on, to be written by the next {@link write}. @throws {RegistryError} LIMIT_EXCEEDED; none is taken then */
  add(points: readonly LoggedPoint[]): void {
    const news = points.filter((point) => !this.#failed.has(kindOf(point)));
    this.#requireRoom(news);
    for (const point of points) {
      const left = this.#failed.get(kindOf(point));
      if (left === undefined) continue;
      if (left === 1) this.#failed.delete(kindOf(point));
      else this.#failed.set(kindOf(point), left - 1);
    }
    this.#pointCount += news.length;
    for (const point of news) {
      this.#names.add(point.metric);
      this.#pending.push(point);
    }
  }

  /** Notes that the one who gave these points was told of a failure. */
  noteFailure(points: readonly LoggedPoint[]): void {
    for (const point of points) this.#failed.set(kindOf(point), (this.#failed.get(kindOf(point)) ?? 0) + 1);
  }

  /** Writes all pending points. After a failure those not written are pending as before. */
  async write(): Promise<void> {
    for (;;) {
      this.#batch ??= this.#nextBatch();
      if (!this.#batch) return;
      await this.#put(this.#batch);
    }
  }

  #nextBatch(): Batch | undefined {
    if (this.#pending.length === 0) return undefined;
    const points = this.#pending.slice(0, RUN_LIMITS.batchPoints);
    this.#pending = this.#pending.slice(RUN_LIMITS.batchPoints);
    return { number: this.#batchCount + 1, points };
  }

  async #put({ number, points }: Batch): Promise<void> {
    const bytes = encodeMetricBatch(points);
    const isOwn = (found: Uint8Array) => Buffer.from(found).equals(bytes);
    let free = number;
    for (let attempt = 1; attempt <= MAX_BATCH_ATTEMPTS; attempt++) {
      const put = await putAndLook(this.#store, metricBatchKey(this.#runId, free), bytes, { ifNoneMatch: '*' }, isOwn);
      if (!put.own) {
        // Numbers have no gaps: only one that somebody took is passed over.
        if (put.found) free++;
        continue;
      }
      this.#batch = undefined;
      this.#batchCount = free;
      for (const point of points) this.#noteLast(point);
      return;
    }
    const message = `run ${this.#runId}: metric batch ${number} and others behind it are another writer's; start another run`;
    throw new RegistryError('CONTENTION', message, { details: { id: this.#runId, batch: number } });
  }

  /** Of equal steps the point logged last counts. */
  #noteLast({ metric, ...point }: LoggedPoint): void {
    const present = this.#last.get(metric);
    if (!present || point.step >= present.step) this.#last.set(metric, point);
  }

  #requireRoom(points: readonly LoggedPoint[]): void {
    const details = { id: this.#runId };
    if (this.#pointCount + points.length > RUN_LIMITS.metricPoints) {
      const message = `logMetrics: run ${this.#runId} would have more than ${RUN_LIMITS.metricPoints} points; log fewer steps`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details });
    }
    const nameCount = this.#names.size + points.filter(({ metric }) => !this.#names.has(metric)).length;
    if (nameCount > FIELD_LIMITS.entries) {
      const message = `logMetrics: run ${this.#runId} would have ${nameCount} metrics, at most ${FIELD_LIMITS.entries} are allowed`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details });
    }
  }
}

function kindOf({ metric, step, value }: LoggedPoint): string {
  return `${metric}\n${step}\n${value}`;
}
