/**
 * A thread that does one task after the other. It is starting, then idle and at work by turns, and in the end gone: because it was ended,
 * or because it died, whatever it was doing. While it is idle it doesn't keep the process alive.
 */
import { type MessagePort, Worker } from 'node:worker_threads';
import { TrainError } from './train-error.js';
import type { WorkerMessage } from './worker-message.js';

/** A task for a thread. */
export interface ThreadTask {
  /** What the thread gets as a message. */
  readonly data: unknown;
  /** Ports in the data, which the thread takes over. */
  readonly ports?: readonly MessagePort[];
}

/** Hears of a thread at work. */
export interface ThreadWatcher {
  take(message: WorkerMessage): void;
  /** The thread is gone, unasked. */
  died(error: TrainError): void;
}

/** See the module's comment. */
export class TrainingThread {
  readonly #worker: Worker;
  readonly #onGone: () => void;
  #watcher: ThreadWatcher | undefined;
  #settleUp: (error?: TrainError) => void = () => {};
  #isUp = false;
  #gone = false;
  readonly #up: Promise<void>;

  /**
   * @param entry file that takes tasks as messages, and posts `WorkerMessage`s
   * @param onGone told once that the thread was ended or died
   */
  constructor(entry: URL, onGone: () => void) {
    this.#onGone = onGone;
    this.#up = new Promise((resolve, reject) => {
      this.#settleUp = (error) => (error ? reject(error) : resolve());
    });
    // Who doesn't wait for that hears of the death of the thread from the watcher.
    this.#up.catch(() => {});
    // Without the parent's flags: some, such as --input-type, are not for a file.
    this.#worker = new Worker(entry, { execArgv: [], name: 'fraudops-training' });
    this.#worker.on('message', (message: WorkerMessage) => this.#take(message));
    this.#worker.on('messageerror', (cause) => this.#die('its message could not be read', cause));
    this.#worker.on('error', (cause) => this.#die(cause instanceof Error ? cause.message : String(cause), cause));
    this.#worker.on('exit', (exitCode) => this.#die(`it ended with exit code ${exitCode} and no result`));
    this.#worker.unref();
  }

  /** Whether it ever said that it can work. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /**
   * Resolves when the thread can work, or was ended; the process stays alive until then.
   *
   * @throws {TrainError} (as a rejection) WORKER_FAILED when it dies before
   */
  async up(): Promise<void> {
    this.#worker.ref();
    await this.#up.finally(() => {
      if (!this.#watcher) this.#worker.unref();
    });
  }

  /**
   * Gives the thread a task, and the process a reason to stay alive.
   *
   * @throws what can't be sent to a thread
   */
  work({ data, ports = [] }: ThreadTask, watcher: ThreadWatcher): void {
    this.#watcher = watcher;
    this.#worker.ref();
    this.#worker.postMessage(data, [...ports]);
  }

  /** To be called after its task is done. */
  rest(): void {
    this.#watcher = undefined;
    this.#worker.unref();
  }

  /** Stops the thread, whatever it does; resolves when it is gone. */
  async end(): Promise<void> {
    this.#leave();
    this.#settleUp();
    await this.#worker.terminate();
  }

  #take(message: WorkerMessage): void {
    if (message.kind !== 'up') {
      this.#watcher?.take(message);
      return;
    }
    this.#isUp = true;
    this.#settleUp();
  }

  #die(reason: string, cause?: unknown): void {
    if (this.#gone) return;
    const watcher = this.#watcher;
    const error = died(reason, cause);
    this.#leave();
    this.#settleUp(error);
    void this.#worker.terminate();
    watcher?.died(error);
  }

  #leave(): void {
    this.#watcher = undefined;
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone();
  }
}

function died(reason: string, cause: unknown): TrainError {
  return new TrainError(
    'WORKER_FAILED',
    `training: the worker thread failed: ${reason}; check the memory limit, then try again`,
    {
      details: { reason },
      cause,
    },
  );
}
