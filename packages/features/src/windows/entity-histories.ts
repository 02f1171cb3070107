/**
 * The histories of one entity field by key, at most so many of them. When one more is needed, one goes that was not used lately, found
 * by the clock algorithm (Corbató 1968): a hand goes around over the histories; one that was used since the hand last came by is spared
 * once, the first other one goes. Using a history only sets a mark on it, so neither looking up nor using allocates or moves anything.
 */
import { EntityHistory } from './entity-history.js';

export class EntityHistories {
  readonly #byKey = new Map<string, EntityHistory>();
  readonly #around: EntityHistory[] = [];
  readonly #limit: number;
  readonly #totalCount: number;
  readonly #withIds: boolean;
  #hand = 0;
  /** How many histories had to go, so far. */
  dropped = 0;

  /** @param totalCount running totals a transaction @param withIds whether transactions' ids are kept */
  constructor(limit: number, totalCount: number, withIds: boolean) {
    this.#limit = limit;
    this.#totalCount = totalCount;
    this.#withIds = withIds;
  }

  get(key: string): EntityHistory | undefined {
    return this.#byKey.get(key);
  }

  /** All histories. */
  all(): readonly EntityHistory[] {
    return this.#around;
  }

  /** Adds an empty history; when there is no room for it, another one goes. */
  add(key: string): EntityHistory {
    const history = new EntityHistory(key, this.#totalCount, this.#withIds);
    this.#byKey.set(key, history);
    if (this.#around.length < this.#limit) {
      this.#around.push(history);
      return history;
    }
    while (this.#around[this.#hand]!.usedLately) {
      this.#around[this.#hand]!.usedLately = false;
      this.#hand = (this.#hand + 1) % this.#limit;
    }
    this.#byKey.delete(this.#around[this.#hand]!.key);
    this.#around[this.#hand] = history;
    this.#hand = (this.#hand + 1) % this.#limit;
    this.dropped++;
    return history;
  }
}
