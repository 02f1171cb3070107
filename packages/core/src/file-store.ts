/**
 * A blob store in a folder, safe between processes and across crashes.
 *
 * A file system has no compare-and-swap, but it has two exclusive steps: giving a file a name that must be free, and renaming a
 * folder. So a key is a folder, and each put adds the next numbered generation to it:
 *
 * ```
 * <root>/runs/r1/run.json#/1/1     first put
 * <root>/runs/r1/run.json#/1/2     second put: whoever links the name `2` first has won, everybody else gets EEXIST
 * <root>/#tmp/                     what is being written, see `temporary-folder.ts`
 * ```
 *
 * - **First put**: the folder is made complete under `#tmp`, synced, and renamed to its place, which fails when it is taken; then the parent
 *   is synced, once for all puts that wait for it.
 * - **Further puts**: write a temporary file, fsync it, link it to the next generation's name, fsync the folder.
 * - **Delete**: make the next generation a symbolic link to nowhere (a tombstone), which is as exclusive as a link.
 * - **Trim**: old generations can't simply be removed, because a slow writer could then take a freed name and believe it won.
 *   So the folder `1`, the epoch, is renamed to `2` first: the slow writer's path is gone, its link fails, and it reads again.
 *   A key's folder stays for good, so its first put can't happen twice either.
 *
 * Upper-case letters, which some file systems fold, are written as `%41`. Characters of keys never include `#` and `%`.
 */
import { link, open, symlink } from 'node:fs/promises';
import path from 'node:path';
import {
  type BlobInfo,
  type BlobStore,
  type PutCondition,
  type StoreChanges,
  type StoredBlob,
  requireValidDelete,
  requireValidKey,
  requireValidKeys,
  requireValidPut,
} from './blob-store.js';
import { type Draft, draftFile, draftFolder, placing } from './draft.js';
import { DurableFolders } from './durable-folders.js';
import { StoreError } from './errors.js';
import { listBlobs } from './folder-listing.js';
import { type MadeGeneration, encodeSegment, makeNextGeneration, placeKeyFolder, trim } from './key-folder.js';
import { requireCondition } from './memory-store.js';
import { retryingMoved } from './moved-on.js';
import {
  type NewestGeneration,
  currentEtag,
  etagOf,
  infoOf,
  modifiedMsOf,
  newestDirectly,
  readNewest,
} from './newest-generation.js';
import { readTogether } from './read-together.js';
import type { OpenFolder } from './synced-files.js';
import { TemporaryFolder } from './temporary-folder.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** Largest blob, in bytes; a put above it fails with TOO_LARGE. Default 1 GiB. */
  maxBlobBytes?: number;
}

/** Generations a key may gather before the old ones are removed: many of small blobs, few of large ones. */
const SMALL_GENERATIONS_KEPT = 16;
const LARGE_GENERATIONS_KEPT = 2;
const LARGE_BLOB_BYTES = 64 * 1024;

/**
 * A blob store in a folder of the local file system (ext4, xfs, apfs and the like; it needs hard links). The folder is made at the first put.
 *
 * @example
 * const store = fileStore('.fraudops');
 * await store.put('models/fraud/log/00000001.json', bytes, { ifNoneMatch: '*' });
 */
export function fileStore(directory: string, options: FileStoreOptions = {}): BlobStore {
  return new FileStore(path.resolve(directory), options.maxBlobBytes ?? 2 ** 30);
}

class FileStore implements BlobStore {
  readonly #root: string;
  readonly #maxBlobBytes: number;
  readonly #folders: DurableFolders;
  readonly #temporary: TemporaryFolder;

  constructor(root: string, maxBlobBytes: number) {
    this.#root = root;
    this.#maxBlobBytes = maxBlobBytes;
    this.#folders = new DurableFolders(root);
    this.#temporary = new TemporaryFolder(root, this.#folders);
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    const folder = this.#folderOf(key);
    return retryingMoved('get', key, async () => {
      const newest = await readNewest(folder);
      if (newest.generation === 0 || newest.deleted) return undefined;
      const file = await open(path.join(folder, String(newest.epoch), String(newest.generation)), 'r');
      try {
        const content = await file.readFile();
        // A plain Uint8Array, as of all stores: a Buffer's slice() would share memory.
        const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
        return { bytes, etag: etagOf(newest), modifiedMs: modifiedMsOf(newest) };
      } finally {
        await file.close();
      }
    });
  }

