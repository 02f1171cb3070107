/** The event being scored or observed: what each entity sees of it, and its features. Room for one event is used again for all. */
import type { Row } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { type RowFeatureValues, rowFeature } from '../rows/row-feature.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import type { EntityHistory } from './entity-history.js';
import { categoryCell, flagCell, numberCell, timeCell } from './event-cell.js';
import { type EntityParts, emptyParts, eventKey, idHash, readEventParts } from './event-parts.js';
import type { FeaturePlan } from './feature-plan.js';
import { ratioValue } from './feature-value.js';
import { readWindows } from './window-reader.js';

/** Opens the history of an entity of a plan; undefined when nothing is remembered of it. */
export type OpenHistory = (entity: number, key: string) => EntityHistory | undefined;

export class EventAtHand {
  /** Event time in epoch milliseconds, one number. */
  readonly at = new Float64Array(1);
  /** What each entity of the plan sees of the event. */
  readonly parts: readonly EntityParts[];
  readonly #plan: FeaturePlan;
  readonly #transactions: TransactionsDefinition;
  readonly #rows: readonly { readonly slot: number; readonly feature: RowFeatureValues }[];
  readonly #slots: Float64Array;
  readonly #opened: (EntityHistory | undefined)[];

  constructor(plan: FeaturePlan, transactions: TransactionsDefinition) {
    this.#plan = plan;
    this.#transactions = transactions;
    this.parts = plan.entities.map((entity) => emptyParts(entity, this.at));
    this.#rows = plan.rows.map(({ slot, definition }) => ({ slot, feature: rowFeature(definition, transactions) }));
    this.#slots = new Float64Array(plan.slotCount);
    this.#opened = plan.entities.map(() => undefined);
  }

  /** Reads an event, so that a bad one is refused before anything changes. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
  read(event: Row): void {
    this.at[0] = timeCell(event, this.#transactions.time);
    const { entities } = this.#plan;
    for (let i = 0; i < entities.length; i++) readEventParts(entities[i]!, this.#transactions, event, this.parts[i]!);
  }

  /** Reads only when and to whom an event happened. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
  readKeys(event: Row): void {
    this.at[0] = timeCell(event, this.#transactions.time);
    const { entities } = this.#plan;
    for (let i = 0; i < entities.length; i++) this.parts[i]!.key = eventKey(entities[i]!, this.#transactions, event);
  }

  /** Reads what remembering an event needs besides. */
  readId(event: Row): void {
    const { entities } = this.#plan;
    for (let i = 0; i < entities.length; i++) if (entities[i]!.fraudSlot >= 0) this.parts[i]!.idHash = this.idOf(event);
  }

  /** Hash of an event's id. */
  idOf(event: Row): number {
    const { id, fields } = this.#transactions;
    if (id === undefined) return idHash(undefined);
    const { kind, required } = fields[id]!;
    return idHash(kind === 'number' ? numberCell(event, id, required) : categoryCell(event, id, required));
  }

  /** 1 for a fraud, 0 for none. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE when the event has no label */
  fraudOf(event: Row): number {
    return flagCell(event, this.#transactions.label!.field, true);
  }

  /** The features of the event that was read; `event` itself is asked for what only its own row tells. */
  features(event: Row, open: OpenHistory, into: Float64Array): Float64Array {
    const { names, entities, combined } = this.#plan;
    if (into.length < names.length) {
      const message = `featuresFor: into has ${into.length} places for ${names.length} features`;
      throw new FeatureError('INVALID_OPTION', message, { places: into.length, features: names.length });
    }
    const slots = this.#slots;
    // All histories are found before any is read, so that the processor waits for their memory once.
    for (let i = 0; i < entities.length; i++) {
      const { key } = this.parts[i]!;
      this.#opened[i] = key === undefined ? undefined : open(i, key);
    }
    for (let i = 0; i < this.#rows.length; i++) slots[this.#rows[i]!.slot] = this.#rows[i]!.feature.value(event, this.at);
    for (let i = 0; i < entities.length; i++) readWindows(entities[i]!, this.#opened[i], this.parts[i]!, slots);
    for (let i = 0; i < combined.length; i++) {
      const { type, slot, left, right, leftScale, rightScale } = combined[i]!;
      slots[slot] =
        type === 'ratio' ? ratioValue(slots[left]!, leftScale, slots[right]!, rightScale) : slots[left]! - slots[right]!;
    }
    for (let i = 0; i < names.length; i++) into[i] = slots[i]!;
    return into;
  }
}
