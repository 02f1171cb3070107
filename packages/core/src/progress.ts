/**
 * Progress of long work, as the work sees it. How it is shown (bars, lines, nothing) is the caller's choice; terminal renderers
 * are in `@fraudops/cli`.
 */
export interface Progress {
  /**
   * Begins a piece of work.
   * @param name what a person calls it, such as `Reading transactions`
   * @param options `total`: how many units there are, when known; `unit`: their name, such as `rows`
   */
  task(name: string, options?: { total?: number; unit?: string }): ProgressTask;
}

/** One piece of work under way. */
export interface ProgressTask {
  /** Some more units are done. */
  advance(units: number): void;
  /** The total became known or changed. */
  total(units: number): void;
  /** The work ended well; the summary replaces the bar. */
  done(summary?: string): void;
  /** The work ended badly. */
  fail(reason?: string): void;
}

const silentTask: ProgressTask = { advance: () => {}, total: () => {}, done: () => {}, fail: () => {} };

/** Shows nothing; the default everywhere. */
export const silentProgress: Progress = { task: () => silentTask };
