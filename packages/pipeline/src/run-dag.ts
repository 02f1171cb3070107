/**
 * Runs a graph of tasks in this process. A task's states are Airflow's:
 *
 *     scheduled -> running -> success
 *                  running -> up_for_retry -> running
 *                  running -> failed
 *     scheduled -> upstream_failed   when a task before it failed or was skipped over
 *
 * A task starts as soon as all of its upstream tasks succeeded (the trigger rule `all_success`), and branches that don't depend on a
 * failed task run to their end.
 */
import {
  type Clock,
  type Logger,
  type Progress,
  isFraudOpsError,
  silentLogger,
  silentProgress,
  systemClock,
} from '@fraudops/core';
import type { Dag, Task, TaskContext } from './dag.js';
import { PipelineError } from './pipeline-error.js';

/** Options of {@link runDag}. */
export interface RunDagOptions {
  /** Most tasks running at once, 1 to 1,000. Default 4. */
  readonly maxActiveTasks?: number;
  /** Cancels the run: running tasks are told, no other starts. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  readonly progress?: Progress;
  readonly clock?: Clock;
}

/** What became of a task. */
export interface TaskRun {
  readonly id: string;
  readonly state: 'success' | 'failed' | 'upstream_failed';
  /** How often it was started. */
  readonly attempts: number;
  /** Epoch milliseconds; undefined when it never started. */
  readonly startedMs?: number;
  readonly endedMs?: number;
  /** Why it failed. */
  readonly error?: unknown;
}

/** What became of a run. */
export interface DagRun<Output> {
  readonly dagId: string;
  readonly output: Output;
  /** In order of declaration. */
  readonly tasks: readonly TaskRun[];
  readonly startedMs: number;
  readonly endedMs: number;
}

/**
 * Runs all tasks of a graph.
 *
 * @throws {PipelineError} TASK_FAILED when a task failed, after all others have ended; `cause` is the task's own error, and
 *   `details.tasks` tells what became of each; INVALID_OPTION
 * @example const { output } = await runDag(trainingPipeline(options), { progress });
 */
export async function runDag<Output>(dag: Dag<Output>, options: RunDagOptions = {}): Promise<DagRun<Output>> {
  const { maxActiveTasks = 4, clock = systemClock } = options;
  if (!(Number.isInteger(maxActiveTasks) && maxActiveTasks >= 1 && maxActiveTasks <= 1000)) {
    throw new PipelineError(
      'INVALID_OPTION',
      `runDag: maxActiveTasks is ${maxActiveTasks}, expected a whole number from 1 to 1000`,
    );
  }
  const startedMs = clock.now();
  const run = new ActiveRun(dag.tasks, maxActiveTasks, {
    clock,
    signal: options.signal ?? new AbortController().signal,
    logger: (options.logger ?? silentLogger).child({ dag: dag.id }),
    progress: options.progress ?? silentProgress,
  });
  const tasks = await run.finish();
  const failed = tasks.find(({ state }) => state === 'failed');
  if (failed) {
    const reason = failed.error instanceof Error ? failed.error.message : String(failed.error);
    throw new PipelineError(
      'TASK_FAILED',
      `${dag.id}: task ${failed.id} failed${failed.attempts > 1 ? ` after ${failed.attempts} tries` : ''}: ${reason}`,
      {
        details: { dag: dag.id, task: failed.id, tasks },
        cause: failed.error,
      },
    );
  }
  return { dagId: dag.id, output: run.results.get(dag.output.id) as Output, tasks, startedMs, endedMs: clock.now() };
}

class ActiveRun {
  readonly results = new Map<string, unknown>();
  readonly #tasks: readonly Task[];
  readonly #maxActiveTasks: number;
  readonly #context: Omit<TaskContext, 'attempt'>;
  readonly #ended = new Map<string, TaskRun>();
  readonly #active = new Map<string, Promise<void>>();

  constructor(tasks: readonly Task[], maxActiveTasks: number, context: Omit<TaskContext, 'attempt'>) {
    this.#tasks = tasks;
    this.#maxActiveTasks = maxActiveTasks;
    this.#context = context;
  }

  async finish(): Promise<TaskRun[]> {
    while (this.#ended.size < this.#tasks.length) {
      this.#startReady();
      // Nothing runs and nothing was ready: each remaining task was settled as upstream_failed just now.
      if (this.#active.size > 0) await Promise.race(this.#active.values());
    }
    return this.#tasks.map(({ id }) => this.#ended.get(id)!);
  }

  #startReady(): void {
    for (const task of this.#tasks) {
      if (this.#ended.has(task.id) || this.#active.has(task.id)) continue;
      const states = task.upstream.map((id) => this.#ended.get(id)?.state);
      if (states.some((state) => state === 'failed' || state === 'upstream_failed')) {
        this.#ended.set(task.id, { id: task.id, state: 'upstream_failed', attempts: 0 });
      } else if (states.every((state) => state === 'success') && this.#active.size < this.#maxActiveTasks) {
        const work = this.#runTask(task).then((ended) => {
          this.#ended.set(task.id, ended);
          this.#active.delete(task.id);
        });
        this.#active.set(task.id, work);
      }
    }
  }

  async #runTask(task: Task): Promise<TaskRun> {
    const { clock, logger, signal } = this.#context;
    const startedMs = clock.now();
    const inputs = task.upstream.map((id) => this.results.get(id));
    for (let attempt = 1; ; attempt++) {
      try {
        signal.throwIfAborted();
        this.results.set(task.id, await task.run(inputs, { ...this.#context, attempt }));
        return { id: task.id, state: 'success', attempts: attempt, startedMs, endedMs: clock.now() };
      } catch (error) {
        const isFinal = attempt > task.retries || signal.aborted || (isFraudOpsError(error) && !error.retryable);
        logger.warn({ err: error, task: task.id, attempt, isFinal }, 'task failed');
        if (isFinal) return { id: task.id, state: 'failed', attempts: attempt, startedMs, endedMs: clock.now(), error };
        await pause(task.retryDelayMs, signal);
      }
    }
  }
}

/** Waits, but not longer than the run lasts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener('abort', wake);
  });
}
