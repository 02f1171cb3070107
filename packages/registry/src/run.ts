import type { DatasetInput } from './dataset-input.js';
import type { RunStart } from './run-start.js';

/**
 * A run under way, in the hands of the process that started or resumed it. What a call wrote is durable once its promise resolves. After
 * {@link Run.finish} every call throws RUN_ENDED; after somebody deleted the run, RUN_DELETED.
 */
export interface Run {
  readonly id: string;
  readonly experiment: string;
  /** Whether it was finished, or found to be finished or deleted by somebody else. */
  readonly ended: boolean;
  /**
   * Logs one point of each metric. Calls made while an earlier one is being written are written together, so a loop that does not wait
   * for each call, but for all at its end, costs few writes.
   *
   * When the store fails, the points stay pending: the next call, and `finish`, writes them too. The call may also be repeated, which
   * adds none of its points a second time.
   *
   * @param metrics finite numbers; null for a metric that is not defined
   * @param options `step`: a whole number from 0 on, default 0
   * @throws {RegistryError} INVALID_ARGUMENT; LIMIT_EXCEEDED above 500 metrics or 1,000,000 points; BUFFER_FULL when 100,000 points wait
   */
  logMetrics(metrics: Readonly<Record<string, number | null>>, options?: { step?: number }): Promise<void>;
  /**
   * Takes points on without waiting: they are written within a second, when 10,000 wait, by {@link flush} and {@link finish}, and when the
   * program has nothing left to do. Until then they are in this process's memory only: a process that is killed, or ended by
   * `process.exit`, takes them along, and the run is `crashed` with the points it had.
   *
   * @returns whether there is room for more; when not, await {@link flush} before going on. A loop that doesn't care, and never lets go of
   *   the thread, is refused with BUFFER_FULL at 100,000 points
   * @throws {RegistryError} as {@link logMetrics}
   * @example
   * for (let step = 0; step < 50_000; step++) {
   *   if (!run.bufferMetrics({ loss: 1 / (step + 1) }, { step })) await run.flush();
   * }
   * await run.finish();
   */
  bufferMetrics(metrics: Readonly<Record<string, number | null>>, options?: { step?: number }): boolean;
  /** Writes all points that wait. @throws what the store throws; the points go on waiting then */
  flush(): Promise<void>;
  /**
   * Sets parameters. Each is set once: the same value again is fine, another is refused, and then none of the call is set.
   *
   * @throws {RegistryError} INVALID_ARGUMENT, naming the parameter; LIMIT_EXCEEDED above 500
   */
  logParams(params: Readonly<Record<string, string | number | boolean>>): Promise<void>;
  /** Sets tags; null removes one. @throws {RegistryError} INVALID_ARGUMENT; LIMIT_EXCEEDED above 500 */
  setTags(tags: Readonly<Record<string, string | null>>): Promise<void>;
  /** Notes data that the run read. Of equal name, fingerprint and context the last counts. @throws {RegistryError} LIMIT_EXCEEDED above 100 */
  logInput(input: DatasetInput): Promise<void>;
  /**
   * Keeps a file. A path is written once; the same content may be given again.
   *
   * @throws {RegistryError} INVALID_ARGUMENT; LIMIT_EXCEEDED above 1,000 files or 256 MiB in one
   */
  logArtifact(path: string, bytes: Uint8Array): Promise<void>;
  /** Starts a run that is a part of this one, in the same experiment. */
  startChild(start?: Omit<RunStart, 'experiment' | 'parentRunId'>): Promise<Run>;
  /**
   * Waits for the files that are being kept, writes the points that are pending, and ends the run. When that fails the run goes on, and
   * may be finished again; a file that fails is told to the one who gave it only.
   *
   * @param status default `finished`; `killed` is for a run that somebody stopped
   * @throws what the store throws when points or the end can't be written
   */
  finish(status?: 'finished' | 'failed' | 'killed'): Promise<void>;
}
