/**
 * Keeps the newest version of a model loaded.
 *
 * One look at the registry at a time. A look ends in one of these ways:
 * - nothing new: the version stays;
 * - a new version: it is loaded and warmed up beside the old one, which serves meanwhile; then the reference changes hands at once;
 * - a failure (registry unreachable, damaged bundle, no warm state): what served goes on serving; the failure is remembered until a look
 *   succeeds, and the next look tries again;
 * - the log has lost events that were seen before (its store was emptied, or is an older copy): a failure like any other. An event that
 *   is not there looks like one that is yet to come, so the log is read back now and then to tell;
 * - no version in the stage: what served goes on serving, since no answers at all are worse; that counts as a failure too. A service that
 *   never had a model just has none.
 */
import { type Clock, type Logger, isFraudOpsError } from '@fraudops/core';
import type { ModelRegistry, ModelVersion } from '@fraudops/registry';
import { type LiveModel, type LoadOptions, loadVersion } from './live-model.js';
import { ServeError } from './serve-error.js';
import type { WarmStates } from './warm-states.js';

/** Why the last look failed. */
export interface RefreshFailure {
  readonly sinceMs: number;
  /** Version that could not be loaded; null when the registry could not be read. */
  readonly version: number | null;
  readonly code: string;
  readonly message: string;
}

/** Options of {@link ModelWatch}. */
export interface ModelWatchOptions extends LoadOptions {
  readonly stage: 'Production' | 'Staging';
  readonly logger: Logger;
  /** Another version serves from now on. */
  readonly onSwap: (live: LiveModel) => void;
  /** A look failed. */
  readonly onFailure: () => void;
}

/** Events that a look reads back to see that they are still there, on average; more of them are read back at every so many looks. */
const EVENTS_READ_BACK = 16;
/** Longest wait of {@link ModelWatch.stop} for the look under way, which may hang in the caller's `onlineFor`. */
const STOP_WAIT_MS = 2_000;

