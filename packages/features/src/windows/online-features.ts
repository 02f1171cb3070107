/**
 * Features of one event at a time, in the request path. They equal those that {@link FeatureSet.compute} gives over history, bit for
 * bit, when events are observed in order of arrival and labels are learned when they are known.
 *
 * **Order of calls.** For each transaction: {@link OnlineFeatures.featuresFor}, then {@link OnlineFeatures.observe}; when its label
 * arrives, {@link OnlineFeatures.learnLabel}.
 *
 * **Late events.** An event that arrives late is remembered at its event time, behind those of the same moment, and counts from then
 * on in every window that holds that time. Features already served are not revised. Its own features are those of its event time.
 *
 * **What is remembered.** For each entity, the transactions of its longest window and delay before its last one, and `latenessMs`
 * more; at most `maxEventsPerEntity`, the oldest dropped; for each entity field at most `maxEntities`, one that had
 * no transaction lately dropped. Where one of the two limits is hit, windows miss what was dropped; {@link OnlineFeatures.memory} counts it.
 */
import { MISSING_FLAG, type Table, flagColumn, timeColumn } from '@fraudops/core';
import type { FeatureSet } from '../definitions/feature-set.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { FeatureError } from '../feature-error.js';
import { EntityHistories, type HistoryLimits } from './entity-histories.js';
import type { EntityHistory } from './entity-history.js';
import { EventAtHand } from './event-at-hand.js';
import { type TransactionEvent, cellsOf } from './event-cell.js';
import { rowPartsReader } from './event-parts.js';
import type { FeaturePlan } from './feature-plan.js';
import { requireHistory } from './history-rules.js';
import { type StateOf, restoreHistories, savedHistories } from './saved-histories.js';

/** Limits of {@link OnlineFeatures}. */
export interface OnlineOptions {
  /** Most transactions (or tiles) remembered of one entity, the oldest dropped. Default 50,000; at most 60,000, so that sums stay exact. */
  readonly maxEventsPerEntity?: number;
  /** Most entities remembered of each entity field, one that had no transaction lately dropped. Default 1,000,000; at most 16,000,000. */
  readonly maxEntities?: number;
  /**
   * How late an event may be and still get the features it would have had in order, in milliseconds. One that is older than all
   * windows and this is not remembered. Default one hour.
   */
  readonly latenessMs?: number;
}

/** See the module's comment. */
export interface OnlineFeatures {
  readonly featureSet: FeatureSet;
  /**
   * The features of an event, in the order of the set's names. The event itself counts in its windows but is not remembered.
   *
   * @param event values by field name; the label is not looked at
   * @param into receives the features and is returned, so that nothing is allocated. Default: a new array
   * @throws {FeatureError} MISSING_VALUE or INVALID_VALUE, naming the field
   */
  featuresFor(event: TransactionEvent, into?: Float64Array): Float64Array;
  /** Remembers an event; its label is not looked at. @throws {FeatureError} as `featuresFor`; nothing is changed then */
  observe(event: TransactionEvent): void;
  /**
   * Sets the label of a remembered event, found by its entities, time and id. It counts from now on, in windows that begin no sooner
   * after the event than their delay says. Learning again changes it. An event that was observed twice has it twice. Without an id field,
   * or without the event's id, a fraud goes to one event of that entity and moment which has none yet, and a label can't be taken back.
   *
   * @param event entities, time, id and label of the event; what else it has is ignored
   * @returns false when no such event is remembered: not yet (then learn it again once it was observed), or no more; also when no feature
   *   uses labels
   * @throws {FeatureError} MISSING_VALUE or INVALID_VALUE, naming the field
   */
  learnLabel(event: TransactionEvent): boolean;
  /**
   * Remembers all rows of a table with their labels, as {@link OnlineFeatures.observe} and {@link OnlineFeatures.learnLabel} would. A
   * label counts in windows from its delay on, as always. One that is missing is to be learned later; and where the transactions
   * have `arrival` or `label.knownAt`, so is one that was not known yet when the last row arrived.
   *
   * @param table transactions in order of arrival
   * @throws {FeatureError} as {@link FeatureSet.compute}; nothing is changed then. Only tiles that could not be added up exactly are
   *   found out on the way, with the rows before remembered
   */
  backfill(table: Table): void;
  /** How much is remembered, and what the limits have cost. Walks over all entities. */
  memory(): OnlineMemory;
  /**
   * All that is remembered as bytes, in chunks of about a megabyte, for {@link OnlineFeatures.restore}. Take all chunks before the next
   * event is observed.
   *
   * @example await writeFile('state.bin', Readable.from(online.save()))
   */
  save(): IterableIterator<Uint8Array>;
  /**
   * Forgets everything and remembers what was saved instead; features go on as if nothing had happened.
   *
   * @param saved what `save` gave, in chunks of any sizes
   * @throws {FeatureError} INVALID_FILE when it is damaged, or of another feature set or `latenessMs`; nothing is remembered
   *   then
   */
  restore(saved: Iterable<Uint8Array>): void;
}

