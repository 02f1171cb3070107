/**
 * Features over history on several threads. Each window is a job of its own, and each thread takes the next job when it is done with one;
 * when there are fewer windows than threads, each is cut into shares of the rows. All sums are whole numbers, so the features are the same
 * bits however the work is divided.
 *
 * The calling thread checks the table, copies to shared memory what isn't there yet, and computes the features of the rows; windows are
 * computed by the threads, while the event loop is free.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { type Progress, type Table, silentProgress } from '@fraudops/core';
import type { FeatureSet } from '../definitions/feature-set.js';
import { FeatureError } from '../feature-error.js';
import { advanceBy, finishedTable, rowColumns } from './compute-features.js';
import { type EntityRows, EntityRowsSource, type KeptColumn } from './entity-rows.js';
import { type FeaturePlan, planFeatures } from './feature-plan.js';
import { requireHistory } from './history-rules.js';
import { type SharedWork, type WindowJob, type WorkerReport, inSharedMemory } from './shared-work.js';
import { runCrew } from './worker-crew.js';

/** Options of {@link computeInWorkers}. */
export interface WorkersOptions {
  /** How many threads compute windows, 1 to 64. Default: as many as the process may use. */
  readonly threads?: number;
  /** Told of each feature. */
  readonly progress?: Progress;
  /** Ends the threads at once. */
  readonly signal?: AbortSignal;
}

/** Most threads of {@link WorkersOptions}. */
const MAX_THREADS = 64;

/**
 * Computes all features over history in worker threads: what `features.compute(table)` gives, bit for bit. It keeps the event
 * loop free. Starting threads and sharing columns takes about as long as computing a million rows of few windows, so it is faster only
 * for more rows or more windows than that.
 *
 * @param table as for {@link FeatureSet.compute}; nobody may write to its arrays until the promise settles
 * @returns the features; columns of windows lie in shared memory
 * @throws {FeatureError} (as a rejection) what `compute` throws; INVALID_OPTION; ABORTED; WORKER_FAILED when a thread dies
 * @example
 * const matrix = toFeatureMatrix(await computeInWorkers(features, table, { threads: 4, signal: AbortSignal.timeout(60_000) }));
 */
export async function computeInWorkers(features: FeatureSet, table: Table, options: WorkersOptions = {}): Promise<Table> {
  const { threads = Math.min(MAX_THREADS, availableParallelism()), progress = silentProgress, signal } = options;
  requireThreads(threads);
  const { transactions } = features;
  const plan = planFeatures(features.definitions, transactions);
  requireHistory(plan, transactions, table);
  const work = sharedWork(plan, new EntityRowsSource(table, transactions), threads);
  const task = progress.task('Computing features', { total: plan.names.length, unit: 'features' });
  const progressOf = new WindowProgress(work, (reads) => advanceBy(task, plan, reads));
  const columns: Float64Array[] = [];
  try {
    await runCrew(workerEntry(), work, {
      threads: Math.min(threads, work.jobs.length),
      signal,
      onReport: (report) => progressOf.take(report),
      meanwhile: () => {
        Object.assign(columns, rowColumns(plan, transactions, table));
        task.advance(plan.rows.length);
      },
    });
    progressOf.requireAllDone();
  } catch (error) {
    quietly(() => task.fail((error as Error).message));
    throw error;
  }
  work.columns.forEach((column, slot) => column && (columns[slot] = column));
  return finishedTable(plan, columns, task);
}

function requireThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return;
  const message = `computeInWorkers: threads is ${threads}, expected a whole number from 1 to ${MAX_THREADS}`;
  throw new FeatureError('INVALID_OPTION', message, { threads });
}

function sharedWork(plan: FeaturePlan, source: EntityRowsSource, threads: number): SharedWork {
  const shared = new Map<Float64Array | Int32Array, Float64Array | Int32Array>();
  // The same column may serve several entities.
  const share = <Values extends Float64Array | Int32Array>(values: Values): Values => {
    const known = shared.get(values) ?? inSharedMemory(values);
    shared.set(values, known);
    return known as Values;
  };
  const entities = plan.entities.map((entity) => sharedRows(source.rowsFor(entity), share));
  const columns: Float64Array[] = [];
  for (const { plan: entity, rowCount, rows } of entities) {
    for (const { slot } of entity.windows.flatMap(({ reads }) => reads)) {
      columns[slot] = new Float64Array(new SharedArrayBuffer(8 * rowCount));
      if (rows !== undefined) columns[slot].fill(Number.NaN);
    }
  }
  const windows = entities.flatMap(({ plan: entity }, i) => entity.windows.map((_, window) => ({ entity: i, window })));
  const shares = Math.ceil(threads / Math.max(1, windows.length));
  const jobs = windows.flatMap((window) =>
    Array.from({ length: shares }, (_, i): WindowJob => ({ ...window, share: i, shares })),
  );
  return { entities, columns, jobs, nextJob: new Int32Array(new SharedArrayBuffer(4)) };
}

function sharedRows(rows: EntityRows, share: <Values extends Float64Array | Int32Array>(values: Values) => Values): EntityRows {
  const { entities, labels } = rows;
  const sharedValues = (column: KeptColumn): KeptColumn => {
    if (column.kind === 'number') return { kind: 'number', numbers: share(column.numbers) };
    const { categories, pairs } = column;
    return {
      kind: 'category',
      categories: { ...categories, codes: share(categories.codes), hashes: share(categories.hashes) },
      pairs: { ...pairs, codes: share(pairs.codes) },
    };
  };
  return {
    ...rows,
    rows: rows.rows && share(rows.rows),
    entities: { ...entities, codes: share(entities.codes) },
    times: share(rows.times),
    totals: rows.totals.map((parts) => parts && share(parts)),
    values: rows.values.map(sharedValues),
    labels: labels && { ...labels, arrivals: share(labels.arrivals), knownAt: share(labels.knownAt) },
  };
}

/** Which windows are done, and the error of the first job that failed: the one that a single thread would have met. */
class WindowProgress {
  readonly #work: SharedWork;
  readonly #onDone: (reads: readonly { readonly slot: number }[]) => void;
  readonly #sharesDone = new Map<string, number>();
  #failed: Extract<WorkerReport, { kind: 'failed' }> | undefined;

  constructor(work: SharedWork, onDone: (reads: readonly { readonly slot: number }[]) => void) {
    this.#work = work;
    this.#onDone = onDone;
  }

  take(report: Exclude<WorkerReport, { kind: 'end' }>): void {
    if (report.kind === 'failed') {
      if (this.#failed === undefined || report.job < this.#failed.job) this.#failed = report;
      return;
    }
    const { entity, window, shares } = this.#work.jobs[report.job]!;
    const key = `${entity} ${window}`;
    const done = (this.#sharesDone.get(key) ?? 0) + 1;
    this.#sharesDone.set(key, done);
    if (done === shares) this.#onDone(this.#work.entities[entity]!.plan.windows[window]!.reads);
  }

  requireAllDone(): void {
    if (this.#failed === undefined) return;
    const { code, message, details } = this.#failed.error;
    throw new FeatureError(code, message, details);
  }
}

/** The built worker. Resolved by the package's name, so that it is found from the sources as well as from the build. */
function workerEntry(): URL {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve('@fraudops/features/compute-worker'));
  } catch (cause) {
    const message = 'computeInWorkers: the built file of @fraudops/features/compute-worker is missing; build the package';
    throw new FeatureError('WORKER_FAILED', message, {}, cause);
  }
}

/** The caller has an error already; one of the progress must not hide it. */
function quietly(tell: () => void): void {
  try {
    tell();
  } catch {}
}
