/**
 * Frees what a training left behind in a thread that stays up. V8 does not count memory that threads share when it decides whether to
 * collect garbage: an idle thread would hold the rows of its last training, and each further training would add its own.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Less than this may lie around. */
const BEARABLE_BYTES = 32 * 1024 * 1024;
/** What even a small training counts as, for the gigabytes of addresses that its memory reserves. */
const BYTES_PER_TRAINING = 1024 * 1024;

let leftBytes = 0;
let collect: (() => void) | undefined;

/**
 * To be called when nothing holds the rows any more.
 *
 * @param bytes about as much as the training shared with other threads
 */
export function freeAfterTraining(bytes: number): void {
  leftBytes += bytes + BYTES_PER_TRAINING;
  if (leftBytes < BEARABLE_BYTES) return;
  collect ??= garbageCollector();
  // Else after the next training.
  if (!collect) return;
  leftBytes = 0;
  collect();
}

/**
 * V8's own `gc`, which only contexts see that are made while its flag is set. All threads share the flag: when another one has just put it
 * back there is no `gc`.
 */
function garbageCollector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('globalThis.gc') as (() => void) | undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
