/**
 * Features of one event at a time whose histories live in an {@link EntityStateStore}, so that several processes share them. Values and
 * rules are those of {@link OnlineFeatures}; each call asks the store once, and a call that changes something also writes to it once.
 *
 * Two processes may observe transactions of one card at the same moment: a write counts only if nobody else wrote in between, else the
 * call reads again and starts over, so no update is lost. All entities of a transaction are written at once or not at all.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, type Table, canonicalJson, isFraudOpsError, sha256Hex } from '@fraudops/core';
import type { FeatureSet } from '../definitions/feature-set.js';
import { FeatureError } from '../feature-error.js';
import { EntityHistories, type HistoryLimits } from '../windows/entity-histories.js';
import { EventAtHand } from '../windows/event-at-hand.js';
import { type TransactionEvent, cellsOf } from '../windows/event-cell.js';
import { emptyParts, rowPartsReader } from '../windows/event-parts.js';
import type { EntityPlan, FeaturePlan } from '../windows/feature-plan.js';
import { decodeHistory, encodeHistory } from '../windows/history-bytes.js';
import { requireHistory } from '../windows/history-rules.js';
import { type OnlineOptions, historyLimits, withLabels } from '../windows/online-features.js';
import { ENTITY_STATE_LIMITS, type EntityStateChange, type EntityStateStore } from './entity-state-store.js';

/** Options of {@link FeatureSet.online} with a store. */
export interface SharedOnlineOptions extends Pick<OnlineOptions, 'maxEventsPerEntity' | 'latenessMs'> {
  /** Where the histories live. */
  readonly state: EntityStateStore;
  /**
   * States are shared by all who name the same, 1 to 100 letters, digits, `.`, `_` and `-`. Default: the set's version, so that two sets
   * that observe the same transactions never count them twice. A new version of a set then starts without states, see
   * {@link SharedOnlineFeatures.backfill}; or it takes the name of the old one, once that is no longer fed.
   */
  readonly namespace?: string;
  /** How often a write is tried against other writers, and the same write after a cut connection. Default 100, at most 10,000. */
  readonly attempts?: number;
}

/** See the module's comment. */
export interface SharedOnlineFeatures {
  readonly featureSet: FeatureSet;
  /** As {@link OnlineFeatures.featuresFor}. @throws {FeatureError} as there; {StoreError} what the store failed at */
  featuresFor(event: TransactionEvent, into?: Float64Array): Promise<Float64Array>;
  /**
   * As {@link OnlineFeatures.observe}. After a cut connection the same write is given again until its outcome is known.
   *
   * @throws {FeatureError} as there; {StoreError} what the store failed at. UNAVAILABLE: nothing changed, call again. CONFLICT: other
   *   writers were faster `attempts` times, nothing changed. UNKNOWN_OUTCOME: the connection stayed cut; the event may be remembered
   */
  observe(event: TransactionEvent): Promise<void>;
  /** As {@link OnlineFeatures.learnLabel}. @throws as `observe` */
  learnLabel(event: TransactionEvent): Promise<boolean>;
  /**
   * Adds all rows of a table with their labels to what the store has, a few hundred entities at a time. Backfilling a table twice
   * counts it twice; when it fails midway, entities before that are done.
   *
   * @throws as {@link OnlineFeatures.backfill} and `observe`
   */
  backfill(table: Table): Promise<void>;
}

/** Starts features on a store. @throws {FeatureError} INVALID_OPTION */
export function startSharedOnlineFeatures(
  featureSet: FeatureSet,
  plan: FeaturePlan,
  options: SharedOnlineOptions,
): SharedOnlineFeatures {
  const { state, namespace = featureSet.version, attempts = 100, ...limits } = options;
  if (typeof state?.getMany !== 'function' || typeof state.putMany !== 'function')
    throw new FeatureError('INVALID_OPTION', 'online: state is no store of states, expected getMany and putMany');
  if (!(Number.isInteger(attempts) && attempts >= 1 && attempts <= 10_000))
    throw new FeatureError('INVALID_OPTION', `online: attempts is ${attempts}, expected a whole number from 1 to 10000`);
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(namespace)) {
    const rule = 'expected 1 to 100 letters, digits, ".", "_" and "-"';
    throw new FeatureError('INVALID_OPTION', `online: namespace is ${JSON.stringify(String(namespace).slice(0, 120))}, ${rule}`);
  }
  return new StoredFeatures(
    featureSet,
    plan,
    state,
    namespace,
    attempts,
    historyLimits({ ...limits, maxEntities: ENTITY_STATE_LIMITS.keys }),
  );
}

/** One entity of a call: which plan it is of, its key there and in the store. */
interface EntityAddress {
  readonly entity: number;
  readonly key: string;
  readonly stateKey: string;
}

