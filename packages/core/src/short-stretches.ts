/**
 * Direct system calls in short stretches. A call that goes through Node's thread pool takes five times as long as the call itself, so many small
 * ones in a row are made directly; after each half millisecond everything else gets its turn.
 */

/** How long a stretch lasts; the last call may take it beyond that. */
const STRETCH_MS = 0.5;
/** A stretch that took this long waited for a disk; calls in memory take hundredths of a millisecond. */
const SLOW_MS = 5;

/** The stretches of one piece of work. */
export class ShortStretches {
  #begunMs = performance.now();

  /** Whether it is time to give way. */
  isOver(): boolean {
    return performance.now() - this.#begunMs >= STRETCH_MS;
  }

  /** Whether the calls of this stretch had to wait, so that the thread pool does more of them at once. */
  isSlow(): boolean {
    return performance.now() - this.#begunMs >= SLOW_MS;
  }

  /** Lets everything else have its turn, and begins the next stretch. */
  async giveWay(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#begunMs = performance.now();
  }
}