/** See {@link OnlineFeatures.memory}. */
export interface OnlineMemory {
  /** Entities remembered, of all entity fields together. */
  readonly entities: number;
  /** Transactions remembered (tiles, where a feature has a resolution); one with two entities counts twice. */
  readonly events: number;
  /** Bytes that hold them; keys come on top. */
  readonly sizeBytes: number;
  /** Transactions dropped because of `maxEventsPerEntity`, so far. */
  readonly eventsDropped: number;
  /** Entities dropped because of `maxEntities`, so far. */
  readonly entitiesDropped: number;
}

/** Starts with nothing remembered. @throws {FeatureError} INVALID_OPTION */
export function startOnlineFeatures(featureSet: FeatureSet, plan: FeaturePlan, options: OnlineOptions): OnlineFeatures {
  return new InMemoryFeatures(featureSet, plan, historyLimits(options));
}

/** The limits with their defaults. @throws {FeatureError} INVALID_OPTION */
export function historyLimits(options: OnlineOptions): HistoryLimits {
  const { maxEventsPerEntity = 50_000, maxEntities = 1_000_000, latenessMs = 3_600_000 } = options;
  requireLimit('maxEventsPerEntity', maxEventsPerEntity, 1, 60_000);
  requireLimit('maxEntities', maxEntities, 1, 16_000_000);
  requireLimit('latenessMs', latenessMs, 0, Number.MAX_SAFE_INTEGER);
  return { maxEventsPerEntity, maxEntities, latenessMs };
}

function requireLimit(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new FeatureError('INVALID_OPTION', `online: ${name} is ${value}, expected a whole number from ${least} to ${most}`, {
    name,
    value,
  });
}

/** A table in which no label is known yet may leave out the columns of labels. */
export function withLabels(table: Table, { label }: TransactionsDefinition): Table {
  if (!label || table.has(label.field)) return table;
  const unknown = table.with(label.field, flagColumn(new Uint8Array(table.rowCount).fill(MISSING_FLAG)));
  if (label.knownAt === undefined || table.has(label.knownAt)) return unknown;
  return unknown.with(label.knownAt, timeColumn(new Float64Array(table.rowCount).fill(Number.NaN)));
}

class InMemoryFeatures implements OnlineFeatures {
  readonly featureSet: FeatureSet;
  readonly #plan: FeaturePlan;
  readonly #limits: HistoryLimits;
  readonly #atHand: EventAtHand;
  /** The histories of the event at hand. */
  readonly #opened: (EntityHistory | undefined)[];
  #histories: readonly EntityHistories[];
  /** What was read ahead, one number. It means nothing, but the compiler would leave out reading what is not kept. */
  readonly #readAhead = new Int32Array(1);

  constructor(featureSet: FeatureSet, plan: FeaturePlan, limits: HistoryLimits) {
    this.featureSet = featureSet;
    this.#plan = plan;
    this.#limits = limits;
    this.#atHand = new EventAtHand(plan, featureSet.transactions);
    this.#histories = this.#empty();
    this.#opened = plan.entities.map(() => undefined);
  }