  async getMany(keys: readonly string[]): Promise<(StoredBlob | undefined)[]> {
    requireValidKeys(keys);
    return readTogether(
      keys,
      (key) => this.#folderOf(key),
      (key) => this.get(key),
    );
  }

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    requireValidPut(key, bytes, when);
    if (bytes.length > this.#maxBlobBytes) {
      throw new StoreError('TOO_LARGE', `put ${key}: ${bytes.length} bytes, at most ${this.#maxBlobBytes} are allowed`, {
        details: { key, sizeBytes: bytes.length, maxBytes: this.#maxBlobBytes },
      });
    }
    // The caller may go on to use the array.
    const copy = bytes.slice();
    const accept = (etag: string | undefined) => {
      requireCondition(key, etag, when);
      return true;
    };
    const seen = await this.#newest('put', key);
    // A put that is refused anyway should not cost writing its bytes.
    accept(currentEtag(seen));
    const draft = await this.#draft(key, copy, seen);
    try {
      const generation = await this.#addGeneration('put', key, {
        seen,
        accept,
        most: copy.length > LARGE_BLOB_BYTES ? LARGE_GENERATIONS_KEPT : SMALL_GENERATIONS_KEPT,
        make: (newest) => placing(draft, key, () => this.#place(key, draft, newest)),
        tidy: () => draft.remove(),
      });
      return { etag: etagOf({ generation, mtimeNs: draft.mtimeNs }) };
    } catch (error) {
      await draft.remove();
      throw error;
    }
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidDelete(key, when);
    const accept = (etag: string | undefined) => {
      requireCondition(key, etag, when);
      return etag !== undefined;
    };
    const seen = await this.#newest('delete', key);
    if (!accept(currentEtag(seen))) return;
    const makeTombstone = (epochFolder: string, name: string) => symlink('deleted', path.join(epochFolder, name));
    await this.#temporary.announcing('delete', key, () =>
      this.#addGeneration('delete', key, {
        seen,
        accept,
        // At most the tombstone itself is kept, so that deleting makes room and deleted data are gone.
        most: 1,
        make: (newest) => makeNextGeneration(this.#folderOf(key), newest, makeTombstone),
      }),
    );
  }

  list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    const readCarefully = (key: string) =>
      retryingMoved('list', key, async () => infoOf(key, await readNewest(this.#folderOf(key))));
    return listBlobs({ root: this.#root, prefix, startAfter: from.startAfter ?? '', readCarefully });
  }

  /** Tells whether anything may have changed, in the whole store: `changes` is empty or undefined. See `temporary-folder.ts`. */
  changesSince(_prefix: string, mark: string | undefined): Promise<StoreChanges> {
    return this.#temporary.changesSince(mark);
  }

  /**
   * Makes the key's next generation with an exclusive step, if the key's etag is accepted at that moment. Returns its number, or 0
   * when it was not accepted.
   * @throws {ConflictError} when accepting throws it
   */
  async #addGeneration(operation: string, key: string, step: GenerationStep): Promise<number> {
    let seen: NewestGeneration | undefined = step.seen;
    const made = await retryingMoved(operation, key, async () => {
      const newest = seen ?? (await this.#newest(operation, key));
      // A step that fails has found that the key moved on.
      seen = undefined;
      return step.accept(currentEtag(newest)) ? step.make(newest) : undefined;
    });
    if (!made) return 0;
    // Others may see the generation and build on it from here on, so nothing is done a second time.
    const tidied = step.tidy?.();
    try {
      await settle(operation, key, made.folder);
    } finally {
      await tidied;
    }
    // Another process may trim as well, or the next writer will.
    if (made.kept > step.most) await trim(this.#folderOf(key), made.epoch).catch(() => {});
    return made.generation;
  }

  async #newest(operation: string, key: string): Promise<NewestGeneration> {
    const folder = this.#folderOf(key);
    return newestDirectly(folder) ?? retryingMoved(operation, key, () => readNewest(folder));
  }

  #draft(key: string, bytes: Uint8Array, newest: NewestGeneration): Promise<Draft> {
    if (newest.generation > 0) return draftFile(this.#temporary, key, bytes);
    return draftFolder(this.#temporary, key, bytes, () => this.#folders.make(path.dirname(this.#folderOf(key))));
  }

  /** Makes a draft the generation behind the newest one. */
  async #place(key: string, draft: Draft, newest: NewestGeneration): Promise<MadeGeneration> {
    const folder = this.#folderOf(key);
    if (newest.generation > 0) {
      return makeNextGeneration(folder, newest, (epoch, name) => link(draft.file, path.join(epoch, name)));
    }
    if (draft.folder === undefined) {
      throw new StoreError('UNAVAILABLE', `put ${key}: somebody removed the folder of the key; try again`, { details: { key } });
    }
    const parent = path.dirname(folder);
    await this.#folders.make(parent);
    return placeKeyFolder(draft.folder, folder, this.#folders.open(parent));
  }

  #folderOf(key: string): string {
    return `${path.join(this.#root, ...key.split('/').map(encodeSegment))}#`;
  }
}

/** How a generation is made; see `#addGeneration`. */
interface GenerationStep {
  /** The newest generation as it was looked at first. */
  readonly seen: NewestGeneration;
  /** Whether to go on, given the key's etag; throws ConflictError when the condition does not hold. */
  readonly accept: (etag: string | undefined) => boolean;
  /** The exclusive step. */
  readonly make: (newest: NewestGeneration) => Promise<MadeGeneration>;
  /** Removes what the step was made from, if that was something; never fails. */
  readonly tidy?: () => Promise<void>;
  /** Generations that the key may keep. */
  readonly most: number;
}

/** Sees that a name which is visible already is on disk too. */
async function settle(operation: string, key: string, folder: OpenFolder): Promise<void> {
  try {
    await folder.sync();
  } catch (error) {
    const reason = (error as Error).message;
    throw new StoreError(
      'UNKNOWN_OUTCOME',
      `${operation} ${key}: done, but it may not last, the disk said: ${reason}; get tells`,
      {
        details: { key },
        cause: error,
      },
    );
  } finally {
    folder.close();
  }
}
