/**
 * Features of one event at a time, in the request path. They equal those that {@link FeatureSet.compute} gives over history, bit for
 * bit, when events are observed in order of time and labels are learned by the time they are known.
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
import type { Row, Table } from '@fraudops/core';
import { requireColumns, requireSummableValues, requireTimeOrder } from './compute-features.js';
import type { FeatureSet } from '../definitions/define-features.js';
import { EntityHistories } from './entity-histories.js';
import { type EntityHistory, MAX_SUMMED_EVENTS } from './entity-history.js';
import { categoryCell, flagCell, idNumber, numberCell, timeCell } from './event-cell.js';
import { FeatureError } from '../feature-error.js';
import type { EntityPlan, FeaturePlan } from './feature-plan.js';
import { timeValue, windowValue } from './feature-value.js';
import { type MinorUnits, canBeSummed, summedRule, unitsOrZero } from '../definitions/minor-units.js';

/** Limits of {@link OnlineFeatures}. */
export interface OnlineOptions {
  /**
   * Most transactions remembered of one entity, the oldest dropped. Default 50,000; at most 60,000 when a feature is a sum or a mean,
   * so that sums stay exact, else 10,000,000.
   */
  readonly maxEventsPerEntity?: number;
  /** Most entities remembered of each entity field, one that had no transaction lately dropped. Default 1,000,000; at most 16,000,000. */
  readonly maxEntities?: number;
  /** How late an event may be and still get the features it would have had in order, in milliseconds. Default one hour. */
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
  featuresFor(event: Row, into?: Float64Array): Float64Array;
  /** Remembers an event; its label is not looked at. @throws {FeatureError} as `featuresFor`; nothing is changed then */
  observe(event: Row): void;
  /**
   * Sets the label of a remembered event, found by its entities, time and id. It counts in windows from its knowledge time on, even
   * when it is learned earlier. Learning again changes it. Without an id field, or without the event's id, it goes to the first event
   * of that entity and moment which has the other label.
   *
   * @param event the event's row with its label
   * @returns false when no such event is remembered (it may have been forgotten) or no feature uses labels
   * @throws {FeatureError} MISSING_VALUE or INVALID_VALUE, naming the field
   */
  learnLabel(event: Row): boolean;
  /**
   * Remembers all rows of a table with their labels, as {@link OnlineFeatures.observe} and {@link OnlineFeatures.learnLabel} would. A
   * label counts from its knowledge time on, as always; one that is missing can be learned later.
   *
   * @param table transactions in order of time
   * @throws {FeatureError} as {@link FeatureSet.compute}; nothing is changed then
   */
  backfill(table: Table): void;
  /** How much is remembered, and what the limits have cost. Walks over all entities. */
  memory(): OnlineMemory;
}

/** See {@link OnlineFeatures.memory}. */
export interface OnlineMemory {
  /** Entities remembered, of all entity fields together. */
  readonly entities: number;
  /** Transactions remembered; one with two entities counts twice. */
  readonly events: number;
  /** Bytes of their numbers; keys and objects come on top. */
  readonly sizeBytes: number;
  /** Transactions dropped because of `maxEventsPerEntity`, so far. */
  readonly eventsDropped: number;
  /** Entities dropped because of `maxEntities`, so far. */
  readonly entitiesDropped: number;
}

/** Starts with nothing remembered. @throws {FeatureError} INVALID_OPTION */
export function startOnlineFeatures(featureSet: FeatureSet, plan: FeaturePlan, options: OnlineOptions): OnlineFeatures {
  const { maxEventsPerEntity = 50_000, maxEntities = 1_000_000, latenessMs = 3_600_000 } = options;
  const addsUp = plan.entities.some(({ totals }) => totals.some(({ of }) => of === 'units'));
  requireLimit('maxEventsPerEntity', maxEventsPerEntity, 1, addsUp ? MAX_SUMMED_EVENTS : 10_000_000);
  requireLimit('maxEntities', maxEntities, 1, 16_000_000);
  requireLimit('latenessMs', latenessMs, 0, Number.MAX_SAFE_INTEGER);
  return new InMemoryFeatures(featureSet, plan, { maxEventsPerEntity, maxEntities, latenessMs });
}

function requireLimit(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new FeatureError('INVALID_OPTION', `online: ${name} is ${value}, expected a whole number from ${least} to ${most}`, {
    name,
    value,
  });
}

