/**
 * Directed acyclic graphs of tasks, as Airflow has them, declared by code:
 *
 * ```ts
 * const nightly = defineDag('nightly', (task) => {
 *   const table = task('read', [], () => readTransactions('day.csv.gz'));
 *   const features = task('features', [table], ([transactions]) => handbookFeatures.compute(transactions));
 *   return task('count', [features], ([computed]) => computed.rowCount);
 * });
 * const run = await runDag(nightly); // run.output is the result of the last task
 * ```
 *
 * A task names the tasks whose results it takes, and they must have been declared before it, so a graph can't have a cycle.
 */
import type { Clock, Logger, Progress } from '@fraudops/core';
import { PipelineError } from './pipeline-error.js';

/** A declared task, to be named as upstream of others; `Result` is what its function returns. */
export interface TaskHandle<Result> {
  readonly id: string;
  /** Only for the type checker. */
  readonly result?: Result;
}

/** The results of upstream tasks, in their order: the first argument of a task's function. */
export type ResultsOf<Upstream extends readonly TaskHandle<unknown>[]> = {
  [Position in keyof Upstream]: Upstream[Position] extends TaskHandle<infer Result> ? Result : never;
};

/** What a task's function is told besides its upstream results: its second argument. */
export interface TaskContext {
  /** Aborted when the run is cancelled; long work stops then. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly clock: Clock;
  /** 1 for the first try, 2 for the first retry. */
  readonly attempt: number;
}

/** Options of a task. */
export interface TaskOptions {
  /** How often it is tried again after a failure, 0 to 100. Errors that say they are not retryable end it at once. Default 0, as Airflow's. */
  readonly retries?: number;
  /** Pause before a retry, in milliseconds. Default 1,000. */
  readonly retryDelayMs?: number;
}

/** Declares one task; see {@link defineDag}. */
export type DeclareTask = <const Upstream extends readonly TaskHandle<unknown>[], Result>(
  id: string,
  upstream: Upstream,
  run: (inputs: ResultsOf<Upstream>, context: TaskContext) => Result | Promise<Result>,
  options?: TaskOptions,
) => TaskHandle<Result>;

/** A task as the runner sees it. */
export interface Task {
  readonly id: string;
  readonly upstream: readonly string[];
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly run: (inputs: readonly unknown[], context: TaskContext) => unknown;
}

/** A checked graph; see {@link defineDag}. */
export interface Dag<Output> {
  readonly id: string;
  /** In order of declaration, upstream before downstream. */
  readonly tasks: readonly Task[];
  /** The task whose result is the run's output. */
  readonly output: TaskHandle<Output>;
}

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,249}$/;
/** Most tasks of a graph. */
export const MAX_TASKS = 10_000;

/**
 * Declares a graph.
 *
 * @param id 1 to 250 characters `A-Z a-z 0-9 . _ -`, as Airflow's
 * @param build declares the tasks and returns the one whose result is the output
 * @throws {PipelineError} INVALID_DAG for a bad or repeated id, an upstream task of another graph, or bad options
 */
export function defineDag<Output>(id: string, build: (task: DeclareTask) => TaskHandle<Output>): Dag<Output> {
  requireId('defineDag: id', id);
  const tasks = new Map<string, Task>();
  const declare: DeclareTask = (taskId, upstream, run, options = {}) => {
    const where = `defineDag ${id}: task ${JSON.stringify(taskId)}`;
    requireId(where, taskId);
    if (tasks.has(taskId)) throw new PipelineError('INVALID_DAG', `${where} is declared twice; give each task an id of its own`);
    if (tasks.size >= MAX_TASKS) throw new PipelineError('INVALID_DAG', `defineDag ${id}: more than ${MAX_TASKS} tasks`);
    const unknown = upstream.find((handle) => !tasks.has(handle.id));
    if (unknown)
      throw new PipelineError('INVALID_DAG', `${where}: upstream task ${JSON.stringify(unknown.id)} is not declared before it`);
    const { retries = 0, retryDelayMs = 1000 } = options;
    requireWhole(`${where}: retries`, retries, 100);
    requireWhole(`${where}: retryDelayMs`, retryDelayMs, 86_400_000);
    tasks.set(taskId, {
      id: taskId,
      upstream: upstream.map((handle) => handle.id),
      retries,
      retryDelayMs,
      run: run as Task['run'],
    });
    return { id: taskId };
  };
  const output = build(declare);
  if (!tasks.has(output.id))
    throw new PipelineError('INVALID_DAG', `defineDag ${id}: the output task ${JSON.stringify(output.id)} is not declared`);
  return { id, tasks: [...tasks.values()], output };
}

function requireId(what: string, id: string): void {
  if (typeof id === 'string' && ID_PATTERN.test(id)) return;
  throw new PipelineError('INVALID_DAG', `${what}: ${JSON.stringify(id)} is no id; use 1 to 250 characters A-Z a-z 0-9 . _ -`);
}

function requireWhole(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new PipelineError('INVALID_DAG', `${what} is ${value}, expected a whole number from 0 to ${most}`);
}
