/**
 * Listings that are asked for again and again. A listing is kept with the mark that its store gave before it was made, and brought up to
 * date by what changed since (`changesSince`), where the store can tell; else it is made anew. What is kept is replaced whole, and only
 * once its update succeeded, so a failure leaves it as old as its mark says. Updates of one listing never overlap, and a caller always
 * gets one that began after its call.
 *
 * As long as nothing changed the array is the same, so what was derived from it still holds.
 */
import type { BlobInfo, BlobStore, StoreChanges } from '@fraudops/core';
import { coalesced } from './coalesced.js';

/** What is kept of a listed blob. */
export type KeptItem = Pick<BlobInfo, 'key' | 'etag' | 'sizeBytes'>;

/** The blobs with one prefix. */
export class KeptListing<Item extends KeptItem> {
  readonly #store: BlobStore;
  readonly #prefix: string;
  readonly #itemOf: (info: BlobInfo) => Item | undefined;
  readonly #most: number;
  readonly #refresh = coalesced(() => this.#update());
  #items: readonly Item[] = [];
  /** Stands for a moment before the items were listed. */
  #mark: string | undefined;

  /**
   * @param itemOf what is kept of a blob; undefined for one that is none of the kind
   * @param most after one more the listing ends, so that the caller sees that there are too many
   */
  constructor(store: BlobStore, prefix: string, itemOf: (info: BlobInfo) => Item | undefined, most: number) {
    this.#store = store;
    this.#prefix = prefix;
    this.#itemOf = itemOf;
    this.#most = most;
  }

  /** Items that are kept. */
  get size(): number {
    return this.#items.length;
  }

  /** What a listing that is begun now would give, in order of the keys. */
  async items(): Promise<readonly Item[]> {
    await this.#refresh();
    return this.#items;
  }

  async #update(): Promise<void> {
    const since = this.#mark;
    const told = await this.#store.changesSince?.(this.#prefix, since);
    const items = told?.changes && since !== undefined ? this.#changed(told.changes) : await this.#list();
    this.#items = isSame(items, this.#items) ? this.#items : items;
    this.#mark = items.length > this.#most ? undefined : told?.mark;
  }

  async #list(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const info of this.#store.list(this.#prefix)) {
      const item = this.#itemOf(info);
      if (item) items.push(item);
      if (items.length > this.#most) break;
    }
    return items;
  }

  #changed({ put, deleted }: NonNullable<StoreChanges['changes']>): readonly Item[] {
    const changed = new Map<string, Item | undefined>();
    for (const key of deleted) if (this.#find(key)) changed.set(key, undefined);
    for (const info of put) {
      const item = this.#itemOf(info);
      const before = this.#find(info.key);
      if (item && !(before && isEqual(item, before))) changed.set(info.key, item);
    }
    if (changed.size === 0) return this.#items;
    const added = [...changed.values()].filter((item) => item !== undefined);
    return [...this.#items.filter(({ key }) => !changed.has(key)), ...added].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  #find(key: string): Item | undefined {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#items[middle]!.key < key) low = middle + 1;
      else high = middle;
    }
    const found = this.#items[low];
    return found?.key === key ? found : undefined;
  }
}

/** Whether listings are the same. */
export function isSame(items: readonly KeptItem[], others: readonly KeptItem[]): boolean {
  return items === others || (items.length === others.length && items.every((item, i) => isEqual(item, others[i]!)));
}

function isEqual(a: KeptItem, b: KeptItem): boolean {
  return a.key === b.key && a.etag === b.etag && a.sizeBytes === b.sizeBytes;
}
