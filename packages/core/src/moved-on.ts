import { toStoreError } from './system-failure.js';

/** How often a step is tried again when another process moved on in between. */
const MAX_ATTEMPTS = 200;

/**
 * Runs a step on a key of a file store that another process may disturb: a name taken first (EEXIST, ENOTEMPTY) or an epoch renamed (ENOENT)
 * means that the key has moved on, so the step is done again, and reads again. Other failures become StoreErrors.
 */
export async function retryingMoved<Result>(operation: string, key: string, step: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const movedOn = code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'ENOENT';
      if (!movedOn || attempt >= MAX_ATTEMPTS) throw toStoreError(operation, key, error);
      if (attempt > 5) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 20)));
    }
  }
}
