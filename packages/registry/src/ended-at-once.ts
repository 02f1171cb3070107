/**
 * Lets a reader of an async generator go at once. By itself, a generator that waits for something answers `return()` only after that has
 * come, so a request that never ends would hold its reader for good.
 *
 * What the generator was waiting for, and whatever becomes of it, is dropped; it is told by the signal that nobody listens any more.
 *
 * @param generate makes the values; the signal is aborted when the reader goes, or when `signal` is
 * @param signal ends the reading from outside. Default: only the reader does
 */
export function endedAtOnce<Value>(
  generate: (signal: AbortSignal) => AsyncGenerator<Value, void, undefined>,
  signal?: AbortSignal,
): AsyncIterableIterator<Value, void, undefined> {
  const stop = new AbortController();
  const values = generate(stop.signal);
  const done = { done: true, value: undefined } as const;
  let end = () => {};
  const ended = new Promise<typeof done>((resolve) => {
    end = () => {
      signal?.removeEventListener('abort', end);
      stop.abort();
      resolve(done);
    };
  });
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end);
  return {
    async next() {
      if (stop.signal.aborted) return done;
      try {
        const result = await Promise.race([ended, values.next()]);
        if (result.done) end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      // Lets it clean up, whenever it comes to that.
      values.return().catch(() => {});
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
