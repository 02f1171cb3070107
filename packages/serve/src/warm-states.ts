/**
 * Online feature states that know history, by feature set version.
 *
 * A feature such as "sum over 30 days" is wrong until its state has seen 30 days, so a version with another feature set can't just begin
 * with an empty state. Its state comes from, in this order:
 * 1. the state in use, when the feature set is the same: it carries on;
 * 2. the state of the feature set before, which is kept and fed on, so that a rollback needs no warm-up (while transactions have the same
 *    fields and it takes each of them; else it misses events and is dropped);
 * 3. the state the service was started with, if nothing has been scored since;
 * 4. nowhere, when no feature looks at history: the state is empty;
 * 5. the caller's `onlineFor`. Transactions scored while it warms up are collected and shown to the new state before it serves.
 */
import { type Logger, type Row, canonicalJson } from '@fraudops/core';
import type { FeatureSet, OnlineFeatures } from '@fraudops/features';
import type { LoadedVersion } from './live-model.js';
import { NewestItems } from './newest-items.js';
import { ServeError } from './serve-error.js';
import type { TransactionRequest } from './transaction-request.js';

/**
 * Makes a state for a feature set, filled with history. It is asked when a version with a new feature set is to be served, and should
 * know every transaction up to the moment it is called; what the service scores from then on is shown to the state afterwards.
 */
export type OnlineFor = (featureSet: FeatureSet) => OnlineFeatures | Promise<OnlineFeatures>;

/** Most transactions collected during one warm-up; of more, the oldest are lost (windows need the newest most) and the loss is logged. */
export const MAX_COLLECTED = 100_000;
/** Collected transactions shown to a new state between two turns of the event loop. */
const CATCH_UP_CHUNK = 500;

/** Options of {@link WarmStates}. */
export interface WarmStatesOptions {
  readonly online: OnlineFeatures | undefined;
  readonly onlineFor: OnlineFor | undefined;
  readonly logger: Logger;
  /** The state before could not follow, so a rollback to its feature set needs a warm-up. */
  readonly onDropped: () => void;
}

interface WarmState {
  readonly online: OnlineFeatures;
  /** Canonical JSON of the transactions' definition. */
  readonly transactions: string;
}

/** See the module's comment. */
export class WarmStates {
  readonly #onlineFor: OnlineFor | undefined;
  readonly #logger: Logger;
  #given: OnlineFeatures | undefined;
  /** State in use, by feature set version, and the one before it. */
  #current: WarmState | undefined;
  #before: WarmState | undefined;
  #collected: NewestItems<unknown> | undefined;
  readonly #onDropped: () => void;

  constructor(options: WarmStatesOptions) {
    this.#given = options.online;
    this.#onlineFor = options.onlineFor;
    this.#logger = options.logger;
    this.#onDropped = options.onDropped;
  }

  /** A transaction was scored by the current state, which remembers it already. Never throws: its score stands. */
  observed(input: unknown, row: Row): void {
    if (this.#before) this.#feedBefore(this.#before, row);
    this.#collected?.add(input);
  }

  /**
   * Finds or warms up the state of a version. Calling `take` makes it the current one; it must be called at the moment of the swap.
   *
   * @throws {ServeError} UNUSABLE_VERSION when there is no warm state and nobody to make one
   */
  async stateFor({ featureSet, request, version }: LoadedVersion): Promise<{ take(): OnlineFeatures }> {
    const known = [this.#current?.online, this.#before?.online, this.#given].find(
      (online) => online?.featureSet.version === featureSet.version,
    );
    if (known) return { take: () => this.#use(known) };
    if (!hasWindows(featureSet)) return { take: () => this.#use(featureSet.online()) };
    if (!this.#onlineFor) {
      throw new ServeError(
        'UNUSABLE_VERSION',
        `version ${version.version} needs feature set ${featureSet.version}, for which there is no state with history; pass it as online, or onlineFor to make it`,
        { details: { version: version.version, featureSet: featureSet.version } },
      );
    }
    const collected = new NewestItems<unknown>(MAX_COLLECTED);
    this.#collected = collected;
    try {
      const online = await this.#onlineFor(featureSet);
      if (online.featureSet.version !== featureSet.version) {
        throw new ServeError(
          'UNUSABLE_VERSION',
          `onlineFor gave a state of feature set ${online.featureSet.version}, expected ${featureSet.version}`,
        );
      }
      while (collected.size > CATCH_UP_CHUNK) {
        this.#show(online, request, collected.takeOldest(CATCH_UP_CHUNK));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return {
        take: () => {
          this.#show(online, request, collected.all());
          this.#collected = undefined;
          const lost = collected.dropped;
          if (lost > 0)
            this.#logger.warn({ lost, featureSet: featureSet.version }, 'warm-up took too long; transactions are missing');
          return this.#use(online);
        },
      };
    } catch (error) {
      this.#collected = undefined;
      throw error;
    }
  }

  #use(online: OnlineFeatures): OnlineFeatures {
    this.#given = undefined;
    if (this.#current?.online !== online) {
      this.#before = this.#current;
      this.#current = { online, transactions: canonicalJson(online.featureSet.transactions.toJson()) };
    }
    return online;
  }

  #feedBefore(before: WarmState, row: Row): void {
    if (before.transactions !== this.#current?.transactions) {
      this.#before = undefined;
      return;
    }
    try {
      before.online.observe(row);
    } catch (error) {
      // It has missed an event now, so it is no state to go back to.
      this.#before = undefined;
      const featureSet = before.online.featureSet.version;
      this.#logger.error({ err: error, featureSet }, 'the state of the feature set before refused a transaction and is dropped');
      this.#onDropped();
    }
  }

  /** Shows transactions as callers sent them, since the new feature set may read fields that the old one ignored. */
  #show(online: OnlineFeatures, request: TransactionRequest, inputs: readonly unknown[]): void {
    let refused = 0;
    for (const input of inputs) {
      try {
        online.observe(request.read(input));
      } catch {
        refused++;
      }
    }
    if (refused > 0) this.#logger.warn({ refused }, 'transactions scored during warm-up do not fit the new feature set');
  }
}

function hasWindows({ definitions }: FeatureSet): boolean {
  return Object.values(definitions).some(({ type }) => type === 'window');
}