  featuresFor(given: TransactionEvent, into: Float64Array = new Float64Array(this.#plan.names.length)): Float64Array {
    const event = cellsOf(given);
    this.#atHand.read(event);
    this.#openHistories();
    return this.#atHand.features(event, this.#opened, into);
  }

  observe(given: TransactionEvent): void {
    const event = cellsOf(given);
    this.#atHand.read(event);
    this.#atHand.readId(event);
    this.#requireRoom();
    this.#remember();
  }

  learnLabel(given: TransactionEvent): boolean {
    const { transactions } = this.featureSet;
    if (!transactions.label) return false;
    const event = cellsOf(given);
    const fraud = this.#atHand.fraudOf(event);
    this.#atHand.readKeys(event);
    const id = this.#atHand.idOf(event);
    let found = false;
    for (let i = 0; i < this.#plan.entities.length; i++) {
      const { fraudSlot } = this.#plan.entities[i]!;
      const { key } = this.#atHand.parts[i]!;
      if (fraudSlot < 0 || key === undefined) continue;
      if (this.#histories[i]!.open(key)?.learn(fraudSlot, this.#atHand.at, id, fraud)) found = true;
    }
    return found;
  }

  backfill(given: Table): void {
    const { transactions } = this.featureSet;
    const table = withLabels(given, transactions);
    const { id } = transactions;
    const usesIds = id !== undefined && this.#plan.entities.some(({ fraudSlot }) => fraudSlot >= 0);
    requireHistory(this.#plan, transactions, table, usesIds ? [id] : []);
    const times = table.time(transactions.time);
    const readers = this.#plan.entities.map((plan, i) => rowPartsReader(plan, transactions, table, this.#atHand.parts[i]!));
    for (let row = 0; row < table.rowCount; row++) {
      for (const read of readers) read(row);
      this.#atHand.at[0] = times[row]!;
      this.#remember();
    }
  }

  memory(): OnlineMemory {
    let [entities, events, sizeBytes, eventsDropped, entitiesDropped] = [0, 0, 0, 0, 0];
    for (const histories of this.#histories) {
      entities += histories.size;
      sizeBytes += histories.sizeBytes;
      eventsDropped += histories.eventsDropped;
      entitiesDropped += histories.entitiesDropped;
      for (const key of histories.keys()) events += histories.open(key)!.size;
    }
    return { entities, events, sizeBytes, eventsDropped, entitiesDropped };
  }

  save(): IterableIterator<Uint8Array> {
    return savedHistories(this.#stateOf(), this.#plan, this.#histories);
  }

  restore(saved: Iterable<Uint8Array>): void {
    this.#histories = this.#empty();
    const restored = this.#empty();
    restoreHistories(saved, this.#stateOf(), this.#plan, restored, this.#limits.maxEventsPerEntity);
    this.#histories = restored;
  }

  #stateOf(): StateOf {
    return { version: this.featureSet.version, latenessMs: this.#limits.latenessMs };
  }

  #empty(): readonly EntityHistories[] {
    return this.#plan.entities.map((plan) => new EntityHistories(plan, this.#limits));
  }

  /** Refuses an event that one of its entities can't take, before another one has taken it. */
  #requireRoom(): void {
    for (let i = 0; i < this.#plan.entities.length; i++) {
      const { key } = this.#atHand.parts[i]!;
      if (this.#plan.entities[i]!.resolutionMs === 0 || key === undefined) continue;
      this.#histories[i]!.open(key)?.requireRoomFor(this.#atHand.parts[i]!);
    }
  }

  /**
   * Opens the histories of the event at hand. Each step is taken for all of them before the next one, and reads ahead what that will need, so
   * that the processor waits for the memory of all of them at once.
   */
  #openHistories(): void {
    const { parts } = this.#atHand;
    const histories = this.#histories;
    let read = 0;
    for (let i = 0; i < parts.length; i++) {
      const { key } = parts[i]!;
      if (key !== undefined) read ^= histories[i]!.approachKey(key);
    }
    for (let i = 0; i < parts.length; i++) if (parts[i]!.key !== undefined) read ^= histories[i]!.approachHistory();
    for (let i = 0; i < parts.length; i++) {
      const history = parts[i]!.key === undefined ? undefined : histories[i]!.openApproached();
      this.#opened[i] = history;
      if (history !== undefined) read ^= history.approachEnds();
    }
    this.#readAhead[0] = read;
  }

  /** Puts the event at hand into its entities' histories. */
  #remember(): void {
    const { parts } = this.#atHand;
    for (let i = 0; i < parts.length; i++) {
      const event = parts[i]!;
      if (event.key !== undefined) this.#histories[i]!.insert(event.key, event);
    }
  }
}