/** One entity field at work: its plan, its histories, and the event at hand as they see it. */
interface EntityState {
  readonly plan: EntityPlan;
  readonly required: boolean;
  readonly histories: EntityHistories;
  /** What the event at hand adds to each running total, then its id when labels are used. */
  readonly values: Float64Array;
  /** The event's entity; undefined when it has none. */
  key: string | undefined;
  /** What is remembered of it; undefined when nothing is. */
  history: EntityHistory | undefined;
}

class InMemoryFeatures implements OnlineFeatures {
  readonly featureSet: FeatureSet;
  readonly #plan: FeaturePlan;
  readonly #limits: Required<OnlineOptions>;
  readonly #entities: readonly EntityState[];
  #eventsDropped = 0;

  constructor(featureSet: FeatureSet, plan: FeaturePlan, limits: Required<OnlineOptions>) {
    this.featureSet = featureSet;
    this.#plan = plan;
    this.#limits = limits;
    this.#entities = plan.entities.map((entity) => ({
      plan: entity,
      required: featureSet.transactions.fields[entity.entity]!.required,
      histories: new EntityHistories(limits.maxEntities, entity.totals.length, entity.fraudSlot >= 0),
      values: new Float64Array(entity.totals.length + 1),
      key: undefined,
      history: undefined,
    }));
  }

  featuresFor(event: Row, into: Float64Array = new Float64Array(this.#plan.names.length)): Float64Array {
    const { fields, time } = this.featureSet.transactions;
    if (into.length < this.#plan.names.length) {
      throw new FeatureError(
        'INVALID_OPTION',
        `featuresFor: into has ${into.length} places for ${this.#plan.names.length} features`,
      );
    }
    const epochMs = timeCell(event, time);
    this.#readEntities(event);
    for (const { index, field } of this.#plan.fieldFeatures) {
      const { kind, required } = fields[field]!;
      into[index] = kind === 'flag' ? flagCell(event, field, required) : numberCell(event, field, required);
    }
    for (const { index, definition } of this.#plan.timeFeatures) into[index] = timeValue(definition, epochMs);
    for (const entity of this.#entities) readWindows(entity, epochMs, into);
    return into;
  }

  observe(event: Row): void {
    const epochMs = timeCell(event, this.featureSet.transactions.time);
    this.#readEntities(event);
    for (const { plan, values } of this.#entities) if (plan.fraudSlot >= 0) values[plan.totals.length] = this.#idOf(event);
    this.#remember(epochMs);
  }

  learnLabel(event: Row): boolean {
    const { time, label } = this.featureSet.transactions;
    if (!label) return false;
    const epochMs = timeCell(event, time);
    const fraud = flagCell(event, label.field, true);
    const id = this.#idOf(event);
    let found = false;
    for (const { plan, required, histories } of this.#entities) {
      if (plan.fraudSlot < 0) continue;
      const key = categoryCell(event, plan.entity, required);
      const history = key === undefined ? undefined : histories.get(key);
      if (history?.learn(plan.fraudSlot, epochMs, id, fraud)) found = true;
    }
    return found;
  }

  backfill(table: Table): void {
    const { transactions } = this.featureSet;
    const { time, id, label } = transactions;
    const usesLabels = this.#entities.some(({ plan }) => plan.fraudSlot >= 0);
    requireColumns(this.#plan, transactions, table, usesLabels && id !== undefined ? [id] : []);
    const times = table.time(time);
    requireTimeOrder(time, times);
    requireSummableValues(this.#plan, table);
    const labels = usesLabels ? table.flag(label!.field) : undefined;
    const readers = this.#entities.map((entity) => entityReader(entity, table));
    const idAt = usesLabels && id !== undefined ? idReader(table, id) : () => Number.NaN;
    for (let row = 0; row < table.rowCount; row++) {
      for (const read of readers) read(row);
      if (labels) {
        for (const { plan, values } of this.#entities) {
          if (plan.fraudSlot < 0) continue;
          values[plan.fraudSlot] = labels[row] === 1 ? 1 : 0;
          values[plan.totals.length] = idAt(row);
        }
      }
      this.#remember(times[row]!);
    }
  }

  memory(): OnlineMemory {
    let entities = 0;
    let events = 0;
    let sizeBytes = 0;
    let entitiesDropped = 0;
    for (const { histories } of this.#entities) {
      entities += histories.all().length;
      entitiesDropped += histories.dropped;
      for (const history of histories.all()) {
        events += history.size;
        sizeBytes += history.sizeBytes;
      }
    }
    return { entities, events, sizeBytes, eventsDropped: this.#eventsDropped, entitiesDropped };
  }

  #idOf(event: Row): number {
    const { id, fields } = this.featureSet.transactions;
    if (id === undefined) return Number.NaN;
    const { kind, required } = fields[id]!;
    return idNumber(kind === 'number' ? numberCell(event, id, required) : categoryCell(event, id, required));
  }

  /** Reads keys and running totals' values of an event, so that a bad event is refused before anything changes. */
  #readEntities(event: Row): void {
    const { fields } = this.featureSet.transactions;
    for (const entity of this.#entities) {
      const { plan, values } = entity;
      enter(entity, categoryCell(event, plan.entity, entity.required));
      for (let slot = 0; slot < plan.totals.length; slot++) {
        const total = plan.totals[slot]!;
        if (total.of === 'frauds') {
          values[slot] = 0;
          continue;
        }
        const value = numberCell(event, total.field, fields[total.field]!.required);
        if (total.of === 'presence') values[slot] = Number.isNaN(value) ? 0 : 1;
        else values[slot] = requireSummable(value, total.field, total.units);
      }
    }
  }

  /** Puts the event at hand into its entities' histories. */
  #remember(epochMs: number): void {
    const { maxEventsPerEntity, latenessMs } = this.#limits;
    for (const entity of this.#entities) {
      const { plan, histories, key, values } = entity;
      if (key === undefined) continue;
      entity.history ??= histories.add(key);
      this.#eventsDropped += entity.history.forget(epochMs - plan.retentionMs - latenessMs, maxEventsPerEntity - 1);
      entity.history.insert(epochMs, values);
    }
  }
}

function enter(entity: EntityState, key: string | undefined): void {
  entity.key = key;
  entity.history = key === undefined ? undefined : entity.histories.get(key);
}

function readWindows({ plan, key, history, values }: EntityState, epochMs: number, into: Float64Array): void {
  for (const { windowMs, delayMs, reads } of plan.windows) {
    const untilMs = epochMs - delayMs;
    const first = history === undefined ? 0 : history.countUntil(untilMs - windowMs);
    const last = history === undefined ? 0 : history.countUntil(untilMs);
    const own = delayMs === 0 ? 1 : 0;
    for (const { index, aggregate, totalSlot, countSlot, units } of reads) {
      if (key === undefined) {
        into[index] = Number.NaN;
        continue;
      }
      const count = countSlot < 0 ? last - first + own : between(history, countSlot, first, last) + own * values[countSlot]!;
      const total = totalSlot < 0 ? 0 : between(history, totalSlot, first, last) + own * values[totalSlot]!;
      into[index] = windowValue(aggregate, count, total, units);
    }
  }
}

function between(history: EntityHistory | undefined, slot: number, first: number, last: number): number {
  return history === undefined ? 0 : history.totalBefore(slot, last) - history.totalBefore(slot, first);
}

/** Reads an entity's key and running totals' values of a row, as `#readEntities` does of an event. */
function entityReader(entity: EntityState, table: Table): (row: number) => void {
  const { plan, values } = entity;
  const { codes, dictionary } = table.category(plan.entity);
  const columns = plan.totals.map(({ of, field }) => (of === 'frauds' ? undefined : table.number(field)));
  return (row) => {
    enter(entity, codes[row]! < 0 ? undefined : dictionary[codes[row]!]);
    for (let slot = 0; slot < plan.totals.length; slot++) {
      const total = plan.totals[slot]!;
      if (total.of === 'frauds') continue;
      const value = columns[slot]![row]!;
      if (total.of === 'presence') values[slot] = Number.isNaN(value) ? 0 : 1;
      else values[slot] = unitsOrZero(value, total.units);
    }
  };
}

function idReader(table: Table, id: string): (row: number) => number {
  const column = table.column(id);
  if (column.kind === 'category') {
    const { codes, dictionary } = column;
    return (row) => idNumber(dictionary[codes[row]!]);
  }
  const values = table.number(id);
  return (row) => values[row]!;
}

function requireSummable(value: number, field: string, units: MinorUnits): number {
  if (canBeSummed(value, units)) return unitsOrZero(value, units);
  throw new FeatureError('INVALID_VALUE', `event: ${field} is ${value}, expected a number ${summedRule(units)}`, {
    field,
    value,
  });
}
