/**
 * Watching a model's log: each event once, in order, as it is written.
 *
 * Between events the next sequence number is asked for, one request a poll, at times that are spread a little so that many watchers do
 * not ask at once. While the store is away each failure is told, and the waits grow; what was written meanwhile comes when the store is
 * back. The chain is verified from event to event. At most a batch of 256 events is held: who takes them slowly is not overrun.
 *
 * A reader who stops, or a signal, ends a watch at once, also while a request hangs: what that gives is dropped, and so is its failure.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type BlobStore, type OptionKinds, type Random, isRetryable, seededRandom, showValue } from '@fraudops/core';
import { z } from 'zod';
import { requireShape } from './bounded-fields.js';
import { endedAtOnce } from './ended-at-once.js';
import { requireOptions } from './known-options.js';
import { type LogEnd, endAt, readNews } from './log-reader.js';
import { RegistryError } from './registry-error.js';
import { MAX_SEQ, type RegistryEvent } from './registry-event.js';

/** How a model is watched. */
export interface WatchOptions {
  /** Ends the watch at once; what a request under way gives is dropped. Default: it goes on until its reader stops. */
  readonly signal?: AbortSignal;
  /** Time between two looks when nothing is new, 10 milliseconds to a day; each is up to a tenth longer or shorter. Default: 5 seconds. */
  readonly pollMs?: number;
  /** Only events after this one; 0 for all. Default: the last one when the first event is asked for. */
  readonly since?: number;
  /**
   * Told of each look that failed and is tried again: a store that is away. Without it the first failure ends the watch by throwing it;
   * damage ends it in any case.
   */
  readonly onError?: (failure: WatchFailure) => void;
}

/** A look that failed. */
export interface WatchFailure {
  readonly error: unknown;
  /** Looks that failed since the last one that did not, this one included. */
  readonly failures: number;
  /** When the next look comes. */
  readonly retryMs: number;
}

const WATCH_OPTIONS: OptionKinds<WatchOptions> = { signal: 'checked', pollMs: 'checked', since: 'checked', onError: 'checked' };

const DEFAULT_POLL_MS = 5_000;
const MAX_POLL_MS = 86_400_000;
/** The longest wait while a store is away, unless `pollMs` is longer. */
const MAX_BACKOFF_MS = 60_000;

const optionsSchema = z.object({
  signal: z.instanceof(AbortSignal).exactOptional(),
  pollMs: z.number().min(10).max(MAX_POLL_MS).default(DEFAULT_POLL_MS),
  since: z.number().int().min(0).max(MAX_SEQ).exactOptional(),
});

/** Options of a watch that were checked. */
export type CheckedWatchOptions = z.output<typeof optionsSchema> & Pick<WatchOptions, 'onError'>;

/** @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireWatchOptions(options: WatchOptions): CheckedWatchOptions {
  requireOptions('watch', options, WATCH_OPTIONS);
  const { onError, ...others } = options;
  if (onError !== undefined && typeof onError !== 'function') {
    throw new RegistryError('INVALID_ARGUMENT', `watch: onError is ${showValue(onError)}, expected a function`, {
      details: { field: 'onError' },
    });
  }
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const checked = requireShape('watch', optionsSchema, Object.fromEntries(given));
  return { ...checked, ...(onError ? { onError } : {}) };
}

/** Gives the present end of the log, and a seed that no other watch has. */
interface WatchSource {
  end(): Promise<LogEnd>;
  readonly seed: string;
}

/** The events of a model as they come; see `ModelRegistry.watch`. */
export function watchLog(
  store: BlobStore,
  model: string,
  { signal, ...options }: CheckedWatchOptions,
  source: WatchSource,
): AsyncIterableIterator<RegistryEvent, void, undefined> {
  return endedAtOnce(
    (stop) => eventsAsTheyCome(store, model, options, { end: () => source.end(), seed: source.seed, stop }),
    signal,
  );
}

async function* eventsAsTheyCome(
  store: BlobStore,
  model: string,
  { pollMs, since, onError }: Omit<CheckedWatchOptions, 'signal'>,
  source: WatchSource & { readonly stop: AbortSignal },
): AsyncGenerator<RegistryEvent, void, undefined> {
  const { stop } = source;
  const random = seededRandom(source.seed);
  let end: LogEnd | undefined;
  let failures = 0;
  while (!stop.aborted) {
    let waitMs = spread(pollMs, random);
    try {
      end ??= since === undefined ? await source.end() : await endAt(store, model, since);
      for await (const stretch of readNews(store, model, end)) {
        end = stretch.end;
        for (const event of stretch.events) {
          if (stop.aborted) return;
          yield event;
        }
      }
      failures = 0;
    } catch (error) {
      if (stop.aborted) return;
      if (!onError || !isRetryable(error)) throw error;
      failures++;
      waitMs = spread(Math.min(pollMs * 2 ** failures, Math.max(pollMs, MAX_BACKOFF_MS)), random);
      onError({ error, failures, retryMs: waitMs });
    }
    // Only the end of the watch ends a wait early.
    await delay(waitMs, undefined, { signal: stop }).catch(() => {});
  }
}

function spread(waitMs: number, random: Random): number {
  return waitMs * random.between(0.9, 1.1);
}
