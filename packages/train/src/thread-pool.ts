/**
 * Threads that stay up between trainings. A thread that has just started interprets its code; after a training or two V8 has compiled what
 * matters, and the next training begins with that. So a thread whose training succeeded rests for a while, and the next training takes
 * it; one whose training failed or was stopped is ended, since nobody knows what state it is in.
 *
 * Idle threads never keep a process alive. There are at most as many as processors, or as were asked to be kept, and they end when nobody
 * needs them for `idleMs`. What is at work is bounded too, by MAX_THREADS_ALIVE.
 */
import { availableParallelism } from 'node:os';
import { TrainError } from './train-error.js';
import { TrainingThread } from './training-thread.js';

/** Threads of one process, at work and idle. */
export const MAX_THREADS_ALIVE = 256;

interface IdleThread {
  readonly thread: TrainingThread;
  timer: NodeJS.Timeout | undefined;
}

/** See the module's comment. */
export class ThreadPool {
  readonly #entry: () => URL;
  readonly #idleMs: number;
  /** The one that rested last at the end: it is taken first. */
  readonly #idle: IdleThread[] = [];
  readonly #alive = new Set<TrainingThread>();
  /** At work while the pool was closed. */
  readonly #leaving = new WeakSet<TrainingThread>();
  #kept = 0;

  /** @param entry of the threads; asked for when one is started */
  constructor(entry: () => URL, idleMs: number) {
    this.#entry = entry;
    this.#idleMs = idleMs;
  }

  /** Threads that are up or starting, idle ones and others. */
  get size(): number {
    return this.#alive.size;
  }

  /**
   * Threads for one training: idle ones, and new ones if these are too few.
   *
   * @throws {TrainError} WORKER_FAILED when there would be too many
   */
  take(count: number): TrainingThread[] {
    const free = MAX_THREADS_ALIVE - this.#alive.size + this.#idle.length;
    if (count > free) {
      throw new TrainError(
        'WORKER_FAILED',
        `training: ${count} threads asked for, ${free} of ${MAX_THREADS_ALIVE} are free; train fewer models at a time`,
        { details: { count, free, limit: MAX_THREADS_ALIVE } },
      );
    }
    const started: TrainingThread[] = [];
    try {
      while (this.#idle.length + started.length < count) started.push(this.#start());
    } catch (error) {
      for (const thread of started) void thread.end();
      throw error;
    }
    // In the order in which they rested, so that a thread does again what it did last.
    const rested = this.#idle.splice(-count).map(({ thread, timer }) => (clearTimeout(timer), thread));
    return [...rested, ...started];
  }

  /** Takes back a thread whose task is done. */
  give(thread: TrainingThread): void {
    thread.rest();
    if (this.#leaving.has(thread) || this.#idle.length >= Math.max(this.#kept, availableParallelism())) {
      void thread.end();
      return;
    }
    this.#rest(thread);
  }

  /** Starts threads until there are that many, and keeps as many until `close`; resolves when they can work. */
  async keep(count: number): Promise<void> {
    this.#kept = Math.max(this.#kept, count);
    this.#startKept();
    await Promise.all(this.#idle.map(({ thread }) => thread.up()));
  }

  /** Ends the idle threads; those at work end after their training. Resolves when the idle ones are gone. */
  async close(): Promise<void> {
    this.#kept = 0;
    for (const thread of this.#alive) this.#leaving.add(thread);
    await Promise.all(this.#idle.splice(0).map(({ thread, timer }) => (clearTimeout(timer), thread.end())));
  }

  #start(): TrainingThread {
    const thread: TrainingThread = new TrainingThread(this.#entry(), () => this.#forget(thread));
    this.#alive.add(thread);
    return thread;
  }

  #startKept(): void {
    while (this.#alive.size < this.#kept) this.#rest(this.#start());
  }

  #rest(thread: TrainingThread): void {
    const idle: IdleThread = { thread, timer: undefined };
    idle.timer = setTimeout(() => {
      if (this.#alive.size > this.#kept) void thread.end();
    }, this.#idleMs).unref();
    this.#idle.push(idle);
  }

  /** The thread is gone. Another takes its place among those that are kept, unless it never could work: the next would fare no better. */
  #forget(thread: TrainingThread): void {
    this.#alive.delete(thread);
    const position = this.#idle.findIndex((idle) => idle.thread === thread);
    if (position >= 0) clearTimeout(this.#idle.splice(position, 1)[0]!.timer);
    if (thread.isUp) this.#startKept();
  }
}
