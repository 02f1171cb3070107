/**
 * The histories of one entity field (or pair) by key, at most so many of them. When one more is needed, one goes that was not used
 * lately, found by the clock algorithm (Corbató 1968): a hand goes around over the histories; one that got a transaction since the hand
 * last came by is spared once, the first other one goes. Looking up and using a history neither allocates nor moves anything.
 */
import { type EntityEvent, EntityHistory } from './entity-history.js';
import { layoutOf } from './history-layout.js';
import { HistorySlab } from './history-slab.js';
import type { EntityPlan } from './feature-plan.js';
import { KeyNumbers } from './key-numbers.js';

/** Limits of histories; see `OnlineOptions`. */
export interface HistoryLimits {
  readonly maxEntities: number;
  readonly maxEventsPerEntity: number;
  readonly latenessMs: number;
}

export class EntityHistories {
  /** Entities that had to go, so far. */
  entitiesDropped = 0;
  /** Transactions forgotten because an entity had too many, so far. */
  eventsDropped = 0;
  readonly #limits: HistoryLimits;
  readonly #slab = new HistorySlab();
  readonly #history: EntityHistory;
  readonly #numbers = new KeyNumbers();
  /** How many numbers were given out. */
  #count = 0;
  #usedLately = new Uint8Array(64);
  #hand = 0;
  #lastKey = '';
  #lastNumber = -1;

  constructor(plan: EntityPlan, limits: HistoryLimits) {
    this.#limits = limits;
    this.#history = new EntityHistory(layoutOf(plan, limits.latenessMs), this.#slab);
  }

  /** Entities with a history. */
  get size(): number {
    return this.#count;
  }

  /** Bytes of the histories; keys come on top. */
  get sizeBytes(): number {
    return this.#slab.sizeBytes + this.#usedLately.byteLength;
  }

  /** Keys of all entities. */
  keys(): IterableIterator<string> {
    return this.#numbers.keys();
  }

  /**
   * {@link open} in three steps: this one, {@link approachHistory} and {@link openApproached}. The first two read what the next one will need.
   * Taken for all entities of an event, one step after the other, they let the processor wait for the memory of all of them at once. They
   * return what they read, which means nothing.
   */
  approachKey(key: string): number {
    this.#lastKey = key;
    this.#lastNumber = -1;
    return this.#numbers.approach(key);
  }

  /** The second step. */
  approachHistory(): number {
    this.#lastNumber = this.#numbers.getApproached(this.#lastKey);
    return this.#lastNumber < 0 ? 0 : this.#slab.approach(this.#lastNumber);
  }

  /** The third step; what it gives is that of {@link open}. */
  openApproached(): EntityHistory | undefined {
    if (this.#lastNumber < 0) return undefined;
    this.#history.open(this.#lastNumber);
    return this.#history;
  }

  /** Opens the history of a key, valid until the next one is opened; undefined when there is none. */
  open(key: string): EntityHistory | undefined {
    const number = this.#numberOf(key);
    if (number < 0) return undefined;
    this.#history.open(number);
    return this.#history;
  }

  /** Adds a transaction to the history of a key. @throws {FeatureError} as {@link EntityHistory.insert} */
  insert(key: string, event: EntityEvent): void {
    const history = this.openOrCreate(key);
    this.eventsDropped += history.insert(event, this.#limits.maxEventsPerEntity);
    this.#usedLately[this.#lastNumber] = 1;
  }

  /** Opens the history of a key, empty when there was none; when there is no room for it, another one goes. */
  openOrCreate(key: string): EntityHistory {
    const found = this.open(key);
    if (found) return found;
    const number = this.#count < this.#limits.maxEntities ? this.#nextNumber() : this.#numberOfDropped();
    this.#numbers.set(key, number);
    this.#lastKey = key;
    this.#lastNumber = number;
    this.#history.create(number);
    return this.#history;
  }

  /** Forgets everything. */
  clear(): void {
    for (let number = 0; number < this.#count; number++) this.#slab.release(number);
    this.#numbers.clear();
    this.#count = 0;
    this.#lastNumber = -1;
    this.#hand = 0;
  }

  #numberOf(key: string): number {
    // The key just scored is usually the one observed next.
    if (key === this.#lastKey && this.#lastNumber >= 0) return this.#lastNumber;
    const number = this.#numbers.get(key);
    if (number < 0) return -1;
    this.#lastKey = key;
    this.#lastNumber = number;
    return number;
  }

  #nextNumber(): number {
    const number = this.#count++;
    if (number >= this.#usedLately.length) {
      const longer = new Uint8Array(Math.ceil(number * 1.25) + 1);
      longer.set(this.#usedLately);
      this.#usedLately = longer;
    }
    this.#usedLately[number] = 0;
    return number;
  }

  #numberOfDropped(): number {
    while (this.#usedLately[this.#hand] === 1) {
      this.#usedLately[this.#hand] = 0;
      this.#hand = (this.#hand + 1) % this.#limits.maxEntities;
    }
    const number = this.#hand;
    this.#numbers.delete(this.#numbers.key(number));
    this.#hand = (this.#hand + 1) % this.#limits.maxEntities;
    this.entitiesDropped++;
    return number;
  }
}
