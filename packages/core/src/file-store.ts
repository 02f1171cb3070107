/**
 * A blob store in a folder, safe between processes and across crashes.
 *
 * A file system has no compare-and-swap, but it has two exclusive steps: giving a file a name that must be free, and renaming a
 * folder. So a key is a folder, and each put adds the next numbered generation to it:
 *
 * ```
 * <root>/runs/r1/run.json#/1/1     first put
 * <root>/runs/r1/run.json#/1/2     second put: whoever links the name `2` first has won, everybody else gets EEXIST
 * <root>/#tmp/                     what is being written
 * ```
 *
 * - **First put**: the folder is made complete under `#tmp` and renamed to its place, which fails when it is taken.
 * - **Further puts**: write a temporary file, fsync it, link it to the next generation's name, fsync the folder.
 * - **Delete**: make the next generation a symbolic link to nowhere (a tombstone), which is as exclusive as a link.
 * - **Trim**: old generations can't simply be removed, because a slow writer could then take a freed name and believe it won.
 *   So the folder `1`, the epoch, is renamed to `2` first: the slow writer's path is gone, its link fails, and it reads again.
 *   A key's folder stays for good, so its first put can't happen twice either.
 *
 * Upper-case letters, which some file systems fold, are written as `%41`. Characters of keys never include `#` and `%`.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import {
  type BlobInfo,
  type BlobStore,
  type PutCondition,
  type StoredBlob,
  requireValidDelete,
  requireValidKey,
  requireValidKeys,
  requireValidPut,
} from './blob-store.js';
import { eachBounded } from './each-bounded.js';
import { StoreError } from './errors.js';
import {
  type KeyState,
  type MadeGeneration,
  decodeSegment,
  encodeSegment,
  etagOf,
  makeNextGeneration,
  readFolder,
  readKeyState,
  syncFolder,
  trim,
} from './key-folder.js';
import { requireCondition } from './memory-store.js';
import { readTogether } from './read-together.js';
import { toStoreError } from './system-failure.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** Largest blob, in bytes; a put above it fails with TOO_LARGE. Default 1 GiB. */
  maxBlobBytes?: number;
}

