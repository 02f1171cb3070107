import type { BlobStore, OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { type ArtifactReference, ARTIFACT_LIMITS, requireArtifactFile } from './artifact.js';
import { hashArtifacts, saveArtifacts } from './artifact-store.js';
import { countField, metricsField, paramsField, requireShape, tagChangesField } from './bounded-fields.js';
import { coalesced } from './coalesced.js';
import { type DatasetInput, INPUT_OPTIONS, MAX_INPUTS, datasetInputField, withInput } from './dataset-input.js';
import { flushBeforeExit, noFlushBeforeExit } from './exit-flush.js';
import { requireOptions } from './known-options.js';
import type { LoggedPoint } from './metric-batch.js';
import { MetricLog, RUN_LIMITS } from './metric-log.js';
import { RegistryError } from './registry-error.js';
import type { Run } from './run.js';
import { withParams, withTags } from './run-fields.js';
import type { RunRecord, StoredRun } from './run-record.js';
import { type RunStart, requireChildStart } from './run-start.js';
import { END_STATUSES, type RunStatus } from './run-status.js';
import { type RunChange, RunWriter } from './run-writer.js';

/** Longest time that buffered points wait, in milliseconds. */
const FLUSH_AFTER_MS = 1000;

const POINT_OPTIONS: OptionKinds<{ step?: number }> = { step: 'checked' };

const metricsArguments = z.object({ metrics: metricsField, step: countField });
const statusField = z.enum(END_STATUSES);

/** What a run needs of its tracker. */
export interface RunSurroundings {
  readonly store: BlobStore;
  readonly now: () => number;
  /** A name for the writer of the metric batches. */
  readonly newId: () => string;
  readonly startRun: (start: RunStart) => Promise<Run>;
}

/** The writer of one run. */
export class ActiveRun implements Run {
  readonly id: string;
  readonly experiment: string;
  readonly #around: RunSurroundings;
  readonly #writer: RunWriter;
  readonly #metrics: MetricLog;
  readonly #flush = coalesced(() => this.#writeMetrics());
  readonly #saving = new Set<Promise<void>>();
  readonly #heartbeat: NodeJS.Timeout;
  /** The times of the ends that were to be written. */
  readonly #triedEnds = new Set<number>();
  #flushTimer: NodeJS.Timeout | undefined;
  #background: 'idle' | 'writing' | 'failing' = 'idle';
  #ended = false;

  constructor(around: RunSurroundings, stored: StoredRun) {
    const { record } = stored;
    this.id = record.id;
    this.experiment = record.experiment;
    this.#around = around;
    this.#metrics = new MetricLog(around.store, record, around.newId());
    // Every write takes along the points that are written; an earlier one may have failed to.
    this.#writer = new RunWriter(around.store, stored, (changed) => {
      const nowMs = around.now();
      return { ...this.#metrics.addTo(changed), updatedMs: nowMs, heartbeatMs: nowMs };
    });
    this.#heartbeat = setInterval(() => this.#beat(), record.heartbeatIntervalMs).unref();
  }

  get ended(): boolean {
    return this.#ended;
  }

  async logMetrics(metrics: Readonly<Record<string, number | null>>, options: { step?: number } = {}): Promise<void> {
    const points = this.#pointsOf('logMetrics', metrics, options);
    if (points.length === 0) return;
    this.#metrics.add('logMetrics', points);
    try {
      await this.#flush();
    } catch (error) {
      this.#metrics.noteFailure(points);
      throw error;
    }
  }

  bufferMetrics(metrics: Readonly<Record<string, number | null>>, options: { step?: number } = {}): boolean {
    this.#metrics.add('bufferMetrics', this.#pointsOf('bufferMetrics', metrics, options));
    this.#flushSoon();
    return this.#metrics.pendingCount < RUN_LIMITS.batchPoints;
  }

  async flush(): Promise<void> {
    this.#requireRunning('flush');
    await this.#flush();
  }

  async logParams(params: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    this.#requireRunning('logParams');
    const given = requireShape('logParams', z.object({ params: paramsField }), { params }).params;
    await this.#change((record) => withParams(record, given));
  }

  async setTags(tags: Readonly<Record<string, string | null>>): Promise<void> {
    this.#requireRunning('setTags');
    const given = requireShape('setTags', z.object({ tags: tagChangesField }), { tags }).tags;
    await this.#change((record) => withTags('setTags', record, given));
  }

  async logInput(input: DatasetInput): Promise<void> {
    this.#requireRunning('logInput');
    requireOptions('logInput', input, INPUT_OPTIONS, 'input');
    const given = requireShape('logInput', datasetInputField, input);
    await this.#change((record) => {
      const inputs = withInput(record.inputs, given);
      if (inputs.length > MAX_INPUTS) throw tooMany('logInput', record.id, inputs.length, `inputs, at most ${MAX_INPUTS}`);
      return { ...record, inputs };
    });
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

  async startChild(start: Omit<RunStart, 'experiment' | 'parentRunId'> = {}): Promise<Run> {
    requireChildStart(start);
    return this.#around.startRun({ ...start, experiment: this.experiment, parentRunId: this.id });
  }

  async finish(status: 'finished' | 'failed' | 'killed' = 'finished'): Promise<void> {
    this.#requireRunning('finish');
    requireShape('finish', z.object({ status: statusField }), { status });
    this.#ended = true;
    try {
      await Promise.allSettled(this.#saving);
      await this.#flush();
      await this.#writer.change((record) => this.#end(record, status));
    } catch (error) {
      this.#ended = isEnd(error);
      if (!this.#ended || !this.#isOwnEnd(status)) throw error;
    } finally {
      if (this.#ended) this.#rest();
    }
  }

  #end(record: RunRecord, status: RunStatus): RunRecord {
    const endedMs = this.#around.now();
    this.#triedEnds.add(endedMs);
    return { ...record, status, endedMs };
  }

  /** Whether the end that was found is one that this run tried to write before, and that arrived late. */
  #isOwnEnd(status: RunStatus): boolean {
    const { record } = this.#writer;
    return record.deletedMs === undefined && record.status === status && this.#triedEnds.has(record.endedMs!);
  }

  #pointsOf(call: string, metrics: Readonly<Record<string, number | null>>, options: { step?: number }): LoggedPoint[] {
    this.#requireRunning(call);
    requireOptions(call, options, POINT_OPTIONS);
    const step = options.step ?? 0;
    // Names that were logged before are known to be good, so most calls need no schema.
    if (!this.#isPlain(metrics, step)) requireShape(call, metricsArguments, { metrics, step });
    const atMs = this.#around.now();
    return Object.entries(metrics).map(([metric, value]) => ({ metric, value, step, atMs }));
  }

  #isPlain(metrics: Readonly<Record<string, number | null>>, step: number): boolean {
    if (typeof metrics !== 'object' || metrics === null || !Number.isSafeInteger(step) || step < 0) return false;
    return Object.entries(metrics).every(
      ([name, value]) => this.#metrics.has(name) && (value === null || Number.isFinite(value)),
    );
  }

  async #saveArtifact(path: string, bytes: Uint8Array): Promise<void> {
    const files = hashArtifacts([{ path, bytes }]);
    const reference = files.references[0]!;
    const saved = await saveArtifacts(this.#around.store, files);
    await this.#change((record) => {
      saved.requireFresh();
      return withArtifact(record, reference);
    });
  }

  #requireRunning(call: string): void {
    if (!this.#ended) return;
    throw new RegistryError('RUN_ENDED', `${call}: run ${this.id} has ended; start another run`, { details: { id: this.id } });
  }

  async #change(change: RunChange): Promise<void> {
    try {
      await this.#writer.change(change);
    } catch (error) {
      if (isEnd(error)) {
        this.#ended = true;
        this.#rest();
      }
      throw error;
    }
  }

  async #writeMetrics(): Promise<void> {
    // Calls that are made together, without waiting in between, are written together.
    await Promise.resolve();
    await this.#metrics.write();
    if (this.#metrics.pendingCount === 0) noFlushBeforeExit(this);
    if (this.#writer.record.metricBatchCount < this.#metrics.batchCount) await this.#change((record) => record);
  }

  /** Starts a write when many points wait, else sees that one starts soon. What fails is tried again; `flush` and `finish` tell of it. */
  #flushSoon(): void {
    if (this.#metrics.pendingCount === 0) return;
    flushBeforeExit(this, this.#flush);
    if (this.#metrics.pendingCount >= RUN_LIMITS.batchPoints && this.#background === 'idle') this.#flushInBackground();
    else this.#flushTimer ??= setTimeout(() => this.#flushInBackground(), FLUSH_AFTER_MS).unref();
  }

  #flushInBackground(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#background === 'writing') return;
    this.#background = 'writing';
    this.#flush().then(
      () => {
        this.#background = 'idle';
      },
      () => {
        // The store is not asked again for each point, only once the time has passed.
        this.#background = 'failing';
        if (!this.#ended) this.#flushSoon();
      },
    );
  }

  #beat(): void {
    const { heartbeatMs, heartbeatIntervalMs } = this.#writer.record;
    // Whatever was written in the last half of the interval was a sign of life, too.
    if (this.#ended || this.#around.now() - heartbeatMs < heartbeatIntervalMs / 2) return;
    // A heartbeat that fails is missed, as when the process were gone; the next one is tried all the same.
    this.#change((record) => record).catch(() => {});
  }

  /** Nothing more is to be done for the run. */
  #rest(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#flushTimer);
    noFlushBeforeExit(this);
  }
}

function withArtifact(record: RunRecord, reference: ArtifactReference): RunRecord {
  const { path } = reference;
  const present = record.artifacts.find((other) => other.path === path);
  if (present && present.sha256 !== reference.sha256) {
    const message = `logArtifact: run ${record.id} has another file ${path} already; choose another path`;
    throw new RegistryError('INVALID_ARGUMENT', message, { details: { id: record.id, path } });
  }
  const others = record.artifacts.filter((other) => other !== present);
  if (others.length >= ARTIFACT_LIMITS.filesPerRun) {
    throw tooMany('logArtifact', record.id, others.length + 1, `files, at most ${ARTIFACT_LIMITS.filesPerRun}`);
  }
  return { ...record, artifacts: [...others, reference].toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

function tooMany(call: string, id: string, count: number, rule: string): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', `${call}: run ${id} would have ${count} ${rule} are allowed`, {
    details: { id, count },
  });
}

/** Whether somebody else ended or deleted the run. */
function isEnd(error: unknown): boolean {
  return error instanceof RegistryError && (error.code === 'RUN_ENDED' || error.code === 'RUN_DELETED');
}
