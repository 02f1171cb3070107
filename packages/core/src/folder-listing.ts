/**
 * Lists the keys of a file store, in their order, by direct system calls in short stretches. Where these say that something is unusual, or
 * take long because a disk has to be waited for, keys are read carefully, through the thread pool.
 */
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BlobInfo } from './blob-store.js';
import { eachBounded } from './each-bounded.js';
import { decodeSegment, encodeSegment } from './key-folder.js';
import { infoOf, newestDirectly, readFolder } from './newest-generation.js';
import { ShortStretches } from './short-stretches.js';
import { toStoreError } from './system-failure.js';

/** Keys looked at before the first of them is given. */
const MOST_LISTED_TOGETHER = 256;
/** Keys read carefully at once. */
const PARALLEL_KEYS = 16;
/** Folders up to this size are read directly: it is one of some hundred names at most, on all file systems. */
const SMALL_FOLDER_BYTES = 8 * 1024;

/** What is listed. */
interface Listing {
  readonly root: string;
  readonly prefix: string;
  readonly startAfter: string;
  /** Reads a key whatever is in its way. */
  readonly readCarefully: (key: string) => Promise<BlobInfo | undefined>;
}

/** The blobs whose keys begin with the prefix and come behind `startAfter`. @throws {StoreError} as `list` of a store does */
export async function* listBlobs(listing: Listing): AsyncGenerator<BlobInfo> {
  for await (const infos of new FolderLister(listing).below('')) {
    for (const info of infos) if (info) yield info;
  }
}

class FolderLister {
  readonly #listing: Listing;
  readonly #stretches = new ShortStretches();

  constructor(listing: Listing) {
    this.#listing = listing;
  }

  /** The keys below a folder, some at a time. `base` is the folder's own key with a slash, or nothing for the root. */
  async *below(base: string): AsyncGenerator<(BlobInfo | undefined)[]> {
    const { prefix, startAfter } = this.#listing;
    let together: string[] = [];
    let most = 1;
    for (const item of await this.#itemsIn(base)) {
      const key = base + item;
      if (item.endsWith('/')) {
        const overlaps = key.startsWith(prefix) || prefix.startsWith(key);
        const isBehind = key > startAfter || startAfter.startsWith(key);
        if (!overlaps || !isBehind) continue;
        yield await this.#infos(base, together);
        together = [];
        yield* this.below(key);
      } else if (key.startsWith(prefix) && key > startAfter && together.push(item) === most) {
        yield await this.#infos(base, together);
        together = [];
        // Whoever needs only the first keys should not wait for many.
        most = Math.min(2 * most, MOST_LISTED_TOGETHER);
      }
    }
    yield await this.#infos(base, together);
  }

  /** The keys in a folder and, with a slash, its folders: two entries of the order, since `a-b` comes between `a` and `a/b`. */
  async #itemsIn(base: string): Promise<string[]> {
    const items: string[] = [];
    for (const entry of await this.#entriesOf(base)) {
      if (entry.isDirectory()) items.push(...listItem(entry.name));
      if (this.#stretches.isOver()) await this.#stretches.giveWay();
    }
    // They come nearly in order.
    return items.toSorted();
  }

  async #entriesOf(base: string): Promise<Dirent[]> {
    const folder = this.#folderOf(base);
    try {
      if (lstatSync(folder).size <= SMALL_FOLDER_BYTES) return readdirSync(folder, { withFileTypes: true });
    } catch {
      // Said below, if it is to be said.
    }
    return readFolder(folder).catch((error: unknown) => {
      throw toStoreError('list', base || '/', error);
    });
  }

  /** What a list says of keys in a folder, undefined for those without a blob. */
  async #infos(base: string, names: readonly string[]): Promise<(BlobInfo | undefined)[]> {
    const { readCarefully } = this.#listing;
    const folder = this.#folderOf(base);
    const infos: (BlobInfo | undefined)[] = [];
    const unread: number[] = [];
    let isSlow = false;
    if (this.#stretches.isOver()) await this.#stretches.giveWay();
    for (const [index, name] of names.entries()) {
      const newest = isSlow ? undefined : newestDirectly(`${folder}/${encodeSegment(name)}#`);
      infos.push(newest && infoOf(base + name, newest));
      if (!newest) unread.push(index);
      isSlow ||= this.#stretches.isSlow();
      if (this.#stretches.isOver()) await this.#stretches.giveWay();
    }
    await eachBounded(unread, PARALLEL_KEYS, async (index) => {
      infos[index] = await readCarefully(base + names[index]!);
    });
    return infos;
  }

  #folderOf(base: string): string {
    return path.join(this.#listing.root, ...base.split('/').map(encodeSegment));
  }
}

/** What a folder's name stands for in a list: a key, or the keys below a segment; nothing for a foreign name. */
function listItem(name: string): string[] {
  const segment = decodeSegment(name.endsWith('#') ? name.slice(0, -1) : name);
  if (segment === undefined) return [];
  return [name.endsWith('#') ? segment : `${segment}/`];
}
