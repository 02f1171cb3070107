/**
 * The newest of many items, oldest first, at most so many: a ring once it is full. An item more takes the place of the oldest, which is
 * dropped and counted.
 */
export class NewestItems<Item> {
  readonly #capacity: number;
  readonly #ring: (Item | undefined)[] = [];
  /** Place of the oldest item. */
  #head = 0;
  #size = 0;
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** Items that had to make room, so far. */
  get dropped(): number {
    return this.#dropped;
  }

  add(item: Item): void {
    this.#ring[(this.#head + this.#size) % this.#capacity] = item;
    if (this.#size < this.#capacity) {
      this.#size++;
      return;
    }
    this.#head = (this.#head + 1) % this.#capacity;
    this.#dropped++;
  }

  all(): Item[] {
    return Array.from({ length: this.#size }, (_, i) => this.#ring[(this.#head + i) % this.#capacity]!);
  }

  /** Removes the oldest items, at most so many, and gives them. */
  takeOldest(count: number): Item[] {
    const taken: Item[] = [];
    for (; taken.length < count && this.#size > 0; this.#size--) {
      taken.push(this.#ring[this.#head]!);
      this.#ring[this.#head] = undefined;
      this.#head = (this.#head + 1) % this.#capacity;
    }
    return taken;
  }

  /** Forgets all items; does not count as dropping. */
  clear(): void {
    this.#ring.length = 0;
    this.#head = 0;
    this.#size = 0;
  }
}