/** Generations a key may gather before the old ones are removed: many of small blobs, few of large ones. */
const SMALL_GENERATIONS_KEPT = 16;
const LARGE_GENERATIONS_KEPT = 2;
const LARGE_BLOB_BYTES = 64 * 1024;
/** How often a step is tried again when another process moved on in between. */
const MAX_ATTEMPTS = 200;
/** Temporary files older than this were left by a process that died. */
const STALE_TEMPORARY_MS = 60 * 60 * 1000;
const TEMPORARY_FOLDER = '#tmp';
/** Keys that a list looks at before it gives the first of them, and files read at once. */
const MOST_LISTED_TOGETHER = 256;
const PARALLEL_FILES = 16;
/** Folders remembered as being on disk with their names. */
const MAX_DURABLE_FOLDERS = 10_000;

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
  readonly #durableFolders = new Set<string>();
  #ready: Promise<void> | undefined;

  constructor(root: string, maxBlobBytes: number) {
    this.#root = root;
    this.#maxBlobBytes = maxBlobBytes;
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    return this.#retrying('get', key, async () => {
      const state = await readKeyState(this.#folderOf(key));
      if (state.generation === 0 || state.deleted) return undefined;
      const file = await open(this.#generationPath(key, state), 'r');
      try {
        const { mtimeNs } = await file.stat({ bigint: true });
        const content = await file.readFile();
        // A plain Uint8Array, as of all stores: a Buffer's slice() would share memory.
        const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
        return { bytes, etag: etagOf(state.generation, mtimeNs), modifiedMs: Number(mtimeNs / 1_000_000n) };
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
    // A put that is refused anyway should not cost writing its bytes.
    accept(await this.#currentEtag(key));
    const temporary = await this.#writeTemporary(key, copy);
    try {
      const most = copy.length > LARGE_BLOB_BYTES ? LARGE_GENERATIONS_KEPT : SMALL_GENERATIONS_KEPT;
      const generation = await this.#addGeneration('put', key, {
        accept,
        most,
        make: (target) => linkTo(target, temporary.path, key),
      });
      return { etag: etagOf(generation, temporary.mtimeNs) };
    } finally {
      // What stays is removed later; it is no failure of the put.
      await unlink(temporary.path).catch(() => {});
    }
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidDelete(key, when);
    const accept = (etag: string | undefined) => {
      requireCondition(key, etag, when);
      return etag !== undefined;
    };
    if (!accept(await this.#currentEtag(key))) return;
    // At most the tombstone itself is kept, so that deleting makes room and deleted data are gone.
    await this.#addGeneration('delete', key, { accept, most: 1, make: (target) => symlink('deleted', target) });
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    yield* this.#listFolder('', prefix, from.startAfter ?? '');
  }

  /**
   * Makes the key's next generation with an exclusive step, if the key's etag is accepted at that moment. Returns its number, or 0
   * when it was not accepted.
   * @throws {ConflictError} when accepting throws it
   */
  async #addGeneration(operation: string, key: string, step: GenerationStep): Promise<number> {
    const folder = this.#folderOf(key);
    const made = await this.#retrying(operation, key, async () => {
      const state = await readKeyState(folder);
      if (!step.accept(await this.#etagOfState(key, state))) return undefined;
      return state.generation === 0 ? this.#makeKeyFolder(folder, step.make) : makeNextGeneration(folder, state, step.make);
    });
    if (!made) return 0;
    // Others may see the generation and build on it from here on, so nothing is done a second time.
    await settle(operation, key, made.folder);
    // Another process may trim as well, or the next writer will.
    if (made.kept > step.most) await trim(folder, made.epoch).catch(() => {});
    return made.generation;
  }

  async #currentEtag(key: string): Promise<string | undefined> {
    return this.#retrying('read', key, async () => this.#etagOfState(key, await readKeyState(this.#folderOf(key))));
  }

  async #etagOfState(key: string, state: KeyState): Promise<string | undefined> {
    if (state.generation === 0 || state.deleted) return undefined;
    const { mtimeNs } = await stat(this.#generationPath(key, state), { bigint: true });
    return etagOf(state.generation, mtimeNs);
  }

  /**
   * Runs a step that another process may disturb: a name taken first (EEXIST, ENOTEMPTY) or an epoch renamed (ENOENT) means that the key
   * has moved on, so the step reads again. Other failures become StoreErrors.
   */
  async #retrying<Result>(operation: string, key: string, step: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await step();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        const movedOn = code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'ENOENT';
        if (!movedOn || attempt >= MAX_ATTEMPTS) throw toStoreError(operation, key, error);
        if (attempt > 5) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 20)));
      }
    }
  }

  async #writeTemporary(key: string, bytes: Uint8Array): Promise<{ path: string; mtimeNs: bigint }> {
    const temporary = this.#temporaryPath();
    try {
      await (this.#ready ??= this.#prepare());
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
        return { path: temporary, mtimeNs: (await file.stat({ bigint: true })).mtimeNs };
      } finally {
        await file.close();
      }
    } catch (error) {
      // Whatever is wrong with the folder, the next put looks at it anew.
      this.#ready = undefined;
      await unlink(temporary).catch(() => {});
      throw toStoreError('put', key, error);
    }
  }

  /** Makes the folder of temporary files, and removes what dead processes left there. */
  async #prepare(): Promise<void> {
    const folder = path.join(this.#root, TEMPORARY_FOLDER);
    await this.#makeFolder(folder);
    for (const name of await readdir(folder)) await removeIfStale(folder, name).catch(() => {});
  }

  /** Makes a key's folder with its first generation, in one step: complete elsewhere, then renamed to its place. */
  async #makeKeyFolder(folder: string, make: (target: string) => Promise<void>): Promise<MadeGeneration> {
    const prepared = this.#temporaryPath();
    const epoch = path.join(prepared, '1');
    const parent = path.dirname(folder);
    try {
      await mkdir(epoch, { recursive: true });
      await make(path.join(epoch, '1'));
      await Promise.all([syncFolder(epoch), syncFolder(prepared), this.#makeFolder(parent)]);
      const handle = await open(parent, 'r');
      await rename(prepared, folder).catch(async (error: unknown) => {
        await handle.close();
        throw error;
      });
      return { epoch: 1, generation: 1, kept: 1, folder: handle };
    } catch (error) {
      await rm(prepared, { recursive: true, force: true }).catch(() => {});
      throw error;
    }
  }

  /** Makes a folder with its parents, and sees that their names are on disk, whichever process made them. */
  async #makeFolder(folder: string): Promise<void> {
    const firstMade = await mkdir(folder, { recursive: true });
    const shortest = Math.min(this.#root.length, firstMade?.length ?? Number.POSITIVE_INFINITY);
    const unsure: string[] = [];
    for (let name = folder; name.length >= shortest && name !== path.dirname(name); name = path.dirname(name)) {
      if (firstMade !== undefined || !this.#durableFolders.has(name)) unsure.push(name);
    }
    await Promise.all(unsure.map((name) => syncFolder(path.dirname(name))));
    if (this.#durableFolders.size > MAX_DURABLE_FOLDERS) this.#durableFolders.clear();
    for (const name of unsure) this.#durableFolders.add(name);
  }

  #temporaryPath(): string {
    return path.join(this.#root, TEMPORARY_FOLDER, `${process.pid}-${randomBytes(8).toString('hex')}`);
  }

  #folderOf(key: string): string {
    return `${path.join(this.#root, ...key.split('/').map(encodeSegment))}#`;
  }

  #generationPath(key: string, state: { epoch: number; generation: number }): string {
    return path.join(this.#folderOf(key), String(state.epoch), String(state.generation));
  }

  /** Lists the keys below a folder. `base` is the folder's own key with a slash, or nothing for the root. */
  async *#listFolder(base: string, prefix: string, startAfter: string): AsyncIterable<BlobInfo> {
    const folder = path.join(this.#root, ...base.split('/').map(encodeSegment));
    const entries = await readFolder(folder).catch((error: unknown) => {
      throw toStoreError('list', base || '/', error);
    });
    // A key and the keys below it are two entries of the order, since `a-b` comes between `a` and `a/b`.
    const order = entries.flatMap((entry) => (entry.isDirectory() ? listItem(entry.name) : [])).toSorted();
    let together: string[] = [];
    let most = 1;
    for (const item of order) {
      const key = base + item;
      if (item.endsWith('/')) {
        const overlaps = key.startsWith(prefix) || prefix.startsWith(key);
        const isBehind = key > startAfter || startAfter.startsWith(key);
        if (!overlaps || !isBehind) continue;
        yield* await this.#infos(together);
        together = [];
        yield* this.#listFolder(key, prefix, startAfter);
      } else if (key.startsWith(prefix) && key > startAfter && together.push(key) === most) {
        yield* await this.#infos(together);
        together = [];
        // Whoever needs only the first keys should not wait for many.
        most = Math.min(2 * most, MOST_LISTED_TOGETHER);
      }
    }
    yield* await this.#infos(together);
  }

  /** What a list says of keys, those that have a blob. */
  async #infos(keys: readonly string[]): Promise<BlobInfo[]> {
    const infos = await eachBounded(keys, PARALLEL_FILES, (key) => this.#info(key));
    return infos.filter((info) => info !== undefined);
  }

  #info(key: string): Promise<BlobInfo | undefined> {
    return this.#retrying('list', key, async () => {
      const state = await readKeyState(this.#folderOf(key));
      if (state.generation === 0 || state.deleted) return undefined;
      const { mtimeNs, size } = await stat(this.#generationPath(key, state), { bigint: true });
      return { key, etag: etagOf(state.generation, mtimeNs), sizeBytes: Number(size), modifiedMs: Number(mtimeNs / 1_000_000n) };
    });
  }
}