/** See the module's comment. */
export class ModelWatch {
  readonly #options: ModelWatchOptions;
  readonly #clock: Clock;
  readonly #registry: ModelRegistry;
  readonly #warmStates: WarmStates;
  live: LiveModel | undefined;
  failure: RefreshFailure | undefined;
  checkedMs: number | undefined;
  /** Sequence number of the registry's log up to which everything was taken into account. */
  #seenSeq: number | undefined;
  #looksSinceReadBack = 0;
  #running: Promise<boolean> | undefined;
  #queued: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ModelWatchOptions, warmStates: WarmStates) {
    this.#options = options;
    this.#clock = options.clock;
    this.#registry = options.registry;
    this.#warmStates = warmStates;
  }

  /**
   * Looks now. A caller during a look gets the look after it, since the one under way may have read the registry already.
   *
   * @returns whether another version serves now
   */
  refresh(): Promise<boolean> {
    if (!this.#running) {
      this.#running = this.#look().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#queued ??= this.#running
      .catch(() => false)
      .then(() => {
        this.#queued = undefined;
        return this.refresh();
      });
    return this.#queued;
  }

  /** Looks every `pollMs` from the end of one look to the begin of the next, until stopped. Doesn't keep the process alive. */
  start(pollMs: number): void {
    this.#timer = setTimeout(() => {
      void this.refresh()
        .catch(() => false) // remembered, counted and logged by the look itself
        .finally(() => {
          if (!this.#closed) this.start(pollMs);
        });
    }, pollMs).unref();
  }

  /** No more looks; waits for the one under way, but not for long: whatever it finds, it changes nothing any more. */
  async stop(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const underWay = this.#queued ?? this.#running;
    if (!underWay) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, STOP_WAIT_MS, true);
    });
    const ended = underWay.then(
      () => false,
      () => false,
    );
    const { model, logger } = this.#options;
    if (await Promise.race([ended, tooLong])) logger.warn({ model }, 'closed while a look for a new version was under way');
    clearTimeout(timer);
  }

  async #look(): Promise<boolean> {
    let candidate: ModelVersion | undefined;
    try {
      const { model, stage } = this.#options;
      if (this.#seenSeq !== undefined && !(await this.#hasNews(this.#seenSeq)) && !this.failure) {
        this.checkedMs = this.#clock.now();
        return false;
      }
      // The log's head is read first, so that a change in between is seen by the next look.
      const headSeq = await this.#registry.head(model);
      candidate = await this.#registry.inStage(model, stage);
      const swapped = await this.#take(candidate);
      this.#seenSeq = headSeq;
      this.checkedMs = this.#clock.now();
      if (this.failure) this.#options.logger.info({ model, version: this.live?.version.version }, 'model refresh works again');
      this.failure = undefined;
      return swapped;
    } catch (error) {
      this.checkedMs = this.#clock.now();
      this.#remember(error, candidate?.version ?? null);
      throw error;
    }
  }

  /** Whether anything happened after an event. @throws {ServeError} REGISTRY_LOST when the event itself is gone */
  async #hasNews(seenSeq: number): Promise<boolean> {
    const { model } = this.#options;
    if (await this.#registry.changed(model, seenSeq)) return true;
    this.#looksSinceReadBack++;
    if (seenSeq === 0 || (!this.failure && this.#looksSinceReadBack * EVENTS_READ_BACK < seenSeq)) return false;
    const there = await this.#lengthOfLog();
    if (there < seenSeq) {
      const serving = this.live ? `version ${this.live.version.version} goes on serving` : 'no version serves';
      throw new ServeError(
        'REGISTRY_LOST',
        `the registry has ${there} events of model ${model} and had ${seenSeq}; ${serving}; restore the registry, or start the service anew`,
        { details: { model, there, seen: seenSeq } },
      );
    }
    this.#looksSinceReadBack = 0;
    return false;
  }

  /** Events that the store has, read from it rather than from the registry's memory. */
  async #lengthOfLog(): Promise<number> {
    try {
      return (await this.#registry.history(this.#options.model)).length;
    } catch (error) {
      if (isFraudOpsError(error) && error.code === 'NOT_FOUND') return 0;
      throw error;
    }
  }

  /** Takes a version into service, unless it is already. */
  async #take(candidate: ModelVersion | undefined): Promise<boolean> {
    const { model, stage, logger, onSwap } = this.#options;
    const previous = this.live;
    if (!candidate) {
      if (!previous) return false;
      throw new ServeError(
        'NO_MODEL',
        `no version of ${model} is in ${stage}; version ${previous.version.version} goes on serving`,
      );
    }
    if (candidate.version === previous?.version.version) return false;
    const loaded = await loadVersion(candidate, this.#options);
    if (this.#closed) return false;
    // From the end of this await to the assignment everything is synchronous: a transaction sees either version, never a mixture.
    const online = await this.#warmStates.stateFor(loaded);
    if (this.#closed) return false;
    this.live = { ...loaded, online: online.take(), sinceMs: this.#clock.now() };
    logger.info({ model, version: candidate.version, previous: previous?.version.version ?? null }, 'model version serves');
    onSwap(this.live);
    return true;
  }

  #remember(error: unknown, version: number | null): void {
    // Health is shown to callers; only this project's errors are known to hold nothing that isn't theirs to see.
    const message = isFraudOpsError(error) ? error.message : 'looking for a new version failed; the log says why';
    const isNew = this.failure?.message !== message || this.failure.version !== version;
    const code = isFraudOpsError(error) ? error.code : 'INTERNAL';
    if (isNew) {
      this.failure = { sinceMs: this.#clock.now(), version, code, message };
      // Once for each failure, not once for each look that meets it.
      this.#options.logger.error({ err: error, model: this.#options.model, version }, 'model refresh failed');
    }
    this.#options.onFailure();
  }
}
