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
import { link, mkdir, open, readdir, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { type BlobInfo, type BlobStore, type PutCondition, type StoredBlob, requireValidKey } from './blob-store.js';
import { ConflictError, StoreError } from './errors.js';
import {
  type KeyState,
  decodeSegment,
  encodeSegment,
  etagOf,
  ignoreMissing,
  readFolder,
  readKeyState,
  syncFolder,
  trim,
} from './key-folder.js';
import { requireCondition } from './memory-store.js';
import { toStoreError } from './system-failure.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** Largest blob, in bytes; a put above it fails with TOO_LARGE. Default 1 GiB. */
  maxBlobBytes?: number;
}

/** Generations a key may gather before the old ones are removed. */
const GENERATIONS_KEPT = 16;
/** How often a step is tried again when another process moved on in between. */
const MAX_ATTEMPTS = 200;
/** Temporary files older than this were left by a process that died. */
const STALE_TEMPORARY_MS = 60 * 60 * 1000;
const TEMPORARY_FOLDER = '#tmp';

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

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    requireValidKey(key);
    if (bytes.length > this.#maxBlobBytes) {
      throw new StoreError('TOO_LARGE', `put ${key}: ${bytes.length} bytes, at most ${this.#maxBlobBytes} are allowed`, {
        details: { key, sizeBytes: bytes.length, maxBytes: this.#maxBlobBytes },
      });
    }
    // A put that is refused anyway should not cost writing its bytes.
    requireCondition(key, await this.#currentEtag(key), when);
    const temporary = await this.#writeTemporary(key, bytes);
    try {
      const generation = await this.#addGeneration('put', key, when, (target) => link(temporary.path, target));
      return { etag: etagOf(generation, temporary.mtimeNs) };
    } finally {
      await unlink(temporary.path).catch(ignoreMissing);
    }
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidKey(key);
    const etag = await this.#currentEtag(key);
    requireCondition(key, etag, when);
    if (etag === undefined) return;
    await this.#addGeneration('delete', key, when ?? { ifMatch: etag }, (target) => symlink('deleted', target)).catch(
      (error: unknown) => {
        // Without a condition, losing to another writer means that its blob came after the deletion.
        if (when || !(error instanceof ConflictError)) throw error;
      },
    );
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    yield* this.#listFolder('', prefix, from.startAfter ?? '');
  }

  /**
   * Makes the key's next generation with the given exclusive step. Returns its number.
   * @throws {ConflictError} when the condition does not hold at the moment of the step
   */
  #addGeneration(
    operation: string,
    key: string,
    when: PutCondition | undefined,
    make: (target: string) => Promise<void>,
  ): Promise<number> {
    const folder = this.#folderOf(key);
    return this.#retrying(operation, key, async () => {
      const state = await readKeyState(folder);
      if (when) requireCondition(key, await this.#etagOfState(key, state), when);
      if (state.generation === 0) {
        await this.#makeKeyFolder(folder, make);
        return 1;
      }
      const next = { ...state, generation: state.generation + 1 };
      await make(this.#generationPath(key, next));
      await syncFolder(path.join(folder, String(next.epoch)));
      if (state.kept >= GENERATIONS_KEPT) await trim(folder, next);
      return next.generation;
    });
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
      await unlink(temporary).catch(() => {});
      throw toStoreError('put', key, error);
    }
  }

  async #prepare(): Promise<void> {
    const folder = path.join(this.#root, TEMPORARY_FOLDER);
    try {
      await mkdir(folder, { recursive: true });
      for (const name of await readdir(folder)) {
        const file = path.join(folder, name);
        const modifiedMs = await stat(file)
          .then(({ mtimeMs }) => mtimeMs)
          .catch(() => Number.POSITIVE_INFINITY);
        if (modifiedMs < Date.now() - STALE_TEMPORARY_MS) await rm(file, { recursive: true, force: true });
      }
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  /** Makes a key's folder with its first generation, in one step: complete elsewhere, then renamed to its place. */
  async #makeKeyFolder(folder: string, make: (target: string) => Promise<void>): Promise<void> {
    const prepared = this.#temporaryPath();
    const epoch = path.join(prepared, '1');
    try {
      await mkdir(epoch, { recursive: true });
      await make(path.join(epoch, '1'));
      await Promise.all([syncFolder(epoch), syncFolder(prepared), this.#makeFolder(path.dirname(folder))]);
      await rename(prepared, folder);
    } catch (error) {
      await rm(prepared, { recursive: true, force: true });
      throw error;
    }
    await syncFolder(path.dirname(folder));
  }

  /** Makes a folder with its parents, and sees that all of their names are on disk. */
  async #makeFolder(folder: string): Promise<void> {
    const firstMade = await mkdir(folder, { recursive: true });
    // Another process may have made it and not come to its fsync yet, so the nearest parent is always synced.
    const top = path.dirname(firstMade ?? folder);
    const parents: string[] = [];
    for (
      let parent = path.dirname(folder);
      parent.length >= Math.max(top.length, this.#root.length);
      parent = path.dirname(parent)
    ) {
      parents.push(parent);
    }
    await Promise.all(parents.map(syncFolder));
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
    const entries = await readFolder(path.join(this.#root, ...base.split('/').map(encodeSegment)));
    const names = entries.map((entry) => entry.name).filter((name) => !name.startsWith('#'));
    // A key and the keys below it are two entries of the order, since `a-b` comes between `a` and `a/b`.
    const order = names
      .map((name) => (name.endsWith('#') ? decodeSegment(name.slice(0, -1)) : `${decodeSegment(name)}/`))
      .toSorted();
    for (const item of order) {
      const key = base + item;
      if (item.endsWith('/')) {
        const overlaps = key.startsWith(prefix) || prefix.startsWith(key);
        const isBehind = key > startAfter || startAfter.startsWith(key);
        if (overlaps && isBehind) yield* this.#listFolder(key, prefix, startAfter);
      } else if (key.startsWith(prefix) && key > startAfter) {
        const info = await this.#info(key);
        if (info) yield info;
      }
    }
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