/** How a generation is made; see `#addGeneration`. */
interface GenerationStep {
  /** Whether to go on, given the key's etag; throws ConflictError when the condition does not hold. */
  readonly accept: (etag: string | undefined) => boolean;
  /** The exclusive step. */
  readonly make: (target: string) => Promise<void>;
  /** Generations that the key may keep. */
  readonly most: number;
}

/** Gives a temporary file its final name. */
async function linkTo(target: string, temporary: string, key: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    const isThere = await stat(temporary).then(
      () => true,
      () => false,
    );
    if (isThere) throw error;
    throw new StoreError('UNAVAILABLE', `put ${key}: the temporary file was removed before it got its name; try again`, {
      details: { key },
      cause: error,
    });
  }
}

/** Sees that a name which is visible already is on disk too. */
async function settle(operation: string, key: string, folder: FileHandle): Promise<void> {
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
    await folder.close().catch(() => {});
  }
}

/** Removes a temporary file or folder that is too old to be in use. It is renamed first: a writer that wakes up late finds it gone. */
async function removeIfStale(folder: string, name: string): Promise<void> {
  const file = path.join(folder, name);
  const { mtimeMs } = await stat(file);
  if (mtimeMs >= Date.now() - STALE_TEMPORARY_MS) return;
  const dead = path.join(folder, `dead-${randomBytes(8).toString('hex')}`);
  await rename(file, dead);
  await rm(dead, { recursive: true, force: true });
}

/** What a folder's name stands for in a list: a key, or the keys below a segment; nothing for a foreign name. */
function listItem(name: string): string[] {
  const segment = decodeSegment(name.endsWith('#') ? name.slice(0, -1) : name);
  if (segment === undefined) return [];
  return [name.endsWith('#') ? segment : `${segment}/`];
}
