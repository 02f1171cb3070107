/**
 * Experiments and their runs: what was tried, with which parameters, on which code and data, and what came out. On any {@link BlobStore};
 * how it is stored says `run-record.ts`.
 */
import { randomBytes } from 'node:crypto';
import { type BlobStore, type Clock, type OptionKinds, systemClock } from '@fraudops/core';
import { z } from 'zod';
import { ActiveRun, type RunSurroundings } from './active-run.js';
import { loadArtifact } from './artifact-store.js';
import { descriptionField, labelField, requireShape, runIdField, tagChangesField } from './bounded-fields.js';
import { eachBounded } from './each-bounded.js';
import { requireName } from './entity-name.js';
import { epochMsOf } from './epoch-time.js';
import { type Experiment, changeExperiment, listExperiments, markDeleted, readExperiment, unmarkDeleted } from './experiment.js';
import { ExperimentPresence } from './experiment-presence.js';
import { requireOptions } from './known-options.js';
import { metricBatchKeys, readMetricBatch } from './metric-batch.js';
import { RegistryError } from './registry-error.js';
import type { Run } from './run.js';
import { changedTags, withTags } from './run-fields.js';
import { canBeOf, runIdOf } from './run-id.js';
import { listRecords, readRecords } from './run-listing.js';
import { type MetricPoint, type RunRecord, type StoredRun, decodeRun, encodeRun, readRunOf, runKey } from './run-record.js';
import { type RunPage, type RunQuery, RunSearch } from './run-search.js';
import { type RunStart, requireRunStart } from './run-start.js';
import { DEFAULT_HEARTBEAT_MS, statusAt } from './run-status.js';
import { type RunChange, changeRun } from './run-writer.js';
import { shownValue } from './shown-value.js';

/**
 * Experiments and runs. Calls throw {@link RegistryError} INVALID_NAME or INVALID_ARGUMENT for bad input, NOT_FOUND for a run that doesn't
 * exist where one is needed, CORRUPT_RUN for a damaged record, and the store's own `StoreError`.
 */
export interface Tracker {
  /**
   * Starts a run: one put, and beside it a listing that tells whether the experiment is there. Until it is finished it is `running`, and `crashed`
   * when its process falls silent.
   *
   * @throws {RegistryError} EXPERIMENT_DELETED; NOT_FOUND for an unknown parent
   */
  startRun(start: RunStart): Promise<Run>;
  /**
   * Starts a run, does some work, and finishes the run: as `finished`, as `failed` when the work throws, or as `killed` when it throws after
   * the signal was aborted. Points that wait are written in each case.
   *
   * @returns what the work gives @throws what the work throws
   * @example
   * const model = await runs.withRun({ experiment: 'fraud' }, async (run) => {
   *   await run.logMetrics({ averagePrecision: 0.64 });
   *   return trainModel();
   * });
   */
  withRun<Result>(start: RunStart, work: (run: Run) => Promise<Result>, options?: { signal?: AbortSignal }): Promise<Result>;
  /**
   * Goes on with a run, whatever its status. When its first process still lives, both may log: points, parameters, tags and files of both
   * are kept.
   *
   * @throws {RegistryError} NOT_FOUND; RUN_DELETED; EXPERIMENT_DELETED
   */
  resumeRun(id: string): Promise<Run>;
  /** What is known of a run, if it exists; also of a deleted one. */
  getRun(id: string): Promise<RunRecord | undefined>;
  /**
   * The runs of an experiment, or all runs, those started first coming first; also deleted ones, see `deletedMs`. `searchRuns` is faster for
   * many runs.
   */
  listRuns(experiment?: string): AsyncIterable<RunRecord>;
  /**
   * The runs that a filter in MLflow's language takes, in the order asked for.
   *
   * @throws {RegistryError} INVALID_FILTER, pointing at the place; INVALID_ARGUMENT; LIMIT_EXCEEDED above 500,000 runs
   * @example
   * const { runs } = await tracker(store).searchRuns({
   *   experiments: ['fraud'],
   *   filter: "metrics.averagePrecision > 0.6 and params.algorithm = 'boosting'",
   *   orderBy: ['metrics.averagePrecision DESC'],
   * });
   */
  searchRuns(query?: RunQuery): Promise<RunPage>;
  /** The runs that are parts of a run, those started first coming first; without deleted ones. */
  childRuns(id: string): Promise<RunRecord[]>;
  /** Sets tags of a run, whoever is writing it; null removes one. */
  setRunTags(id: string, tags: Readonly<Record<string, string | null>>): Promise<void>;
  /** Deletes a run: it is found by its id only, and its process can't log any more. Nothing is removed from the store. */
  deleteRun(id: string): Promise<void>;
  /** Undoes {@link deleteRun}. */
  restoreRun(id: string): Promise<void>;
  /** The names of all experiments that aren't deleted, in order. */
  experiments(): Promise<string[]>;
  /** What is known of an experiment, if it exists. */
  getExperiment(name: string): Promise<Experiment | undefined>;
  /** Says what an experiment is about, and makes it if there is none. Tags that are null are removed, those not named stay. */
  describeExperiment(name: string, about: ExperimentAbout): Promise<void>;
  /** Deletes an experiment with its runs: they are found by their ids only, and none can be started. Nothing is removed from the store. */
  deleteExperiment(name: string): Promise<void>;
  /** Undoes {@link deleteExperiment}. */
  restoreExperiment(name: string): Promise<void>;
  /**
   * All points of a metric of a run, in the order they were logged.
   *
   * @throws {RegistryError} NOT_FOUND for an unknown run; CORRUPT_RUN, naming a batch of points that is damaged or missing
   */
  metricHistory(id: string, metric: string): Promise<MetricPoint[]>;
  /** A file of a run, verified against its size and SHA-256. @throws {RegistryError} NOT_FOUND; CORRUPT_ARTIFACT naming the path */
  loadArtifact(id: string, path: string): Promise<Uint8Array>;
}

