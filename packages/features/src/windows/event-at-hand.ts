/** The event being scored or observed: what each entity sees of it, and its features. Room for one event is used again for all. */
import type { Row } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { type RowFeatureValues, rowFeature } from '../rows/row-feature.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import type { EntityHistory } from './entity-history.js';
import { type EventField, categoryCell, eventField, flagCell, readNumber, readTime } from './event-cell.js';
import {
  type EntityFields,
  type EntityParts,
  emptyParts,
  entityFields,
  eventKey,
  idHash,
  readEventParts,
} from './event-parts.js';
import type { FeaturePlan } from './feature-plan.js';
import { ratioValue } from './feature-value.js';
import { WindowReader } from './window-reader.js';

export class EventAtHand {
  /** Event time in epoch milliseconds, one number. */
  readonly at = new Float64Array(1);
  /** What each entity of the plan sees of the event. */
  readonly parts: readonly EntityParts[];
  readonly #plan: FeaturePlan;
  readonly #transactions: TransactionsDefinition;
  readonly #rows: readonly { readonly slot: number; readonly feature: RowFeatureValues }[];
  readonly #time: EventField;
  readonly #idField: EventField | undefined;
  readonly #label: EventField | undefined;
  readonly #fields: readonly EntityFields[];
  readonly #slots: Float64Array;
  readonly #id = new Float64Array(1);
  readonly #readers: readonly WindowReader[];

  constructor(plan: FeaturePlan, transactions: TransactionsDefinition) {
    this.#plan = plan;
    this.#transactions = transactions;
    this.parts = plan.entities.map((entity) => emptyParts(entity, this.at));
    const { time, id, label } = transactions;
    this.#time = eventField(transactions, time);
    this.#idField = id === undefined ? undefined : eventField(transactions, id);
    this.#label = label && { ...eventField(transactions, label.field), required: true };
    this.#fields = plan.entities.map((entity) => entityFields(entity, transactions));
    this.#rows = plan.rows.map(({ slot, definition }) => ({ slot, feature: rowFeature(definition, transactions) }));
    this.#slots = new Float64Array(plan.slotCount);
    this.#readers = plan.entities.map((entity) => new WindowReader(entity));
  }

  /** Reads an event, so that a bad one is refused before anything changes. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
  read(event: Row): void {
    readTime(event, this.#time, this.at);
    const { entities } = this.#plan;
    for (let i = 0; i < entities.length; i++) readEventParts(entities[i]!, this.#fields[i]!, event, this.parts[i]!);
  }

  /** Reads only when and to whom an event happened. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
  readKeys(event: Row): void {
    readTime(event, this.#time, this.at);
    const { entities } = this.#plan;
    for (let i = 0; i < entities.length; i++) this.parts[i]!.key = eventKey(this.#fields[i]!, event);
  }

  /** Reads what remembering an event needs besides. */
  readId(event: Row): void {
    const { entities } = this.#plan;
    for (let i = 0; i < entities.length; i++) if (entities[i]!.fraudSlot >= 0) this.parts[i]!.idHash = this.idOf(event);
  }

  /** Hash of an event's id. */
  idOf(event: Row): number {
    const field = this.#idField;
    if (field === undefined) return idHash(undefined);
    if (this.#transactions.fields[field.name]!.kind !== 'number') return idHash(categoryCell(event, field));
    readNumber(event, field, this.#id, 0);
    return idHash(this.#id[0]);
  }

  /** 1 for a fraud, 0 for none. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE when the event has no label */
  fraudOf(event: Row): number {
    return flagCell(event, this.#label!);
  }

  /**
   * The features of the event that was read; `event` itself is asked for what only its own row tells.
   *
   * @param opened the history of each entity of the plan; undefined when nothing is remembered of it
   */
  features(event: Row, opened: readonly (EntityHistory | undefined)[], into: Float64Array): Float64Array {
    const { names, entities, combined } = this.#plan;
    if (into.length < names.length) {
      const message = `featuresFor: into has ${into.length} places for ${names.length} features`;
      throw new FeatureError('INVALID_OPTION', message, { places: into.length, features: names.length });
    }
    const slots = this.#slots;
    for (let i = 0; i < this.#rows.length; i++) {
      const { slot, feature } = this.#rows[i]!;
      feature.read(event, this.at, slots, slot);
    }
    for (let i = 0; i < entities.length; i++) this.#readers[i]!.read(opened[i], this.parts[i]!, slots);
    for (let i = 0; i < combined.length; i++) {
      const { type, slot, left, right, leftScale, rightScale } = combined[i]!;
      slots[slot] =
        type === 'ratio' ? ratioValue(slots[left]!, leftScale, slots[right]!, rightScale) : slots[left]! - slots[right]!;
    }
    for (let i = 0; i < names.length; i++) into[i] = slots[i]!;
    return into;
  }
}
