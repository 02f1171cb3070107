/**
 * Experiments and their runs: what was tried, with which parameters, on which code, and what came out. On any {@link BlobStore}; how it is
 * stored says `run-record.ts`.
 */
import { randomUUID } from 'node:crypto';
import { type BlobStore, type Clock, systemClock } from '@fraudops/core';
import { z } from 'zod';
import { loadArtifact } from './artifact-store.js';
import { labelField, paramsField, requireObject, requireShape, runIdField, tagsField } from './bounded-fields.js';
import { eachBounded } from './each-bounded.js';
import { requireName } from './entity-name.js';
import { epochMsOf } from './epoch-time.js';
import { RegistryError } from './registry-error.js';
import { ActiveRun, type Run } from './run.js';
import { type MetricPoint, type RunRecord, encodeRun, metricBatchKeys, readMetricBatch, readRun, runKey } from './run-record.js';
import { shownValue } from './shown-value.js';

/** A run to be started. All of it is fixed for good. */
export interface RunStart {
  /** 1 to 64 characters `a-z 0-9 . _ -`; made by its first run. */
  readonly experiment: string;
  /** What a person calls the run. */
  readonly name?: string;
  /** At most 500. */
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** The seed of all its randomness. */
  readonly seed?: number | string;
  /** The code that runs, such as a git commit. */
  readonly codeVersion?: string;
  /** At most 500. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Experiments and runs. Calls throw {@link RegistryError} INVALID_NAME or INVALID_ARGUMENT for bad input, CORRUPT_RUN for a damaged
 * record, and the store's own `StoreError`.
 */
export interface Tracker {
  /** Starts a run. Until it is finished it is `running`, also when its process dies. */
  startRun(start: RunStart): Promise<Run>;
  /** What is known of a run, if it exists. */
  getRun(id: string): Promise<RunRecord | undefined>;
  /** The runs of an experiment, or all runs, those started first coming first. */
  listRuns(experiment?: string): AsyncIterable<RunRecord>;
  /** The names of all experiments, in order. */
  experiments(): Promise<string[]>;
  /**
   * All points of a metric of a run, in the order they were logged.
   *
   * @throws {RegistryError} NOT_FOUND for an unknown run; CORRUPT_RUN, naming a batch of points that is damaged or missing
   */
  metricHistory(id: string, metric: string): Promise<MetricPoint[]>;
  /** A file of a run, verified against its size and SHA-256. @throws {RegistryError} NOT_FOUND; CORRUPT_ARTIFACT naming the path */
  loadArtifact(id: string, path: string): Promise<Uint8Array>;
}

/** Options of {@link tracker}. */
export interface TrackerOptions {
  /** Source of all times; what it gives must be finite, else what asks it throws INVALID_ARGUMENT. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Gives each run a string that no other has, 1 to 36 characters `A-Z a-z 0-9 -`. Default: random UUIDs. */
  readonly newId?: () => string;
}

/** Records read at once. */
const PARALLEL_RECORDS = 16;
/** Records held at once. */
const BATCH_RECORDS = 64;

const startSchema = z.object({
  name: labelField.exactOptional(),
  params: paramsField.default({}),
  tags: tagsField.default({}),
  seed: z.union([z.number(), labelField]).exactOptional(),
  codeVersion: labelField.exactOptional(),
});

/**
 * Opens the runs that a store holds. The same store may hold models, see {@link modelRegistry}.
 *
 * @example
 * const run = await tracker(store).startRun({ experiment: 'fraud', params: { algorithm: 'boosting', trees: 100 }, seed: 7 });
 * await run.logMetrics({ averagePrecision: 0.64 });
 * await run.finish();
 */
export function tracker(store: BlobStore, options: TrackerOptions = {}): Tracker {
  const { clock = systemClock, newId = randomUUID } = options;
  return new StoredTracker(
    store,
    () => epochMsOf(clock),
    () => requireShape('newId', labelField, newId()),
  );
}

class StoredTracker implements Tracker {
  readonly #store: BlobStore;
  readonly #now: () => number;
  readonly #newId: () => string;

  constructor(store: BlobStore, now: () => number, newId: () => string) {
    this.#store = store;
    this.#now = now;
    this.#newId = newId;
  }