class StoredFeatures implements SharedOnlineFeatures {
  readonly featureSet: FeatureSet;
  readonly #plan: FeaturePlan;
  readonly #store: EntityStateStore;
  readonly #attempts: number;
  readonly #limits: HistoryLimits;
  readonly #atHand: EventAtHand;
  readonly #prefixes: readonly string[];
  /** Histories of the call that runs; nothing stays in them while a call waits. */
  readonly #opened: readonly EntityHistories[];

  constructor(
    featureSet: FeatureSet,
    plan: FeaturePlan,
    store: EntityStateStore,
    namespace: string,
    attempts: number,
    limits: HistoryLimits,
  ) {
    this.featureSet = featureSet;
    this.#plan = plan;
    this.#store = store;
    this.#attempts = attempts;
    this.#limits = limits;
    this.#atHand = new EventAtHand(plan, featureSet.transactions);
    this.#prefixes = plan.entities.map((entity) => `${namespace}:${statePrefix(entity, limits)}`);
    this.#opened = plan.entities.map((entity) => new EntityHistories(entity, limits));
  }

  async featuresFor(given: TransactionEvent, into = new Float64Array(this.#plan.names.length)): Promise<Float64Array> {
    // A copy, since the caller may go on with its own while the store is asked.
    const event = { ...cellsOf(given) };
    this.#atHand.read(event);
    const addresses = this.#addresses();
    const states = await this.#store.getMany(addresses.map(({ stateKey }) => stateKey));
    this.#open(addresses, states);
    this.#atHand.read(event);
    const histories = this.#atHand.parts.map(({ key }, entity) =>
      key === undefined ? undefined : this.#opened[entity]!.open(key),
    );
    return this.#atHand.features(event, histories, into);
  }