/** What an experiment is about. */
export interface ExperimentAbout {
  /** At most 10,000 characters. */
  readonly description?: string;
  /** At most 500. */
  readonly tags?: Readonly<Record<string, string | null>>;
}

/** Options of {@link tracker}. */
export interface TrackerOptions {
  /** Source of all times; what it gives must be finite, else what asks it throws INVALID_ARGUMENT. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Gives each run a string that no other has, 1 to 36 characters `A-Z a-z 0-9 -`. Default: 12 random hexadecimal digits. */
  readonly newId?: () => string;
  /** Time between two heartbeats of a run, in milliseconds; 100 to 86,400,000. Default 30,000. */
  readonly heartbeatMs?: number;
  /** Whether searches may write the index that makes later ones fast (`run-index/`). Default true. */
  readonly writeIndex?: boolean;
}

const TRACKER_OPTIONS: OptionKinds<TrackerOptions> = {
  clock: 'checked',
  newId: 'checked',
  heartbeatMs: 'checked',
  writeIndex: 'flag',
};
const WORK_OPTIONS: OptionKinds<{ signal?: AbortSignal }> = { signal: 'signal' };
const ABOUT_OPTIONS: OptionKinds<ExperimentAbout> = { description: 'checked', tags: 'checked' };

/** Batches of points read at once. */
const PARALLEL_BATCHES = 16;

const heartbeatField = z.number().int().min(100).max(86_400_000);
const withRunArguments = z.object({
  work: z.custom<() => unknown>((work) => typeof work === 'function', { error: 'expected a function' }),
});
const aboutField = z.object({ description: descriptionField.exactOptional(), tags: tagChangesField.exactOptional() });

/**
 * Opens the runs that a store holds. The same store may hold models, see {@link modelRegistry}.
 *
 * @example
 * const run = await tracker(store).startRun({ experiment: 'fraud', params: { algorithm: 'boosting', trees: 100 }, seed: 7 });
 * await run.logMetrics({ averagePrecision: 0.64 });
 * await run.finish();
 */
export function tracker(store: BlobStore, options: TrackerOptions = {}): Tracker {
  requireOptions('tracker', options, TRACKER_OPTIONS);
  const { clock = systemClock, newId = shortId, heartbeatMs = DEFAULT_HEARTBEAT_MS, writeIndex = true } = options;
  return new StoredTracker({
    store,
    now: () => epochMsOf(clock),
    newId: () => requireShape('newId', labelField, newId()),
    heartbeatMs: requireShape('tracker', z.object({ heartbeatMs: heartbeatField }), { heartbeatMs }).heartbeatMs,
    writeIndex,
  });
}

function shortId(): string {
  return randomBytes(6).toString('hex');
}

