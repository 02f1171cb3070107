/**
 * What waits to be written when the program has nothing left to do. Node.js says so once (`beforeExit`) and goes on if there is work
 * again, so what waits is written then. A program that is ended by `process.exit`, by an uncaught error or by a signal does not get there.
 */

const waiting = new Map<object, () => Promise<void>>();
let isListening = false;

/** Sees that `flush` is called before the program ends by itself, until {@link noFlushBeforeExit} is called for the owner. */
export function flushBeforeExit(owner: object, flush: () => Promise<void>): void {
  waiting.set(owner, flush);
  if (isListening) return;
  isListening = true;
  process.on('beforeExit', () => void flushAll());
}

/** Nothing of the owner's waits any more. */
export function noFlushBeforeExit(owner: object): void {
  waiting.delete(owner);
}

async function flushAll(): Promise<void> {
  const flushes = [...waiting.values()];
  // Each gets one chance: a store that is away would keep the program alive for ever.
  waiting.clear();
  for (const flush of flushes) {
    await flush().catch((error: unknown) => process.emitWarning(`@fraudops/registry: ${String(error)}`));
  }
}
