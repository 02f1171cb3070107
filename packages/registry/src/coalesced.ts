/**
 * Makes a task that never overlaps itself. A caller who comes while it runs shares the next run, not the present one, so what the
 * caller did before the call is always seen by the run that it waits for. However many call at once, two runs serve them all.
 *
 * @param task may fail; its error reaches those who shared that run, and later runs go on
 */
export function coalesced(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    const run = task().finally(() => {
      if (running === run) running = undefined;
    });
    running = run;
    return run;
  };
  return () => {
    if (next) return next;
    if (!running) return start();
    next = running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}