interface TrackerParts {
  readonly store: BlobStore;
  readonly now: () => number;
  readonly newId: () => string;
  readonly heartbeatMs: number;
  readonly writeIndex: boolean;
}

class StoredTracker implements Tracker {
  readonly #parts: TrackerParts;
  readonly #store: BlobStore;
  readonly #around: RunSurroundings;
  readonly #search: RunSearch;
  readonly #presence: ExperimentPresence;
  /** Experiments that are known; there may be more. */
  #experiments: readonly string[] = [];

  constructor(parts: TrackerParts) {
    const { store, now } = parts;
    this.#parts = parts;
    this.#store = store;
    this.#around = { store, now, newId: shortId, startRun: (start) => this.startRun(start) };
    this.#search = new RunSearch(store, now, parts.writeIndex);
    this.#presence = new ExperimentPresence(store);
  }

  async startRun(start: RunStart): Promise<Run> {
    const { experiment, facts } = requireRunStart(start);
    const startedMs = this.#parts.now();
    const id = requireShape('startRun', runIdField, runIdOf(startedMs, experiment, this.#parts.newId()));
    if (facts.parentRunId !== undefined) await this.#requireParent(experiment, facts.parentRunId);
    const record: RunRecord = {
      ...facts,
      id,
      experiment,
      status: 'running',
      startedMs,
      updatedMs: startedMs,
      heartbeatMs: startedMs,
      heartbeatIntervalMs: this.#parts.heartbeatMs,
      metrics: {},
      metricBatchCount: 0,
      artifacts: [],
    };
    return new ActiveRun(this.#around, { record, ...(await this.#putNew(record)) });
  }

  async withRun<Result>(
    start: RunStart,
    work: (run: Run) => Promise<Result>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Result> {
    requireShape('withRun', withRunArguments, { work });
    requireOptions('withRun', options, WORK_OPTIONS);
    const run = await this.startRun(start);
    try {
      const result = await work(run);
      if (!run.ended) await run.finish();
      return result;
    } catch (error) {
      // The first failure is the one to report.
      if (!run.ended) await run.finish(options.signal?.aborted ? 'killed' : 'failed').catch(() => {});
      throw error;
    }
  }

  async resumeRun(id: string): Promise<Run> {
    const stored = await this.#requireRun('resumeRun', id);
    const nowMs = this.#parts.now();
    await this.#presence.ensure('resumeRun', stored.record.experiment, nowMs);
    const resumed = await changeRun(this.#store, stored, (before) => {
      const { endedMs: _, ...record } = before;
      if (record.deletedMs !== undefined) {
        const message = `resumeRun: run ${id} is deleted; restore it with restoreRun first`;
        throw new RegistryError('RUN_DELETED', message, { details: { id } });
      }
      const heartbeatIntervalMs = this.#parts.heartbeatMs;
      return { ...record, status: 'running', updatedMs: nowMs, heartbeatMs: nowMs, heartbeatIntervalMs };
    });
    return new ActiveRun(this.#around, resumed);
  }

  async getRun(id: string): Promise<RunRecord | undefined> {
    const found = await this.#findRun('getRun', id);
    return found && this.#read(found.record);
  }

  async *listRuns(experiment?: string): AsyncGenerator<RunRecord> {
    if (experiment !== undefined) requireName('experiment', experiment);
    const found = await listRecords(this.#store, experiment);
    let next = 0;
    for await (const blobs of readRecords(this.#store, found)) {
      for (const blob of blobs) {
        const { experiment: name, id } = found[next++]!;
        if (blob) yield this.#read(decodeRun(blob, name, id).record);
      }
    }
  }

  async searchRuns(query: RunQuery = {}): Promise<RunPage> {
    return this.#search.search(query);
  }

  async childRuns(id: string): Promise<RunRecord[]> {
    const { experiment } = (await this.#requireRun('childRuns', id)).record;
    return this.#search.childrenOf(experiment, id);
  }

  async setRunTags(id: string, tags: Readonly<Record<string, string | null>>): Promise<void> {
    const given = requireShape('setRunTags', z.object({ tags: tagChangesField }), { tags }).tags;
    await this.#changeRun('setRunTags', id, (record) => withTags('setRunTags', record, given));
  }

  async deleteRun(id: string): Promise<void> {
    await this.#changeRun('deleteRun', id, (record) => ({ ...record, deletedMs: record.deletedMs ?? this.#parts.now() }));
  }

  async restoreRun(id: string): Promise<void> {
    await this.#changeRun('restoreRun', id, (record) => {
      const { deletedMs: _, ...restored } = record;
      return restored;
    });
  }

  async experiments(): Promise<string[]> {
    return [...(await listExperiments(this.#store))].flatMap(([name, { deleted }]) => (deleted ? [] : [name]));
  }

  async getExperiment(name: string): Promise<Experiment | undefined> {
    requireName('experiment', name);
    return readExperiment(this.#store, name);
  }

  async describeExperiment(name: string, about: ExperimentAbout): Promise<void> {
    requireName('experiment', name);
    requireOptions('describeExperiment', about, ABOUT_OPTIONS, 'about');
    const given = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
    const { description, tags = {} } = requireShape('describeExperiment', aboutField, given);
    await changeExperiment(this.#store, name, this.#parts.now(), (record) => ({
      ...record,
      ...(description === undefined ? {} : { description }),
      tags: changedTags(record.tags, tags),
    }));
  }

  async deleteExperiment(name: string): Promise<void> {
    requireName('experiment', name);
    await markDeleted(this.#store, name);
  }

  async restoreExperiment(name: string): Promise<void> {
    requireName('experiment', name);
    await unmarkDeleted(this.#store, name);
  }

  async metricHistory(id: string, metric: string): Promise<MetricPoint[]> {
    const keys = await metricBatchKeys(this.#store, (await this.#requireRun('metricHistory', id)).record);
    const batches = await eachBounded(keys, PARALLEL_BATCHES, (key) => readMetricBatch(this.#store, id, key, metric));
    return batches.flat();
  }

  async loadArtifact(id: string, path: string): Promise<Uint8Array> {
    const { artifacts } = (await this.#requireRun('loadArtifact', id)).record;
    const reference = artifacts.find((artifact) => artifact.path === path);
    if (reference) return loadArtifact(this.#store, `run ${id}`, reference);
    const shown = JSON.stringify(shownValue(path));
    throw new RegistryError('NOT_FOUND', `loadArtifact: run ${id} has no file ${shown}`, { details: { id, path: shown } });
  }

  /** Writes the record of a new run into an experiment that is there. */
  #putNew(record: RunRecord): Promise<{ etag: string }> {
    const { experiment, id, startedMs } = record;
    const key = runKey(experiment, id);
    return this.#presence.within('startRun', experiment, startedMs, {
      make: () => this.#store.put(key, encodeRun(record), { ifNoneMatch: '*' }),
      takeBack: ({ etag }) => this.#store.delete(key, { ifMatch: etag }),
    });
  }

  /** The record as it is to be read now. */
  #read(record: RunRecord): RunRecord {
    return { ...record, status: statusAt(record, this.#parts.now()) };
  }

  async #changeRun(call: string, id: string, change: RunChange): Promise<void> {
    const stored = await this.#requireRun(call, id);
    await changeRun(this.#store, stored, (record) => ({ ...change(record), updatedMs: this.#parts.now() }));
  }

  async #requireRun(call: string, id: string): Promise<StoredRun> {
    const stored = await this.#findRun(call, id);
    if (stored) return stored;
    throw new RegistryError('NOT_FOUND', `${call}: there is no run ${id}`, { details: { id } });
  }

  /** One get for a run of an experiment that is known, else a listing of the experiments before it. */
  async #findRun(call: string, id: string): Promise<StoredRun | undefined> {
    requireShape(call, runIdField, id, 'id');
    const known = await this.#findRunIn(this.#experiments, id);
    if (known) return known;
    const others = [...(await listExperiments(this.#store)).keys()].filter((name) => !this.#experiments.includes(name));
    this.#experiments = [...this.#experiments, ...others];
    return this.#findRunIn(others, id);
  }

  async #findRunIn(experiments: readonly string[], id: string): Promise<StoredRun | undefined> {
    for (const experiment of experiments) {
      const found = canBeOf(experiment, id) ? await readRunOf(this.#store, experiment, id) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  async #requireParent(experiment: string, id: string): Promise<void> {
    if (canBeOf(experiment, id) && (await readRunOf(this.#store, experiment, id))) return;
    const message = `startRun: there is no run ${id} in experiment ${experiment} that could be the parent`;
    throw new RegistryError('NOT_FOUND', message, { details: { id, experiment } });
  }
}