  async startRun(start: RunStart): Promise<Run> {
    requireObject('startRun', 'start', start);
    const { experiment, ...others } = start;
    requireName('experiment', experiment);
    const given = Object.entries(others).filter(([, value]) => value !== undefined);
    const facts = requireShape('startRun', startSchema, Object.fromEntries(given));
    const startedMs = this.#now();
    const id = requireShape('startRun', runIdField, `${startedMs.toString(36).padStart(9, '0')}-${this.#newId()}`);
    const record: RunRecord = {
      ...facts,
      id,
      experiment,
      status: 'running',
      startedMs,
      updatedMs: startedMs,
      metrics: {},
      metricBatchCount: 0,
      artifacts: [],
    };
    // The marker comes first: one without a record is skipped, a record without a marker would be missing from its experiment.
    await this.#store.put(`${runsPrefix(experiment)}${id}`, new Uint8Array(), { ifNoneMatch: '*' });
    const { etag } = await this.#store.put(runKey(id), encodeRun(record), { ifNoneMatch: '*' });
    return new ActiveRun(this.#store, { record, etag }, this.#now);
  }

  async getRun(id: string): Promise<RunRecord | undefined> {
    requireShape('getRun', runIdField, id);
    return (await readRun(this.#store, id))?.record;
  }

  async *listRuns(experiment?: string): AsyncGenerator<RunRecord> {
    if (experiment !== undefined) requireName('experiment', experiment);
    let ids: string[] = [];
    for await (const id of this.#runIds(experiment)) {
      ids.push(id);
      if (ids.length < BATCH_RECORDS) continue;
      yield* await this.#readRuns(ids);
      ids = [];
    }
    yield* await this.#readRuns(ids);
  }

  async experiments(): Promise<string[]> {
    const names: string[] = [];
    for (let startAfter = ''; ; ) {
      const key = await this.#firstExperimentKeyAfter(startAfter);
      if (key === undefined) return names.toSorted();
      const name = key.split('/')[1]!;
      if (names.at(-1) !== name) names.push(name);
      // `~` is the last character of keys: this skips the other runs of the experiment in one step.
      startAfter = `experiments/${name}/~`;
    }
  }

  async metricHistory(id: string, metric: string): Promise<MetricPoint[]> {
    const keys = await metricBatchKeys(this.#store, await this.#requireRun('metricHistory', id));
    const batches = await eachBounded(keys, PARALLEL_RECORDS, async (key) => {
      const points = await readMetricBatch(this.#store, id, key);
      return points.filter((point) => point.metric === metric).map(({ value, step, atMs }) => ({ value, step, atMs }));
    });
    return batches.flat();
  }

  async loadArtifact(id: string, path: string): Promise<Uint8Array> {
    const { artifacts } = await this.#requireRun('loadArtifact', id);
    const reference = artifacts.find((artifact) => artifact.path === path);
    if (reference) return loadArtifact(this.#store, `run ${id}`, reference);
    const shown = JSON.stringify(shownValue(path));
    throw new RegistryError('NOT_FOUND', `loadArtifact: run ${id} has no file ${shown}`, { details: { id, path: shown } });
  }

  async #requireRun(call: string, id: string): Promise<RunRecord> {
    const record = await this.getRun(id);
    if (record) return record;
    throw new RegistryError('NOT_FOUND', `${call}: there is no run ${id}`, { details: { id } });
  }

  async *#runIds(experiment: string | undefined): AsyncGenerator<string> {
    const prefix = experiment === undefined ? 'runs/' : runsPrefix(experiment);
    const suffix = experiment === undefined ? '.json' : '';
    for await (const { key } of this.#store.list(prefix)) {
      if (key.endsWith(suffix)) yield key.slice(prefix.length, key.length - suffix.length);
    }
  }

  async #readRuns(ids: readonly string[]): Promise<RunRecord[]> {
    const runs = await eachBounded(ids, PARALLEL_RECORDS, (id) => readRun(this.#store, id));
    return runs.flatMap((run) => (run ? [run.record] : []));
  }

  async #firstExperimentKeyAfter(startAfter: string): Promise<string | undefined> {
    for await (const { key } of this.#store.list('experiments/', startAfter ? { startAfter } : {})) return key;
    return undefined;
  }
}

function runsPrefix(experiment: string): string {
  return `experiments/${experiment}/runs/`;
}