  async observe(given: TransactionEvent): Promise<void> {
    const event = { ...cellsOf(given) };
    const remember = () => {
      this.#atHand.read(event);
      this.#atHand.readId(event);
      this.#atHand.parts.forEach((parts, i) => {
        if (parts.key !== undefined) this.#opened[i]!.insert(parts.key, parts);
      });
      return true;
    };
    this.#atHand.read(event);
    this.#atHand.readId(event);
    await this.#update(this.#addresses(), remember);
  }

  async learnLabel(given: TransactionEvent): Promise<boolean> {
    if (!this.featureSet.transactions.label) return false;
    const event = { ...cellsOf(given) };
    const fraud = this.#atHand.fraudOf(event);
    this.#atHand.readKeys(event);
    const id = this.#atHand.idOf(event);
    const addresses = this.#addresses().filter(({ entity }) => this.#plan.entities[entity]!.fraudSlot >= 0);
    const learn = () => {
      this.#atHand.readKeys(event);
      const found = addresses.map(({ entity, key }) =>
        this.#opened[entity]!.open(key)?.learn(this.#plan.entities[entity]!.fraudSlot, this.#atHand.at, id, fraud),
      );
      return found.includes(true);
    };
    return this.#update(addresses, learn);
  }

  async backfill(given: Table): Promise<void> {
    const table = withLabels(given, this.featureSet.transactions);
    const { id } = this.featureSet.transactions;
    const usesIds = id !== undefined && this.#plan.entities.some(({ fraudSlot }) => fraudSlot >= 0);
    requireHistory(this.#plan, this.featureSet.transactions, table, usesIds ? [id] : []);
    const times = table.time(this.featureSet.transactions.time);
    for (const [entity, plan] of this.#plan.entities.entries()) {
      const parts = emptyParts(plan, new Float64Array(1));
      const read = rowPartsReader(plan, this.featureSet.transactions, table, parts);
      const rowsByKey = new Map<string, number[]>();
      for (let row = 0; row < table.rowCount; row++) {
        read(row);
        if (parts.key === undefined) continue;
        const rows = rowsByKey.get(parts.key);
        if (rows) rows.push(row);
        else rowsByKey.set(parts.key, [row]);
      }
      const insert = (key: string) => {
        for (const row of rowsByKey.get(key)!) {
          read(row);
          parts.at[0] = times[row]!;
          this.#opened[entity]!.insert(key, parts);
        }
      };
      const keys = [...rowsByKey.keys()];
      for (let from = 0; from < keys.length; from += BACKFILLED_AT_ONCE) {
        await this.#addRows(entity, keys.slice(from, from + BACKFILLED_AT_ONCE), insert);
      }
    }
  }

  /** Adds the rows of some entities in one write, or in several when their states are too large for one. */
  async #addRows(entity: number, keys: readonly string[], insert: (key: string) => void): Promise<void> {
    const addresses = keys.map((key) => this.#address(entity, key));
    try {
      await this.#update(addresses, () => {
        keys.forEach(insert);
        return true;
      });
    } catch (error) {
      if (!isFraudOpsError(error) || error.code !== 'TOO_LARGE' || keys.length === 1) throw error;
      const half = keys.length >> 1;
      await this.#addRows(entity, keys.slice(0, half), insert);
      await this.#addRows(entity, keys.slice(half), insert);
    }
  }

  /** The entities of the event at hand. */
  #addresses(): EntityAddress[] {
    return this.#atHand.parts.flatMap(({ key }, entity) => (key === undefined ? [] : [this.#address(entity, key)]));
  }

  #address(entity: number, key: string): EntityAddress {
    return { entity, key, stateKey: this.#prefixes[entity]! + stateName(key) };
  }

  /** Fills the histories of this call with states; what an earlier call left in them goes. */
  #open(addresses: readonly EntityAddress[], states: readonly ({ readonly bytes: Uint8Array } | undefined)[]): void {
    for (const histories of this.#opened) histories.clear();
    addresses.forEach(({ entity, key }, i) => {
      const bytes = states[i]?.bytes;
      if (bytes === undefined) return;
      const history = this.#opened[entity]!.openOrCreate(key);
      decodeHistory(this.#plan.entities[entity]!, bytes, history, this.#limits.maxEventsPerEntity);
    });
  }

  /** Reads entities, changes them in one go, and writes them unless `change` says that nothing changed; again while others are faster. */
  async #update(addresses: readonly EntityAddress[], change: () => boolean): Promise<boolean> {
    if (addresses.length === 0) return false;
    const keys = addresses.map(({ stateKey }) => stateKey);
    for (let attempt = 1; attempt <= this.#attempts; attempt++) {
      const states = await this.#store.getMany(keys);
      this.#open(addresses, states);
      if (!change()) return false;
      const changes = addresses.flatMap((address, i) => this.#changeOf(address, states[i]?.version));
      if (await this.#write(changes)) return true;
      // Whoever lost waits a little, so that writers don't stay in step.
      await sleep(randomInt(1, Math.min(50, 2 + attempt)));
    }
    throw new StoreError(
      'CONFLICT',
      `online: other writers changed the entities of this transaction ${this.#attempts} times in a row; call again, or raise attempts`,
      { details: { keys, attempts: this.#attempts } },
    );
  }

  #changeOf({ entity, key, stateKey }: EntityAddress, ifVersion: string | undefined): EntityStateChange[] {
    const plan = this.#plan.entities[entity]!;
    const history = this.#opened[entity]!.open(key);
    if (!history) return [];
    const keptMs = plan.retentionMs + this.#limits.latenessMs + 2 * plan.resolutionMs;
    // By the clock of the store, while windows go by event time: twice as long, and a day, for those who catch up with a backlog.
    const expiresAfterMs = Math.min(2 * keptMs + DAY_MS, ENTITY_STATE_LIMITS.expiresAfterMs);
    return [{ key: stateKey, bytes: encodeHistory(plan, history), ifVersion, version: randomUUID(), expiresAfterMs }];
  }

  /** Gives the same changes again while it isn't known whether they were written. */
  async #write(changes: readonly EntityStateChange[]): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#store.putMany(changes);
      } catch (error) {
        const isUnknown = isFraudOpsError(error) && error.code === 'UNKNOWN_OUTCOME';
        // Once an outcome is unknown, not even an unreachable store makes it known.
        const mayBeWritten = isUnknown || attempt > 1;
        if (!mayBeWritten) throw error;
        if (attempt >= this.#attempts) throw unknownOutcome(error);
        await sleep(Math.min(1000, 10 * attempt));
      }
    }
  }
}

const DAY_MS = 86_400_000;

/** Entities that one step of a backfill reads and writes. */
const BACKFILLED_AT_ONCE = 200;

function unknownOutcome(cause: unknown): StoreError {
  const message = 'online: the connection was cut while a transaction was written and stayed cut; it may be remembered or not';
  return new StoreError('UNKNOWN_OUTCOME', message, { cause });
}

/** What states must share to mean the same: histories of other fields, tiles or lengths have other keys. */
function statePrefix(plan: EntityPlan, { latenessMs }: HistoryLimits): string {
  const { per, resolutionMs, totals, values, retentionMs } = plan;
  const meaning = canonicalJson(JSON.parse(JSON.stringify({ per, resolutionMs, totals, values, retentionMs, latenessMs })));
  return `${sha256Hex(meaning).slice(0, 16)}:`;
}

/** A key as the name of its state: itself when it is short and plain, else its hash. */
function stateName(key: string): string {
  if (/^[\x21-\x7e]{1,200}$/.test(key) && !key.startsWith('#')) return key;
  return `#${sha256Hex(Buffer.from(key, 'utf16le'))}`;
}
