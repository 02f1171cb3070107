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
import { type LoggedPoint, encodeMetricBatch, metricBatchKey } from './metric-batch.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { type MetricPoint, type RunRecord, readRunOf } from './run-record.js';

/** Bounds of a run's metrics. */
export const RUN_LIMITS = {
  /** Points logged by one {@link Run}. */
  metricPoints: 1_000_000,
  /** Points written in one batch. So many points that wait are written at once, fewer after a while. */
  batchPoints: 10_000,
  /** Points that wait to be written; more are refused until some are. */
  bufferedPoints: 100_000,
} as const;

/** Times a batch is tried when its number is taken by somebody else. */
const MAX_BATCH_ATTEMPTS = 64;

interface Batch {
  readonly number: number;
  readonly points: readonly LoggedPoint[];
}

/** The writer of one run's metric points. Its calls of `write` must not overlap. */
export class MetricLog {
  readonly #store: BlobStore;
  readonly #run: Pick<RunRecord, 'id' | 'experiment'>;
  readonly #writer: string;
  readonly #names: Set<string>;
  readonly #last = new Map<string, MetricPoint>();
  /** How many points of one kind were given in calls that failed. */
  readonly #failed = new Map<string, number>();
  /** Points that wait, as many together as a batch holds. */
  readonly #pending: LoggedPoint[][] = [];
  #pointCount = 0;
  #pendingCount = 0;
  #batch: Batch | undefined;
  #batchCount: number;

  /** @param writer a name that no other writer of the run has */
  constructor(store: BlobStore, record: RunRecord, writer: string) {
    this.#store = store;
    this.#run = record;
    this.#writer = writer;
    this.#names = new Set(Object.keys(record.metrics));
    this.#batchCount = record.metricBatchCount;
  }

  /** Batches that are written; their numbers are 1 to this. */
  get batchCount(): number {
    return this.#batchCount;
  }

  /** Points that wait to be written. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  /** Whether a metric of this name was logged. */
  has(metric: string): boolean {
    return this.#names.has(metric);
  }

  /** Takes points on, to be written by the next {@link write}. @throws {RegistryError} LIMIT_EXCEEDED or BUFFER_FULL; none is taken then */
  add(call: string, points: readonly LoggedPoint[]): void {
    const news = this.#failed.size === 0 ? points : points.filter((point) => !this.#failed.has(kindOf(point)));
    this.#requireRoom(call, news);
    if (this.#failed.size > 0) this.#forgetFailures(points);
    this.#pointCount += news.length;
    this.#pendingCount += news.length;
    for (const point of news) {
      this.#names.add(point.metric);
      const last = this.#pending.at(-1);
      if (last && last.length < RUN_LIMITS.batchPoints) last.push(point);
      else this.#pending.push([point]);
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

  /** The record with what is written, beside what other writers of the run wrote: of each metric the point that is last. */
  addTo(record: RunRecord): RunRecord {
    const metrics: Record<string, MetricPoint> = { ...record.metrics };
    for (const [name, point] of this.#last) {
      const present = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
      if (!present || isLater(point, present)) metrics[name] = point;
    }
    return { ...record, metrics, metricBatchCount: Math.max(this.#batchCount, record.metricBatchCount) };
  }

  #forgetFailures(points: readonly LoggedPoint[]): void {
    for (const point of points) {
      const left = this.#failed.get(kindOf(point));
      if (left === undefined) continue;
      if (left === 1) this.#failed.delete(kindOf(point));
      else this.#failed.set(kindOf(point), left - 1);
    }
  }

  #nextBatch(): Batch | undefined {
    const points = this.#pending.shift();
    return points && { number: this.#batchCount + 1, points };
  }

  async #put({ number, points }: Batch): Promise<void> {
    const { id } = this.#run;
    const bytes = encodeMetricBatch(points, this.#writer);
    const isOwn = (found: Uint8Array) => Buffer.from(found).equals(bytes);
    let free = number;
    for (let attempt = 1; attempt <= MAX_BATCH_ATTEMPTS; attempt++) {
      const put = await putAndLook(this.#store, metricBatchKey(id, free), bytes, { ifNoneMatch: '*' }, isOwn);
      if (!put.own) {
        // Numbers have no gaps: only those that somebody took are passed over. The record says how many that are at least.
        if (put.found)
          free = Math.max(free, (await readRunOf(this.#store, this.#run.experiment, id))?.record.metricBatchCount ?? 0) + 1;
        continue;
      }
      this.#batch = undefined;
      this.#batchCount = free;
      this.#pendingCount -= points.length;
      for (const point of points) this.#noteLast(point);
      return;
    }
    const message = `run ${id}: metric batch ${number} and others behind it are another writer's; try again, or start another run`;
    throw new RegistryError('CONTENTION', message, { details: { id, batch: number } });
  }

  #noteLast({ metric, ...point }: LoggedPoint): void {
    const present = this.#last.get(metric);
    if (!present || point.step >= present.step) this.#last.set(metric, point);
  }

  #requireRoom(call: string, points: readonly LoggedPoint[]): void {
    const details = { id: this.#run.id };
    if (this.#pointCount + points.length > RUN_LIMITS.metricPoints) {
      const message = `${call}: run ${this.#run.id} would have more than ${RUN_LIMITS.metricPoints} points; log fewer steps`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details });
    }
    if (this.#pendingCount + points.length > RUN_LIMITS.bufferedPoints) {
      const message = `${call}: run ${this.#run.id} has ${this.#pendingCount} points that are not written yet, at most ${RUN_LIMITS.bufferedPoints} may wait; await flush() and log them again`;
      throw new RegistryError('BUFFER_FULL', message, { details: { ...details, pending: this.#pendingCount } });
    }
    const added = new Set<string>();
    for (const { metric } of points) if (!this.#names.has(metric)) added.add(metric);
    if (this.#names.size + added.size > FIELD_LIMITS.entries) {
      const message = `${call}: run ${this.#run.id} would have ${this.#names.size + added.size} metrics, at most ${FIELD_LIMITS.entries} are allowed`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details });
    }
  }
}

/** Of equal steps the point logged last counts; of two writers' points that are logged at once, the own one. */
function isLater(point: MetricPoint, present: MetricPoint): boolean {
  return point.step > present.step || (point.step === present.step && point.atMs >= present.atMs);
}

function kindOf({ metric, step, value }: LoggedPoint): string {
  return `${metric}\n${step}\n${value}`;
}
